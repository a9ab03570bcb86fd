const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** When, and by which clocks, somebody looks: times are told in `timeZone`, an IANA name; `now`, epoch ms, decides whether with a date. */
export interface Moment {
  readonly timeZone: string;
  readonly now: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** What a clock and a calendar show. */
interface Shown {
  /** `2026-11-22` */
  readonly day: string;
  /** `14:03` */
  readonly minute: string;
  /** `07` */
  readonly second: string;
  /** `EET` */
  readonly zone: string;
}

/** Of each zone the newest seconds: a burst tells of few. */
const recent = new Map<string, Map<number, Shown>>();
const MAX_RECENT = 100;

function shownAt(at: number, timeZone: string): Shown {
  const second = Math.floor(at / SECOND);
  let seconds = recent.get(timeZone);
  const known = seconds?.get(second);
  if (known) return known;
  if (!seconds || seconds.size >= MAX_RECENT) recent.set(timeZone, (seconds = new Map()));
  const shown = formatted(at, timeZone);
  seconds.set(second, shown);
  return shown;
}

/** Making a format costs a hundred times what using it does. */
function formatted(at: number, timeZone: string): Shown {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
      timeZoneName: "short",
    });
    formats.set(timeZone, format);
  }
  const p = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return {
    day: `${p["year"]}-${p["month"]}-${p["day"]}`,
    minute: `${p["hour"]}:${p["minute"]}`,
    second: p["second"] ?? "",
    zone: p["timeZoneName"] ?? timeZone,
  };
}

/**
 * An instant as people read it: `14:03:07 EET` on the day of `now`, `2026-11-22 14:03:07 EET` on any other.
 * @param at epoch ms
 */
export function formatInstant(at: number, timeZone: string, now: number): string {
  const { day, minute, second, zone } = shownAt(at, timeZone);
  const time = `${minute}:${second} ${zone}`;
  return isSameDay(at, now, timeZone) ? time : `${day} ${time}`;
}

/** Whether two instants are of one day there. */
export const isSameDay = (at: number, other: number, timeZone: string): boolean =>
  shownAt(at, timeZone).day === shownAt(other, timeZone).day;

/** The same in a list whose zone stands above it, in few letters: `14:03:07`, `11-22 14:03`, `2025-11-22 14:03`. */
export function formatShort(at: number, timeZone: string, now: number): string {
  const [{ day, minute, second }, today] = [shownAt(at, timeZone), shownAt(now, timeZone)];
  if (day === today.day) return `${minute}:${second}`;
  const isThisYear = day.slice(0, 4) === today.day.slice(0, 4);
  return formatMinute(at, timeZone).slice(isThisYear ? "2026-".length : 0);
}

/** How a zone is called at an instant: `EET`. */
export const zoneNameAt = (at: number, timeZone: string): string => shownAt(at, timeZone).zone;

/** An instant to the minute, with its date: `2026-11-22 14:03`. */
export function formatMinute(at: number, timeZone: string): string {
  const { day, minute } = shownAt(at, timeZone);
  return `${day} ${minute}`;
}

/** An instant to the minute, without what of its date a period makes plain in which it lies: `14:03`, `11-22 14:03`. */
export function formatWithin(
  at: number,
  { startAt, endAt }: { readonly startAt: number; readonly endAt: number },
  timeZone: string,
): string {
  const text = formatMinute(at, timeZone);
  if (at < startAt || at > endAt) return text;
  const [first, last] = [formatMinute(startAt, timeZone), formatMinute(endAt - 1, timeZone)];
  const isOneDay = endAt - startAt <= DAY || first.slice(0, 10) === last.slice(0, 10);
  if (isOneDay) return text.slice(11);
  return first.slice(0, 4) === last.slice(0, 4) ? text.slice(5) : text;
}

/** An instant to the second, with its date: `2026-11-22 14:03:07`. */
export function formatSecond(at: number, timeZone: string): string {
  return `${formatMinute(at, timeZone)}:${shownAt(at, timeZone).second}`;
}

/** A duration in its two largest units: `45 s`, `18 min`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  const rest = Math.max(0, ms);
  if (rest < MINUTE) return `${Math.floor(rest / SECOND)} s`;
  if (rest < HOUR) return `${Math.floor(rest / MINUTE)} min`;
  if (rest < DAY) return pair(rest, HOUR, "h", MINUTE, "min");
  return pair(rest, DAY, "d", HOUR, "h");
}

function pair(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const remainder = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large)} ${largeName}${remainder > 0 ? ` ${remainder} ${smallName}` : ""}`;
}

/** What is older is told by its date. */
const LONG_AGO_MS = 60 * DAY;

/** How long ago an instant is, `18 min ago`; of what is months old, the date: `on 2012-03-04`. */
export function formatAge(at: number, timeZone: string, now: number): string {
  const ageMs = now - at;
  return ageMs < LONG_AGO_MS ? `${formatDuration(ageMs)} ago` : `on ${formatMinute(at, timeZone).slice(0, 10)}`;
}

/** Two lengths of time, roughly: `2 to 5 h`, `40 min to 3 h`; one where they are the same. */
export function formatRange(fromMs: number, toMs: number): string {
  const rough = (ms: number, round: (value: number) => number): readonly [number, string] => {
    const [unitMs, name] =
      ms < 2 * HOUR ? ([MINUTE, "min"] as const) : ms < 2 * DAY ? ([HOUR, "h"] as const) : ([DAY, "d"] as const);
    return [Math.max(1, round(ms / unitMs)), name];
  };
  const [[from, fromUnit], [to, toUnit]] = [rough(fromMs, Math.floor), rough(toMs, Math.ceil)];
  if (fromUnit !== toUnit) return `${from} ${fromUnit} to ${to} ${toUnit}`;
  return from === to ? `${to} ${toUnit}` : `${from} to ${to} ${toUnit}`;
}

/** Whether `name` is a time zone that this runtime knows by its IANA name; offsets such as `+02:00` are not names. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
