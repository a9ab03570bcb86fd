import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { SinkCall } from "./sink-process.ts";

/** A Telegram that takes everything and notes when. */
export interface Sink {
  readonly url: string;
  /** All calls since it was started, oldest first. */
  calls(): Promise<readonly SinkCall[]>;
  stop(): Promise<void>;
}

/** Starts the sink in a process of its own. */
export async function startSink(): Promise<Sink> {
  const child = fork(join(import.meta.dirname, "sink-process.ts"), { serialization: "advanced" });
  const [port] = (await once(child, "message")) as [number];
  const calls: SinkCall[] = [];
  return {
    url: `http://127.0.0.1:${port}`,
    async calls() {
      child.send("calls");
      const [newCalls] = (await once(child, "message")) as [SinkCall[]];
      for (const call of newCalls) calls.push(call);
      return calls;
    },
    async stop() {
      const exit = once(child, "exit");
      child.disconnect();
      await exit;
    },
  };
}
