import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const ROOT = join(import.meta.dirname, "..", "..");
const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: { start: string } };
/** What stands behind `node` in `npm start`. */
const START = manifest.scripts.start
  .split(" ")
  .slice(1)
  .map((word) => (word.startsWith("src/") ? join(ROOT, word) : word));

/** One line of the program's log. */
type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string };

/** The real program in a process of its own, as `npm start` runs it. */
export interface Valvomo {
  /** Resolves when it says that it is up, or that it stands by. */
  start(until?: "Valvomo is up" | "standing by"): Promise<void>;
  /** Resolves when it ends by itself, with its code; `null`: by a signal. */
  ended(): Promise<number | null>;
  /** SIGSTOP and SIGCONT. */
  freeze(): void;
  thaw(): void;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** kill -9. */
  kill(): Promise<void>;
  /** Ends it and removes its database. */
  remove(): Promise<void>;
  readonly log: readonly LogLine[];
  readonly databasePath: string;
  /** Of that file, unless the settings say otherwise. */
  readonly databaseUrl: string;
  readonly pid: number | undefined;
  /** Those that it has. */
  settings(): Readonly<Record<string, string>>;
  /** Other settings, from the next start on. */
  change(settings: Readonly<Record<string, string>>): void;
  /** Where its own port is; once it is up. */
  url(): string;
  /** What it wrote besides its log. */
  errors(): string;
}

/**
 * Prepares the program with these settings and a database of its own. It is not started yet.
 * @param options.openFiles how many files and connections it may have open; left out: as many as the test
 */
export function createValvomo(
  initial: Readonly<Record<string, string>>,
  { openFiles }: { readonly openFiles?: number } = {},
): Valvomo {
  let settings = initial;
  const folder = mkdtempSync(join(tmpdir(), "valvomo-e2e-"));
  const databasePath = join(folder, "valvomo.db");
  const log: LogLine[] = [];
  let child: ChildProcess | null = null;
  let errors = "";

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    const running = child;
    child = null;
    if (!running || running.exitCode !== null) return running?.exitCode ?? null;
    const exit = once(running, "exit");
    running.kill(signal);
    const [code] = (await exit) as [number | null];
    return code;
  }

  return {
    log,
    databasePath,
    get databaseUrl() {
      return settings["DATABASE_URL"] ?? `file:${databasePath}`;
    },
    get pid() {
      return child?.pid;
    },
    async start(untilSaid = "Valvomo is up") {
      const command = [process.execPath, ...START];
      const [program = "", ...words] =
        openFiles === undefined ? command : ["sh", "-c", `ulimit -n ${openFiles}; exec "$0" "$@"`, ...command];
      const started = spawn(program, words, {
        cwd: folder,
        env: { DATABASE_URL: `file:${databasePath}`, HTTP_PORT: "0", ...settings },
        stdio: ["ignore", "pipe", "pipe"],
      });
      child = started;
      errors = "";
      started.stderr.on("data", (data: Buffer) => (errors += data.toString()));
      await new Promise<void>((resolve, reject) => {
        started.once("exit", (code) => reject(new Error(`Valvomo ended with ${code}: ${errors}`)));
        createInterface(started.stdout).on("line", (text) => {
          const line = JSON.parse(text) as LogLine;
          log.push(line);
          if (line.msg === untilSaid) resolve();
        });
      });
    },
    async ended() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
      return ((await once(child, "exit")) as [number | null])[0];
    },
    freeze: () => void child?.kill("SIGSTOP"),
    thaw: () => void child?.kill("SIGCONT"),
    stop: () => end("SIGTERM"),
    settings: () => settings,
    change(more) {
      settings = { ...settings, ...more };
    },
    url: () => `http://127.0.0.1:${String(log.findLast(({ httpPort }) => httpPort !== undefined)?.["httpPort"])}`,
    errors: () => errors,
    async kill() {
      await end("SIGKILL");
    },
    async remove() {
      await end("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
