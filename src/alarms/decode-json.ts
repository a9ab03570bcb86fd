import { z } from "zod";
import { PayloadError } from "../errors.ts";
import { severityOf } from "./severity.ts";
import { clean, shorten } from "./text.ts";
import type { Reading } from "./types.ts";

/** Far more than names and units have; what is longer is shown shortened wherever it is shown. */
const MAX_SOURCE = 200;
const MAX_UNIT = 20;

/** A member of the wrong type counts as not given: a warning with a bad limit is still a warning. */
const text = (maxLength = Infinity) =>
  z
    .union([z.string(), z.number()])
    .transform((value) => shorten(clean(String(value)), maxLength) || null)
    .nullable()
    .catch(null);
const number = z
  .union([z.number(), z.string().regex(/^\s*[-+]?\d+([.,]\d+)?([eE][-+]?\d+)?\s*$/)])
  .transform((value) => Number(String(value).replace(",", ".")))
  .refine(Number.isFinite)
  .nullable()
  .catch(null);

/** JSON of ours; only `message` (or `text`) is required. Unknown members stay in the event's raw payload. */
const schema = z.object({
  message: text(),
  text: text(),
  severity: z.string().transform(severityOf).nullable().catch(null),
  source: text(MAX_SOURCE),
  state: z.enum(["active", "cleared"]).nullable().catch(null),
  value: number,
  unit: text(MAX_UNIT),
  limit: number,
  field: z.number().int().min(1).max(8).nullable().catch(null),
  timestamp: z.union([z.string(), z.number()]).transform(parseTimestamp).nullable().catch(null),
  id: text(),
});

/**
 * Reads `{"message": …, "severity": …, …}`.
 * @throws PayloadError if it is no JSON object or has no message
 */
export function decodeJson(json: string): Reading {
  const { text: alias, message, severity, timestamp, ...rest } = schema.parse(parseObject(json));
  const shown = message ?? alias;
  if (shown === null) throw new PayloadError("has neither message nor text");
  return { ...rest, message: shown, severity: severity ?? "warning", occurredAt: timestamp, slot: null };
}

function parseObject(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new PayloadError("broken JSON", { cause: error });
  }
}

/** Epoch seconds or milliseconds, or ISO 8601; without an offset it is UTC. `null` if it is neither. */
function parseTimestamp(value: string | number): number | null {
  if (typeof value === "number" || /^\d+(\.\d+)?$/.test(value)) return fromEpoch(Number(value));
  // A day without a time is no instant: two alarms of one day would look like copies.
  const match = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?<zone>Z|[+-]\d\d:?\d\d)?$/.exec(value);
  if (!match) return null;
  const at = Date.parse(value.replace(" ", "T").replace(",", ".") + (match.groups?.["zone"] === undefined ? "Z" : ""));
  return Number.isNaN(at) ? null : at;
}

/** Seconds reach 10^11 in the year 5138, milliseconds did in 1973. */
function fromEpoch(value: number): number | null {
  const at = Math.round(value < 1e11 ? value * 1000 : value);
  return at > 0 && at < 8.64e15 ? at : null;
}
