import { isObject, writeJson } from "../../lib/text/lenient-json.ts";
import { readNumber, readQuantity } from "../../lib/text/quantity.ts";
import { plain } from "../plain.ts";
import { find, membersByName, partsOfMessage, NAMES, partIn, restOf, type Message } from "./json-members.ts";
import { withoutMeasured } from "./measured.ts";
import { severityOf, severitySaid, worstOf, type SeverityWords } from "../severity.ts";
import { stateOf, stateOfWord } from "../state-word.ts";
import { clean, shorten } from "../text.ts";
import { instantOf, type PlantClock } from "./timestamp.ts";
import type { ReadMessage } from "../event.ts";
import type { Severity } from "../types.ts";

/** Far more than names and units have; what is longer is shown shortened wherever it is shown. */
const MAX_SOURCE = 200;
const MAX_UNIT = 20;
/** How much of a word that is not known is shown. */
const MAX_WORD = 40;
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
  const said = saidOf(message, written, own);
  const quantity = quantityOf(find(core, NAMES.value));
  const id = toText(find(core, NAMES.id));
  const shown = shownOf(core, id, written.text);
  return {
    ...plain(shown.text),
    name: shown.name,
    severity: said.severity,
    state: said.state,
    source: toText(firstOf(wrapped, NAMES.source), MAX_SOURCE),
    value: quantity.value,
    unit: toText(find(core, NAMES.unit), MAX_UNIT) ?? quantity.unit,
    limit: readNumber(find(core, NAMES.limit)),
    field: toField(find(core, NAMES.field)),
    occurredAt: wrapped.map((part) => instantOf(find(part, NAMES.time), clock)).find((at) => at !== null) ?? null,
    id,
    remark: [said.remark, quantity.remark].filter((words) => words !== null).join(" ") || null,
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

function shownOf(core: Message["core"], id: string | null, written: string): ShownText {
  const text = messageIn(core, 0);
  if (text !== null) return { text, name: null };
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

const LEVELS: readonly string[] = NAMES.level;
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
  if (LEVELS.includes(name)) return typeof value === "string" && severityOf(value) !== null;
  return ELSEWHERE.has(name) && partIn(value) === null;
}

interface Said {
  readonly severity: Severity;
  readonly state: ReadMessage["state"];
  readonly remark: string | null;
}

/** How bad it is, and whether it is. What says so in words that are not known is an error, and no end. */
function saidOf(
  { core, others }: Message,
  written: { readonly text: string; readonly isExact: boolean },
  own: SeverityWords,
): Said {
  const given = NAMES.severity.map((name) => core.get(name) ?? "").find((value) => value !== "") ?? null;
  const severity = severitySaid(isObject(given) ? Object.values(given) : given, own) ?? severityOfLevel(core, own);
  const { state, remark } = stateSaid(core);
  // X.733 has an end among its severities.
  const isEnd = severity === null && typeof given === "string" && stateOfWord(given) === "cleared";
  const isUnknown = given !== null && severity === null && !isEnd;
  // What lies within may make it worse, and never milder. A broken message may have lost where a member belongs.
  const within = others.map((part) => severitySaid(find(part, NAMES.severity), own));
  const named = written.isExact ? [] : namedIn(written.text, own);
  const stated = state === "unclear" ? severityOf(wordOf(find(core, NAMES.state))) : null;
  const least = severity ?? (isUnknown ? "error" : (stated ?? "warning"));
  return {
    severity: worstOf([least, ...within, ...named]) ?? "warning",
    state: isEnd && state === null ? "cleared" : stated === null ? state : "active",
    remark:
      [
        isUnknown ? `Severity “${wordOf(given)}” is not known, so it counts as error.` : null,
        stated === null ? remark : null,
      ]
        .filter((words) => words !== null)
        .join(" ") || null,
  };
}

/** Words of other names, where they are severities and nothing else. */
function severityOfLevel(core: Message["core"], own: SeverityWords): Severity | null {
  const words = NAMES.level.map((name) => core.get(name)).filter((value) => typeof value === "string");
  return worstOf(words.filter((word) => !/^[\s\d]*$/.test(word)).map((word) => severitySaid(word, own)));
}

const ALARM_STATUS = /^(?:cleared|resolved|firing|active|inactive)$/i;

function stateSaid(core: Message["core"]): { readonly state: ReadMessage["state"]; readonly remark: string | null } {
  const status = find(core, NAMES.status);
  const given =
    find(core, NAMES.state) ?? (typeof status === "string" && ALARM_STATUS.test(status.trim()) ? status : null);
  const states = (Array.isArray(given) ? given : [given]).map(stateOf);
  // Told twice, it is over only if both say so.
  const state = states.find((one) => one !== "cleared") ?? states[0] ?? null;
  return { state, remark: state === "unclear" ? `State “${wordOf(given)}” is not known.` : null };
}

const NAMED = /["'“]?severity["'”]?\s{0,9}[:=]\s{0,9}["'“]?([\p{L}\p{N}_]{1,40})/giu;

function namedIn(text: string, own: SeverityWords): readonly (Severity | null)[] {
  return Array.from(text.matchAll(NAMED), ([, word]) => severitySaid(word, own));
}

/** What was given, as a remark names it. */
function wordOf(given: unknown): string {
  const words = typeof given === "string" ? given : (writeJson(given) ?? "…");
  return shorten(clean(words).replace(/\s+/g, " "), MAX_WORD);
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
