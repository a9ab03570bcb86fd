import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const PROGRAM = join(import.meta.dirname, "..", "..", "src", "simulator", "main.ts");

/** `npm run plant` in a process of its own. */
export interface PlantProgram {
  /** What it has said so far. */
  said(): string;
  /** Types a line. */
  type(line: string): void;
  /** Resolves with its exit code when it has ended by itself. */
  readonly ended: Promise<number | null>;
  /** Ctrl+C; resolves with its exit code. */
  stop(): Promise<number | null>;
}

/** Starts it with these options. */
export function startPlant(...options: readonly string[]): PlantProgram {
  const child = spawn(process.execPath, [PROGRAM, ...options], { stdio: ["pipe", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (said += data.toString()));
  const ended = once(child, "exit").then(([code]) => code as number | null);
  return {
    said: () => said,
    type: (line) => void child.stdin.write(`${line}\n`),
    ended,
    async stop() {
      if (child.exitCode === null) child.kill("SIGINT");
      return ended;
    },
  };
}
