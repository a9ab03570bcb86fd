import { pbkdf2Sync, randomBytes } from "node:crypto";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";

const BINARY = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/opt/homebrew/sbin/mosquitto", "mosquitto"].find(
  (path) => spawnSync(path, ["-h"]).error === undefined,
);

/** Whether a real mosquitto is there. CI must have it; elsewhere its tests are skipped with a loud line. */
export const hasMosquitto = BINARY !== undefined;
if (!hasMosquitto) {
  if (process.env["CI"]) throw new Error("mosquitto is not installed: CI must test against the real broker");
  process.stderr.write("\n*** mosquitto is not installed: the tests against the real broker are SKIPPED ***\n\n");
}

/** A mosquitto of one's own, with its store in a folder that goes away with it. */
export interface Mosquitto {
  readonly port: number;
  readonly url: string;
  start(): Promise<void>;
  /** Replaces a file beside its configuration and lets it read all again (SIGHUP): passwords and access list. */
  change(name: string, content: string): void;
  /** Stops it in order, so that it writes its store. */
  stop(): Promise<void>;
  /** Ends it as a power cut does: what it had not written is gone. */
  kill(): Promise<void>;
  /** Removes its store while it is stopped, as a full or broken disk does: sessions, queues and retained messages. */
  forget(): void;
  /** Stops it and removes what it kept. */
  readonly remove: () => Promise<void>;
}

/**
 * mosquitto says "running" before its loop runs, and forgets a SIGTERM that comes between. Hanging up on rubbish is the first
 * thing that proves the loop, with TLS and without.
 */
function untilItServes(port: number): Promise<void> {
  return new Promise((resolve) => {
    connect(port, "127.0.0.1")
      .on("error", () => undefined)
      .on("close", () => resolve())
      .resume()
      .end("\0\0");
  });
}

/**
 * Starts mosquitto on a free port.
 * @param lines configuration besides the plain listener; `{ files }` are written beside it and named by `$DIR/<name>`
 */
export async function startMosquitto(
  options: { lines?: readonly string[]; files?: Readonly<Record<string, string>>; listener?: string } = {},
): Promise<Mosquitto> {
  const folder = mkdtempSync(join(tmpdir(), "valvomo-mosquitto-"));
  const port = await freePort();
  for (const [name, content] of Object.entries(options.files ?? {})) writeFileSync(join(folder, name), content);
  const config = [
    "user root",
    options.listener ?? "allow_anonymous true",
    "persistence true",
    `persistence_location ${folder}/`,
    "max_queued_messages 100000",
    ...(options.lines ?? []),
  ];
  const head = `listener ${port} 127.0.0.1`;
  writeFileSync(join(folder, "mosquitto.conf"), [head, ...config].join("\n").replaceAll("$DIR", folder));
  let child: ChildProcess | null = null;

  async function start(): Promise<void> {
    child = spawn(BINARY ?? "mosquitto", ["-c", join(folder, "mosquitto.conf")], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let log = "";
    await new Promise<void>((resolve, reject) => {
      child?.once("exit", (code) => reject(new Error(`mosquitto ended with ${code}: ${log}`)));
      child?.stderr?.on("data", (data: Buffer) => {
        log += data.toString();
        if (log.includes("running")) resolve();
      });
    });
    await untilItServes(port);
  }

  async function end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const running = child;
    child = null;
    if (!running || running.exitCode !== null) return;
    const exit = once(running, "exit");
    running.kill(signal);
    await exit;
  }
  const stop = () => end("SIGTERM");

  await start();
  return {
    port,
    url: `mqtt://127.0.0.1:${port}`,
    start,
    stop,
    kill: () => end("SIGKILL"),
    change(name, content) {
      writeFileSync(join(folder, name), content);
      child?.kill("SIGHUP");
    },
    forget: () => rmSync(join(folder, "mosquitto.db"), { force: true }),
    async remove() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One line of a password file as mosquitto_passwd writes it: PBKDF2 of SHA-512. */
export function passwordLine(user: string, password: string): string {
  const salt = randomBytes(12);
  const iterations = 101;
  const derived = pbkdf2Sync(password, salt, iterations, 64, "sha512");
  return `${user}:$7$${iterations}$${salt.toString("base64")}$${derived.toString("base64")}\n`;
}
