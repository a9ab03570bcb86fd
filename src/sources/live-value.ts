import { parseDecimal } from "../number.ts";

/** A longer message is no measurement. */
const MAX_BYTES = 65_536;

/**
 * The number that a message holds for a field, in one of the forms in which plants send it: a bare number; `field1=82.1&field2=50`
 * (ThingSpeak's own); or JSON, where `path` says which member is meant: `nTemp`, `stPump.fTemp` (TwinCAT's `Values` are looked into
 * by themselves), or `field1` unless it says otherwise. True is 1 and false is 0.
 * @returns `null` if there is none
 */
export function readLiveValue(payload: Uint8Array, field: number, path: string | null): number | null {
  if (payload.length > MAX_BYTES) return null;
  const text = new TextDecoder().decode(payload).trim();
  const key = path ?? `field${field}`;
  if (text.startsWith("{")) return toNumber(memberOf(parseJson(text), key));
  if (text.includes("=")) return toNumber(new URLSearchParams(text.replaceAll("+", "%2B")).get(key));
  return path === null ? toNumber(text) : null;
}

function toNumber(value: unknown): number | null {
  if (typeof value === "boolean") return Number(value);
  const number = typeof value === "number" ? value : typeof value === "string" ? parseDecimal(value) : Number.NaN;
  return Number.isFinite(number) ? number : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** TwinCAT writes a member of a structure as a nested object, or with dots in its name; both occur in one message. */
function memberOf(message: unknown, path: string): unknown {
  const values = ownOf(message, "Values") ?? message;
  return ownOf(values, path) ?? path.split(".").reduce(ownOf, values);
}

const ownOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
