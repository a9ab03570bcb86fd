import { readNumber, readQuantity } from "../../lib/text/quantity.ts";
import { plain } from "../plain.ts";
import { find, membersByName, partsOfMessage, NAMES, partIn, restOf, type Message } from "./json-members.ts";
import { withoutMeasured } from "./measured.ts";
import { saidOf, wordOf } from "./said.ts";
import { severityOf, worstOf, type SeverityWords } from "../severity.ts";
import { slipsOf } from "./slips.ts";
import { clean, shorten } from "../text.ts";
import { instantOf, type PlantClock } from "./timestamp.ts";
import type { ReadMessage } from "../event.ts";

/** Far more than names and units have; what is longer is shown shortened wherever it is shown. */
const MAX_SOURCE = 200;
const MAX_UNIT = 20;
const MAX_TEXTS = 20;
const MAX_WRAPS = 3;

/**
 * Reads `{"message": …, "severity": …, …}`; no member is required. A member that cannot be read is not given: a warning with a bad limit
 * is still a warning. What is not understood of severity, state and value stands in the remark.
 * @param written the message as it came: what it names if it is broken, and what is shown if it says nothing that can be
 */
export function decodeJson(
  content: Readonly<Record<string, unknown>>,
  written: { readonly text: string; readonly isExact: boolean },
  clock: PlantClock,
  own: SeverityWords,
): ReadMessage {
  const message = partsOfMessage(content);
  const { core, outer } = message;
  const wrapped = [core, ...outer];
  const text = messageIn(core, 0);
  const said = saidOf(message, { payload: written.text, isExact: written.isExact, text, own });
  const quantity = quantityOf(find(core, NAMES.value));
  const id = toText(find(core, NAMES.id));
  const source = toText(firstOf(wrapped, NAMES.source), MAX_SOURCE);
  const slips = slipsOf(core, { severity: said.isSaid, text: text !== null, source: source !== null }, own);
  const shown = text === null ? madeOf(core, id, written.text) : { text, name: null };
  return {
    ...plain(shown.text),
    name: shown.name,
    severity: worstOf([said.severity, slips.severity]) ?? said.severity,
    state: said.state,
    source,
    value: quantity.value,
    unit: toText(find(core, NAMES.unit), MAX_UNIT) ?? quantity.unit,
    limit: readNumber(find(core, NAMES.limit)),
    field: toField(find(core, NAMES.field)),
    occurredAt: wrapped.map((part) => instantOf(find(part, NAMES.time), clock)).find((at) => at !== null) ?? null,
    id,
    remark: [said.remark, quantity.remark, slips.remark].filter((words) => words !== null).join(" ") || null,
  };
}

const firstOf = (parts: readonly Message["core"][], names: readonly string[]): unknown =>
  parts.map((part) => find(part, names)).find((value) => value !== null) ?? null;

function toText(value: unknown, maxLength = Number.POSITIVE_INFINITY): string | null {
  if (typeof value !== "string" && typeof value !== "number") return null;
  return shorten(clean(String(value)), maxLength) || null;
}

/** A number from 1 to 8, also as `"1"` or `"field1"`. */
function toField(value: unknown): number | null {
  const [, field] =
    /^(?:field)?\s?([1-8])$/i.exec(
      typeof value === "number" ? String(value) : typeof value === "string" ? value.trim() : "",
    ) ?? [];
  return field === undefined ? null : Number(field);
}

/** What is shown, and what names the condition if not that. */
interface ShownText {
  readonly text: string;
  readonly name: string | null;
}

/** The text of a message that has none. */
function madeOf(core: Message["core"], id: string | null, written: string): ShownText {
  const rest = restOf(core, isUnderstood);
  const made = clean(rest.text);
  if (made !== "") return { text: made, name: `members ${withoutMeasured(rest.name)}` };
  return { text: id ?? (clean(written) || "(no text)"), name: "no members" };
}

/** The text of a message, which may be a list, or lie within a message of its own. */
function messageIn(core: Message["core"], depth: number): string | null {
  for (const name of NAMES.message) {
    const value = core.get(name);
    const part = depth < MAX_WRAPS ? partIn(value) : null;
    const texts = (Array.isArray(value) ? value.slice(0, MAX_TEXTS) : [value]).map((one) => toText(one));
    const text = (part && messageIn(membersByName(part), depth + 1)) ?? texts.filter((one) => one !== null).join("; ");
    if (text !== "") return text;
  }
  return null;
}

const DEGREES: readonly string[] = NAMES.degree;
const ELSEWHERE: ReadonlySet<string> = new Set(
  [
    NAMES.severity,
    NAMES.state,
    NAMES.source,
    NAMES.time,
    NAMES.value,
    NAMES.unit,
    NAMES.limit,
    NAMES.field,
    NAMES.id,
  ].flat(),
);

function isUnderstood(name: string, value: unknown): boolean {
  if (DEGREES.includes(name)) return typeof value === "string" && severityOf(value) !== null;
  return ELSEWHERE.has(name) && partIn(value) === null;
}

function quantityOf(given: unknown): {
  readonly value: number | null;
  readonly unit: string | null;
  readonly remark: string | null;
} {
  const value = readNumber(given);
  const unit = typeof given === "string" ? toText(readQuantity(given)?.unit, MAX_UNIT) : null;
  const isUnread = value === null && given !== null && typeof given !== "number" && !NO_NUMBER.test(wordOf(given));
  return { value, unit, remark: isUnread ? `Value “${wordOf(given)}”.` : null };
}

/** A controller's words for no value. */
const NO_NUMBER = /^[-+]?(?:nan|inf(?:inity)?|null|none)?$/i;
