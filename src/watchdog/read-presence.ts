import { presenceOfWord } from "../alarms/state-word.ts";
import { readJson } from "../lib/text/lenient-json.ts";
import { textOf } from "../lib/text/text-of-bytes.ts";

/** What some gateways say in place of online and offline. */
const SWITCHES: ReadonlyMap<string, boolean> = new Map([
  ["on", true],
  ["off", false],
]);
/** Far more than a description has. */
const MAX_PAYLOAD_BYTES = 64 * 1024;
const MAX_WORD = 32;

/**
 * What a message says: a word, such as `online`, `0` or `OFF`, or one in a member of JSON.
 * @returns `null` if it does not say
 */
export function readPresence(payload: Uint8Array, members: readonly string[]): boolean | null {
  const text = payload.length > MAX_PAYLOAD_BYTES ? null : textOf(payload);
  if (text === null) return null;
  const json = readJson(text)?.value;
  if (typeof json !== "object" || json === null) return saidBy(json ?? text);
  const said = new Map(Object.entries(json).map(([name, value]) => [name.toLowerCase(), saidBy(value)]));
  const known = members.map((name) => said.get(name) ?? null).filter((isUp) => isUp !== null);
  // Where they contradict each other, the worse is believed.
  return known.length === 0 ? null : known.every((isUp) => isUp);
}

function saidBy(value: unknown): boolean | null {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return null;
  const word = String(value).trim().toLowerCase();
  if (word.length > MAX_WORD) return null;
  return SWITCHES.get(word) ?? presenceOfWord(word);
}
