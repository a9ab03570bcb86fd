import { readNatural } from "./natural-time.ts";
import { readStretch } from "./stretch.ts";
import { isTimeWord, readTimeWords, toWords, unreadable } from "./typed-time.ts";
import type { TimeContext, TimesResult } from "./typed-time.ts";

/** Between two times, or before them; what they say is said by the order already. */
const CONNECTORS: ReadonlySet<string> = new Set(["from", "to", "until", "till", "-", "–"]);

/** Lengths and hours ago are exact however they are written, so they become time words. */
const LATELY = /\b(?:the )?(?:last|past) (\d{1,5}) ?(m|min|minutes?|h|hours?|d|days?|w|weeks?)\b/g;
const LATEST = /\b(?:the )?(?:last|past) (minute|hour|day)\b/g;
const AGO = /\b(\d{1,5}|an?) ?(m|min|minutes?|h|hours?) ago\b/g;

/**
 * Reads what somebody typed as times. What has one exact meaning is read here: time words, `last 3 hours`, `an hour ago`, and
 * periods by their names; only what is left goes to the reader of natural English. `since` is from then until now.
 */
export function readTimes(text: string, context: TimeContext): TimesResult {
  const typed = toWords(text).join(" ");
  const stretch = readStretch(typed, context);
  if (stretch !== null) return stretch;
  const rest = typed.replace(/^since /, "");
  const read = readExact(rest, context) ?? readStretch(rest, context) ?? readNatural(rest, context) ?? unreadable(typed);
  if (!read.ok || rest === typed) return read;
  return { ok: true, times: [...read.times, { kind: "instant", at: context.now }] };
}

function readExact(typed: string, context: TimeContext): TimesResult | null {
  const exact = typed
    .replace(LATELY, (_, count: string, unit: string) => `${count}${unit[0]}`)
    .replace(LATEST, (_, unit: string) => `1${unit[0]}`)
    .replace("half an hour ago", "30m ago")
    .replace(AGO, (_, count: string, unit: string) => `-${count.startsWith("a") ? 1 : count}${unit[0]}`);
  const words = exact.split(" ").filter((word) => word !== "" && !CONNECTORS.has(word));
  return words.every(isTimeWord) ? readTimeWords(words, context) : null;
}
