import { instantsOf } from "../../lib/time/wall-clock.ts";

/** What is known of the clock that a plant's times are of. */
export interface PlantClock {
  /** IANA name: what it shows if its times do not say. */
  readonly timeZone: string;
  /** Epoch ms: tells the two hours apart that a clock shows alike when summer time ends. */
  readonly receivedAt: number;
}

const TIMESTAMP =
  /^(?:(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)|(?<dayOf>\d\d?)\.(?<monthOf>\d\d?)\.(?<yearOf>\d{4}))(?:t|,?\s)\s?(?<clock>\d\d:\d\d)(?<seconds>:\d\d)?(?:[.,](?<fraction>\d+))?\s?(?<zone>z|utc|gmt|[+-][01]\d(?::?[0-5]\d)?)?$/i;
/** A clock that was never set starts in 1601, in 1970, or in 2000 as EtherCAT's does. */
const FIRST_YEAR = 2001;
/** As seconds, the milliseconds since a controller's start are a time in the past; older ones than that are such. */
const MAX_SECONDS_AGE_MS = 2 * 365 * 86_400_000;

/**
 * The instant that a plant's timestamp means: ISO 8601 or `22.11.2026 14:03:07`, or a number of seconds, milliseconds, microseconds or
 * nanoseconds since 1970, told apart by their size.
 * @returns epoch ms; `null` for what no clock shows, or only one that was never set, and for a day without a time, as two messages of one
 *   day would look like copies
 */
export function instantOf(given: unknown, clock: PlantClock): number | null {
  if (typeof given === "number") return fromEpoch(given, clock.receivedAt);
  if (typeof given !== "string") return null;
  const text = given.trim();
  return /^\d+(?:\.\d+)?$/.test(text) ? fromEpoch(Number(text), clock.receivedAt) : fromText(text, clock);
}

function fromEpoch(value: number, receivedAt: number): number | null {
  // Seconds reach 10^11 in the year 5138; milliseconds did in 1973, and so on.
  const isSeconds = value < 1e11;
  const at = Math.round(isSeconds ? value * 1_000 : value < 1e14 ? value : value < 1e17 ? value / 1e3 : value / 1e6);
  if (!(at >= Date.UTC(FIRST_YEAR, 0)) || at >= 8.64e15) return null;
  return isSeconds && receivedAt - at > MAX_SECONDS_AGE_MS ? null : at;
}

function fromText(text: string, { timeZone, receivedAt }: PlantClock): number | null {
  const { year, month, day, dayOf, monthOf, yearOf, clock, seconds, fraction, zone } =
    TIMESTAMP.exec(text)?.groups ?? {};
  if (clock === undefined) return null;
  const date = year ? `${year}-${month}-${day}` : `${yearOf}-${monthOf?.padStart(2, "0")}-${dayOf?.padStart(2, "0")}`;
  const shown = `${date}T${clock}${seconds ?? ":00"}.${(fraction ?? "").slice(0, 3).padEnd(3, "0")}`;
  const reading = Date.parse(`${shown}Z`);
  // `Date.parse` takes the 30th of February for the 2nd of March.
  if (Number.isNaN(reading) || new Date(reading).toISOString() !== `${shown}Z`) return null;
  if (new Date(reading).getUTCFullYear() < FIRST_YEAR) return null;
  if (zone !== undefined) return reading - zoneOffsetMs(zone);
  return nearest(instantsOf(reading, timeZone), receivedAt);
}

function zoneOffsetMs(zone: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
}

function nearest(instants: readonly number[], at: number): number | null {
  return instants.toSorted((a, b) => Math.abs(a - at) - Math.abs(b - at))[0] ?? null;
}
