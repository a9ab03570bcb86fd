import { FLOOD_ABOVE, FLOOD_BELOW, TEN_MINUTES_MS } from "./limits.ts";
import type { AlarmFlood, MeasuredSpan } from "./types.ts";
import { LatelyWindow } from "./window.ts";

/**
 * Finds floods: one begins with the first of the more than ten alarms that came within ten minutes, and is over as soon as fewer than five
 * came in the ten minutes before.
 */
export class Floods {
  readonly #window = new LatelyWindow(TEN_MINUTES_MS);
  /** As many as make a flood, oldest first. */
  readonly #newest: { readonly at: number; readonly name: string }[] = [];
  #open: { readonly startAt: number; readonly firstOut: string; size: number } | null = null;
  readonly #found: AlarmFlood[] = [];

  add(at: number, name: string): void {
    this.#endBefore(at);
    this.#window.add(at);
    this.#newest.push({ at, name });
    if (this.#newest.length > FLOOD_ABOVE + 1) this.#newest.shift();
    const [first] = this.#newest;
    if (this.#open) this.#open.size += 1;
    else if (first && this.#window.size > FLOOD_ABOVE) {
      this.#open = { startAt: first.at, firstOut: first.name, size: this.#newest.length };
    }
  }

  /** Those that there were; what goes on ends with the span. */
  finish({ endAt }: Pick<MeasuredSpan, "endAt">): readonly AlarmFlood[] {
    this.#endBefore(endAt);
    if (this.#open) this.#found.push({ ...this.#open, endAt });
    this.#open = null;
    return this.#found;
  }

  #endBefore(at: number): void {
    const endAt = this.#window.fallsTo(FLOOD_BELOW - 1);
    if (!this.#open || endAt === null || endAt > at) return;
    this.#found.push({ ...this.#open, endAt });
    this.#open = null;
  }
}
