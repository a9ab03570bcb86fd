import { tzOffset } from "@date-fns/tz/tzOffset";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The zone in which a request reads its window and gets its dates. */
export interface Zone {
  readonly isUtc: boolean;
  /** What local time is ahead of UTC at an instant. */
  offsetMs(at: number): number;
}

const UTC: Zone = { isUtc: true, offsetMs: () => 0 };

/**
 * The zone of a query: `timezone` beats `offset`, and what is unknown is UTC in silence, as in ThingSpeak's open source.
 * `offset` is whole hours; the real one then takes a named zone of that offset, with its summer time, which is left out here.
 */
export function zoneOf(query: URLSearchParams): Zone {
  const name = query.get("timezone");
  if (name !== null) {
    return Number.isNaN(tzOffset(name, new Date(0)))
      ? UTC
      : { isUtc: name === "UTC", offsetMs: (at) => tzOffset(name, new Date(at)) * MINUTE_MS };
  }
  const hours = Number(query.get("offset") ?? 0);
  return Number.isInteger(hours) && hours !== 0 ? { isUtc: false, offsetMs: () => hours * HOUR_MS } : UTC;
}

/** The instant at which a zone's clocks show `localAt` (the local time, as if it were UTC). */
export function instantInZone(localAt: number, zone: Zone): number {
  return localAt - zone.offsetMs(localAt - zone.offsetMs(localAt));
}

/** `2023-09-04T15:06:50Z`, or `…+02:00`: as in JSON. */
export function toIsoDate(at: number, zone: Zone): string {
  const offsetMs = zone.offsetMs(at);
  return `${localDate(at + offsetMs, "T")}${zone.isUtc ? "Z" : toOffset(offsetMs, ":")}`;
}

/** `2021-07-27 12:04:19 UTC`, or `… -0500`: as in CSV. */
export function toCsvDate(at: number, zone: Zone): string {
  const offsetMs = zone.offsetMs(at);
  return `${localDate(at + offsetMs, " ")} ${zone.isUtc ? "UTC" : toOffset(offsetMs, "")}`;
}

function localDate(localAt: number, separator: string): string {
  return new Date(localAt).toISOString().slice(0, 19).replace("T", separator);
}

function toOffset(offsetMs: number, separator: string): string {
  const minutes = Math.abs(offsetMs) / MINUTE_MS;
  return `${offsetMs < 0 ? "-" : "+"}${twoDigits(Math.floor(minutes / 60))}${separator}${twoDigits(minutes % 60)}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}
