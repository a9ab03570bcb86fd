import type ICAL from "ical.js";
import type { Destination } from "../alarms/types.ts";
import { isTimeZone } from "../lib/time/time.ts";
import { instantNear } from "../lib/time/wall-clock.ts";
import { exchanged, joined, type DutyTurn } from "./turn.ts";

type CalendarEntry = InstanceType<typeof ICAL.Event>;
type Time = InstanceType<typeof ICAL.Time>;

/** The turns of a calendar in a time. What of it is not understood is told, and is nobody's turn. */
export type CalendarTurns = (from: number, to: number, onProblem?: (problem: string) => void) => readonly DutyTurn[];

/** Whom its entries may name, and in which zone those are that say none. */
interface CalendarOptions {
  readonly people: readonly Destination[];
  readonly timeZone: string;
}

/** A rule that never ends is gone through from its beginning; so many are decades of days. */
const MAX_OCCURRENCES = 20_000;
/** An occurrence may be moved so far from where its rule has it. */
const MOVED_MS = 31 * 86_400_000;

/**
 * Reads a calendar (RFC 5545): each of its entries is a turn of the person whose name stands in its title. Where two overlap, the one that
 * begins later counts. The parser is loaded when somebody has a calendar.
 * @throws Error whose message says why it is none
 */
export async function readCalendar(text: string, options: CalendarOptions): Promise<CalendarTurns> {
  const { default: ical } = await import("ical.js");
  const calendar = new ical.Component(parsed(ical.parse, text));
  if (calendar.name !== "vcalendar") throw new Error("it is no calendar (VCALENDAR)");
  const entries = calendar.getAllSubcomponents("vevent").map((one) => new ical.Event(one));
  const series = entries.filter((entry) => !entry.isRecurrenceException());
  for (const entry of entries) {
    if (entry.isRecurrenceException()) series.find(({ uid }) => uid === entry.uid)?.relateException(entry);
  }
  const described = new Set(calendar.getAllSubcomponents("vtimezone").map((one) => one.getFirstPropertyValue("tzid")));
  const zoneOf = (entry: CalendarEntry, name: "dtstart" | "dtend", time: Time): string | null => {
    const tzid = entry.component.getFirstProperty(name)?.getFirstParameter("tzid");
    if (tzid === undefined) return time.zone.tzid === "UTC" ? null : options.timeZone;
    // By our own time zones where it is one of them: a calendar's description of it may be cut short, or missing.
    return isTimeZone(tzid) ? tzid : described.has(tzid) ? null : options.timeZone;
  };
  return (from, to, onProblem = () => undefined) => {
    const turns = series.flatMap((entry) => {
      const problems: string[] = [];
      const found = turnsOrNone(entry, {
        from,
        to,
        people: options.people,
        zoneOf,
        onProblem: (one) => problems.push(one),
      });
      problems.forEach(onProblem);
      return found;
    });
    return joined(turns.sort((a, b) => a.startAt - b.startAt).reduce<readonly DutyTurn[]>(exchanged, []));
  };
}

function parsed(parse: (text: string) => unknown, text: string): ConstructorParameters<typeof ICAL.Component>[0] {
  try {
    const result = parse(text);
    if (Array.isArray(result)) return result;
  } catch {
    // What the parser says is for programmers.
  }
  throw new Error("it cannot be read as a calendar (iCalendar)");
}

interface Wanted {
  readonly from: number;
  readonly to: number;
  readonly people: readonly Destination[];
  /** IANA name; `null`: the time says itself when it is. */
  readonly zoneOf: (entry: CalendarEntry, name: "dtstart" | "dtend", time: Time) => string | null;
  readonly onProblem: (problem: string) => void;
}

/** What the parser says of an entry is for programmers, and takes no turn away from others. */
function turnsOrNone(entry: CalendarEntry, wanted: Wanted): DutyTurn[] {
  try {
    return turnsOf(entry, wanted);
  } catch {
    wanted.onProblem(`${titleOf(entry)} cannot be understood: it needs a start, and an end or a length`);
    return [];
  }
}

/** An entry may have none, whatever the parser's types say. */
const wordsOf = ({ summary }: { readonly summary: string | null }): string => summary ?? "";
const titleOf = (entry: CalendarEntry): string => `“${wordsOf(entry)}”`;

function turnsOf(entry: CalendarEntry, wanted: Wanted): DutyTurn[] {
  const { to, zoneOf, onProblem } = wanted;
  const turn = (item: CalendarEntry, start: Time, end: Time, endOf: "dtstart" | "dtend"): DutyTurn[] => {
    const isNamed = item.component.getFirstProperty(endOf) !== null;
    const startAt = instantOf(start, zoneOf(item, "dtstart", start));
    const endAt = instantOf(end, zoneOf(item, isNamed ? endOf : "dtstart", end));
    return personTurn(item, startAt, endAt, wanted);
  };
  if (!entry.isRecurring()) return turn(entry, entry.startDate, entry.endDate, "dtend");
  const turns: DutyTurn[] = [];
  const occurrences = entry.iterator();
  for (let count = 0, next = occurrences.next(); next; next = occurrences.next(), count++) {
    if (instantOf(next, zoneOf(entry, "dtstart", next)) > to + MOVED_MS) break;
    if (count > MAX_OCCURRENCES) {
      onProblem(`${titleOf(entry)} recurs more than ${MAX_OCCURRENCES} times`);
      break;
    }
    const { startDate, endDate, item } = entry.getOccurrenceDetails(next);
    // The end of one that the rule makes is so much later by the clock of its start.
    turns.push(...turn(item, startDate, endDate, item === entry ? "dtstart" : "dtend"));
  }
  return turns;
}

function personTurn(
  item: CalendarEntry,
  startAt: number,
  endAt: number,
  { from, to, people, onProblem }: Wanted,
): DutyTurn[] {
  if (startAt >= to || (endAt <= from && startAt <= from)) return [];
  if (item.component.getFirstPropertyValue("status") === "CANCELLED") return [];
  const words = ` ${wordsOf(item)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_.-]+/gu, " ")} `;
  const named = people.filter(({ name }) => words.includes(` ${name.toLowerCase()} `));
  const [who, other] = named;
  if (endAt < startAt) onProblem(`${titleOf(item)} ends before it begins`);
  else if (startAt === endAt) return [];
  else if (who === undefined) onProblem(`${titleOf(item)} names nobody who is named under chats`);
  else if (other !== undefined) onProblem(`${titleOf(item)} names more than one person`);
  else return [{ startAt, endAt, who }];
  return [];
}

function instantOf(time: Time, zone: string | null): number {
  if (zone === null) return time.toUnixTime() * 1_000;
  const { year, month, day, hour, minute, second } = time;
  return instantNear(Date.UTC(year, month - 1, day, hour, minute, second), zone);
}
