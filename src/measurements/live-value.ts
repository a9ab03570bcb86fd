import { readJson } from "../lib/text/lenient-json.ts";
import { readNumber } from "../lib/text/quantity.ts";
import { textOf } from "../lib/text/text-of-bytes.ts";

/** A longer message is not a measurement. */
const MAX_BYTES = 65_536;
/** What switches and contacts say. */
const SWITCHES: ReadonlyMap<string, number> = new Map([
  ["on", 1],
  ["off", 0],
  ["true", 1],
  ["false", 0],
  ["yes", 1],
  ["no", 0],
]);
/** What says that there is no value, in so many words. */
const NOTHING = /^\s*(?:null|none|nil|undefined|n\/?a|[-+]?(?:nan|inf(?:inity)?)|-+)?\s*$/i;

/** What a message holds: the text of a bare value, the pairs of a form, or the members of JSON. */
export type LiveTopicMessage =
  | { readonly kind: "bare"; readonly value: unknown }
  | { readonly kind: "form"; readonly pairs: URLSearchParams }
  | { readonly kind: "members"; readonly values: unknown };

/**
 * Takes a message apart, in one of the forms in which plants send values: a bare one, also with its unit; `field1=82.1&field2=50`
 * (ThingSpeak's own); or JSON, also in a text, single quotes or padded with NULs.
 * @returns `null` for what is binary, too long, or JSON that cannot be read
 */
export function readLiveTopicMessage(payload: Uint8Array): LiveTopicMessage | null {
  const text = payload.length > MAX_BYTES ? null : textOf(payload)?.trim();
  if (text === null || text === undefined) return null;
  const json = readJson(text)?.value;
  if (typeof json === "object" && json !== null) return { kind: "members", values: ownOf(json, "Values") ?? json };
  if (/^[{[]/.test(text)) return null;
  if (text.includes("=")) return { kind: "form", pairs: new URLSearchParams(text.replaceAll("+", "%2B")) };
  return { kind: "bare", value: json ?? text };
}

/**
 * The number that a message holds for a field. `path` says which member is meant: `nTemp`, `stPump.fTemp` (TwinCAT's `Values` are
 * looked into by themselves); without one it is `field1`, or `value`. What is on or true is 1, what is off or false is 0.
 * @returns `null` if there is none
 */
export function liveValueOf(message: LiveTopicMessage, field: number, path: string | null): number | null {
  return toNumber(givenIn(message, field, path));
}

/** Whether a message says in so many words that a field has no value now: `NaN`, `null`, nothing at all. */
export function saysNothing(message: LiveTopicMessage, field: number, path: string | null): boolean {
  const given = givenIn(message, field, path);
  return given === null || (typeof given === "string" && NOTHING.test(given));
}

/** `undefined`: it is not there. */
function givenIn(message: LiveTopicMessage, field: number, path: string | null): unknown {
  const key = path ?? `field${field}`;
  switch (message.kind) {
    case "bare":
      return path === null ? message.value : undefined;
    case "form":
      return message.pairs.get(key) ?? undefined;
    case "members": {
      const found = memberOf(message.values, key);
      return found === undefined && path === null ? ownOf(message.values, "value") : found;
    }
  }
}

function toNumber(value: unknown): number | null {
  if (typeof value === "boolean") return Number(value);
  return readNumber(value) ?? (typeof value === "string" ? (SWITCHES.get(value.trim().toLowerCase()) ?? null) : null);
}

/** TwinCAT writes a member of a structure as a nested object, or with dots in its name; both occur in one message. */
const memberOf = (values: unknown, path: string): unknown =>
  ownOf(values, path) ?? path.split(".").reduce(ownOf, values);

const ownOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
