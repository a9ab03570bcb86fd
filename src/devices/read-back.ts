import type { Clock } from "../lib/time/clock.ts";
import type { Value } from "./data.ts";
import type { Devices } from "./devices.ts";
import type { Member } from "./types.ts";
import { isWhatWasWritten } from "./write.ts";

/** What became of a value that was written, and the member as it is then; `null`: it is not known any more. */
interface ReadBack {
  readonly result: "taken" | "not taken" | "no answer";
  readonly member: Member | null;
}

/** A PLC that was written to says so in a few seconds; halfway it is asked for all its values. */
const READ_BACK_MS = 16_000;
const LOOK_MS = 1_000;

/**
 * Looks until the plant says that it took a value, or has had its time. What came before it was written says nothing.
 * @param options.writtenAt epoch ms
 */
export async function readBack(options: {
  readonly devices: Pick<Devices, "get">;
  readonly ask: (root: string) => void;
  readonly root: string;
  readonly group: string;
  readonly path: string;
  readonly value: Value;
  readonly writtenAt: number;
  readonly clock: Pick<Clock, "elapsed" | "after">;
}): Promise<ReadBack> {
  const { devices, ask, root, value, writtenAt, clock } = options;
  const present = (): Member | null =>
    devices.get(root)?.members.find(({ group, path }) => group === options.group && path === options.path) ?? null;
  const isSaid = (member: Member | null): member is Member =>
    member !== null && member.at !== null && member.at >= writtenAt;
  const isTaken = (member: Member | null): boolean => isSaid(member) && isWhatWasWritten(member, value, member.value);

  const startedAt = clock.elapsed();
  const passedMs = (): number => clock.elapsed() - startedAt;
  let isAsked = false;
  while (!isTaken(present()) && passedMs() < READ_BACK_MS) {
    await new Promise<void>((resolve) => void clock.after(LOOK_MS, resolve));
    if (isAsked || passedMs() < READ_BACK_MS / 2) continue;
    isAsked = true;
    ask(root);
  }
  const member = present();
  return { member, result: isTaken(member) ? "taken" : isSaid(member) ? "not taken" : "no answer" };
}
