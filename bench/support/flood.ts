import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Flood, Flooded } from "./flood-process.ts";

/** Publishes from a process of its own; resolves when the broker has taken the last byte. */
export async function flood(options: Flood): Promise<Flooded> {
  const child = fork(join(import.meta.dirname, "flood-process.ts"), { serialization: "advanced" });
  try {
    child.send(options);
    const [flooded] = (await once(child, "message")) as [Flooded];
    return flooded;
  } finally {
    const exit = once(child, "exit");
    child.disconnect();
    await exit;
  }
}
