import { clean } from "../alarms/text.ts";
import { UpstreamError } from "../lib/errors.ts";
import { shortLabels } from "../measurements/label.ts";
import type { Channel, Field, LatestValue } from "../measurements/source.ts";
import { parseEntryDate } from "./entry-date.ts";

/** More has no place on any button or picture. */
const MAX_LABEL = 80;
const FIELD_NUMBERS = [1, 2, 3, 4, 5, 6, 7, 8];

/** Reads the channel of a `feeds.json` answer. @throws UpstreamError `malformed` */
export function readChannel(body: Uint8Array): Channel {
  const channel = asRecord(asRecord(readJson(body))?.["channel"]);
  if (channel === null) throw new UpstreamError("malformed", "feeds.json holds no channel");
  const found = FIELD_NUMBERS.flatMap((number): Field[] => {
    const label = channel[`field${number}`];
    if (typeof label !== "string") return [];
    return [{ number, label: clean(label).replaceAll(/\s+/g, " ") || `Field ${number}` }];
  });
  const labels = shortLabels(found, MAX_LABEL);
  const fields = found.map(({ number }, i) => ({ number, label: labels[i] ?? "" }));
  const createdAt = parseEntryDate(String(channel["created_at"]));
  return {
    name: typeof channel["name"] === "string" ? channel["name"] : "",
    createdAt: Number.isNaN(createdAt) ? null : createdAt,
    fields,
  };
}

/** Reads the answer of `/fields/{field}/last.json`; `null` when its field is blank. @throws UpstreamError `malformed` */
export function readLatest(body: Uint8Array, field: number): LatestValue | null {
  const entry = asRecord(readJson(body));
  const at = parseEntryDate(String(entry?.["created_at"]));
  if (entry === null || Number.isNaN(at)) throw new UpstreamError("malformed", "last.json holds no entry with a date");
  const value = entry[`field${field}`];
  return typeof value === "string" && value.trim() !== "" ? { value: value.trim(), at } : null;
}

function readJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    throw new UpstreamError("malformed", "ThingSpeak's answer is not JSON");
  }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === "object" && value !== null ? { ...value } : null;
}
