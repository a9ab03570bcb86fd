import type { Drops } from "../health/dropped.ts";
import type { StatusLine } from "../lib/status-line.ts";
import { formatDuration, formatInstant } from "../lib/time/time.ts";
import type { Unread } from "../measurements/unread.ts";
import type { WatchdogStatus } from "../watchdog/watchdog.ts";

/** What is known of what comes, and of what does not. */
export interface ArrivalSources {
  readonly watchdog: () => WatchdogStatus;
  /** What was dropped lately. */
  readonly dropped: () => readonly Drops[];
  /** What came on live topics lately and could not be read. */
  readonly unread: () => readonly Unread[];
  readonly now: () => number;
}

/** What comes regularly, and what does not any more. */
export function watchdogLines({ watchdog }: ArrivalSources): StatusLine[] {
  const { watched, learning, unwatched, bridges, troubles } = watchdog();
  const lines = troubles.map(({ message }): StatusLine => ({ level: "error", name: "Silence", detail: message }));
  // One that is down is a trouble.
  for (const { name, isUp } of bridges.filter((bridge) => bridge.isUp !== false)) {
    const detail = isUp ? `${name} is up` : `the broker has not said yet whether ${name} is up`;
    lines.push({ level: isUp ? "ok" : "warning", name: "Bridge", detail });
  }
  if (unwatched > 0) {
    const detail = `${unwatched} messages came on live topics beyond those that can be watched`;
    lines.push({ level: "warning", name: "Signs of life", detail });
  }
  // Who watches nothing need not hear of it.
  if (watched + learning > 0) {
    lines.push({ level: "ok", name: "Signs of life", detail: `${watched} watched, ${learning} being learned` });
  }
  return lines;
}

/** What came and was not looked at. */
export function droppedLines({ dropped, now }: ArrivalSources, timeZone: string): StatusLine[] {
  return dropped().map(({ kind, words, count, since, lastAt }) => ({
    // That people look in who have no business here is no trouble of ours.
    level: kind === "strangers" ? "ok" : "warning",
    name: "Dropped",
    detail: `${count} ${words}; since ${formatInstant(since, timeZone, now())}, the last ${formatDuration(now() - lastAt)} ago`,
  }));
}

/** The newest few: more would hide the rest, and mostly one program sends them all. */
const MAX_UNREAD = 5;

/** What came and could not be read. */
export function unreadLines({ unread, now }: ArrivalSources): StatusLine[] {
  const found = unread();
  const lines = found.slice(0, MAX_UNREAD).map(({ topic, count, example, lastAt }): StatusLine => ({
    level: "warning",
    name: "Not understood",
    detail: `${count} ${count === 1 ? "message" : "messages"} on ${topic}, the last ${formatDuration(now() - lastAt)} ago: ${example}`,
  }));
  const more = found.length - lines.length;
  if (more > 0) lines.push({ level: "warning", name: "Not understood", detail: `messages on ${more} more topics` });
  return lines;
}
