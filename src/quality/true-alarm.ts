import type { Occasion } from "./course.ts";
import type { PastAct } from "./replay.ts";

/** What stands for so long is none that came and went by itself. */
const TRUE_MS = 60_000;

/** What people said of one time that an alarm stood. */
export interface Testimony {
  /** Somebody acknowledged it while it stood. */
  isSeen: boolean;
  worth: "useful" | "nothingToDo" | null;
}

/** What people said, with one more thing that somebody did. */
export function testify(said: Testimony, occasion: Occasion, { action, at }: PastAct): Testimony {
  const isStanding = occasion.to === null || at <= occasion.to;
  if (action === "acknowledge") return { ...said, isSeen: said.isSeen || isStanding };
  if (action === "takeBack") return { ...said, isSeen: false };
  return action === "useful" || action === "nothingToDo" ? { ...said, worth: action } : said;
}

/**
 * Whether it was right to tell people of it, as far as can be known. What was critical was, and so was what somebody called useful. If
 * somebody said that there was nothing to do, it was not. Of all others those were that somebody acknowledged while they stood, and those
 * that stood for a minute.
 */
export function isTrueAlarm({ peak, from, to }: Occasion, { isSeen, worth }: Testimony, endAt: number): boolean {
  if (peak === "critical" || worth === "useful") return true;
  return worth === null && (isSeen || (to ?? endAt) - from >= TRUE_MS);
}
