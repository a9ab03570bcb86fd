import { UNTIL_CLEARED } from "../alarms/handling-parts.ts";
import type { ShelvedAlarm } from "./types.ts";

/** What people put aside, and for how long. */
export class Shelves {
  readonly #all: ShelvedAlarm[] = [];
  /** Where in it an alarm stands that is put aside still, and when its time runs out; `null`: nobody noted that. */
  readonly #open = new Map<number, { readonly index: number; readonly endsAt: number | null }>();

  begin(alarm: number, shelved: Pick<ShelvedAlarm, "name" | "by" | "at" | "why">, endsAt: number | null): void {
    this.end(alarm, shelved.at);
    this.#open.set(alarm, { index: this.#all.length, endsAt });
    this.#all.push({ ...shelved, untilAt: null, isTakenBack: false });
  }

  /** It is not put aside any more, at the latest. */
  end(alarm: number, at: number, isTakenBack = false): void {
    const { index = -1, endsAt = null } = this.#open.get(alarm) ?? {};
    const shelved = this.#all[index];
    if (!shelved) return;
    const hasRunOut = endsAt !== null && endsAt !== UNTIL_CLEARED && endsAt <= at;
    this.#all[index] = { ...shelved, untilAt: hasRunOut ? endsAt : at, isTakenBack: isTakenBack && !hasRunOut };
    this.#open.delete(alarm);
  }

  /** The alarm was over. */
  cleared(alarm: number, at: number): void {
    const { index = -1, endsAt } = this.#open.get(alarm) ?? {};
    if (endsAt === UNTIL_CLEARED && at >= (this.#all[index]?.at ?? at)) this.end(alarm, at);
  }

  /** All of them; the time of what goes on is as it was wanted. */
  finish(): readonly ShelvedAlarm[] {
    for (const [alarm, { endsAt }] of this.#open)
      if (endsAt !== null && endsAt !== UNTIL_CLEARED) this.end(alarm, endsAt);
    return this.#all;
  }
}
