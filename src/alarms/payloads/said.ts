import { isObject, writeJson } from "../../lib/text/lenient-json.ts";
import { degreeOf } from "./degree.ts";
import { find, NAMES, type Message } from "./json-members.ts";
import { severityOf, severitySaid, worstOf, type SeverityWords } from "../severity.ts";
import { stateOf, stateOfWord } from "../state-word.ts";
import { clean, shorten } from "../text.ts";
import type { ReadMessage } from "../event.ts";
import type { Severity } from "../types.ts";

/** How much of a word that is not known is shown. */
const MAX_WORD = 40;

/** How bad it is, and whether it is. */
export interface Said {
  readonly severity: Severity;
  /** Whether a member says how bad it is, understood or not. */
  readonly isSaid: boolean;
  readonly state: ReadMessage["state"];
  readonly remark: string | null;
}

/** What there is of a message beside its parts. */
interface Told {
  /** What it says in words; `null`: nothing. */
  readonly text: string | null;
  /** As it came. */
  readonly payload: string;
  readonly isExact: boolean;
  /** A site's own words. */
  readonly own: SeverityWords;
}

/** What the members of a message say of severity and state. What says so in words that are not known is an error, and no end. */
export function saidOf({ core, outer, others }: Message, { text, payload, isExact, own }: Told): Said {
  const given = NAMES.severity.map((name) => core.get(name) ?? "").find((value) => value !== "") ?? null;
  const severity = severitySaid(isObject(given) ? Object.values(given) : given, own);
  const degree = severity === null ? degreeOf(core, { text, own }) : null;
  const { state, remark } = stateSaid(core);
  // X.733 has an end among its severities.
  const isEnd = severity === null && typeof given === "string" && stateOfWord(given) === "cleared";
  const isUnknown = given !== null && severity === null && !isEnd;
  // What lies within or around may make it worse, and never milder. A broken message may have lost where a member belongs.
  const within = others.map((part) => severitySaid(find(part, NAMES.severity), own));
  const around = outer.map((part) => degreeOf(part, { text, own }));
  const named = isExact ? [] : namedIn(payload, own);
  const stated = state === "unclear" ? severityOf(wordOf(find(core, NAMES.state))) : null;
  const degrees = given === null ? [degree, ...around] : [];
  const unknown = isUnknown ? { name: "Severity", given } : degrees.find((one) => one?.unknown)?.unknown;
  const said = severity ?? degree?.severity ?? null;
  const least = unknown ? worstOf(["error", said]) : (said ?? stated ?? "warning");
  return {
    severity: worstOf([least, ...around.map((one) => one.severity), ...within, ...named]) ?? "warning",
    isSaid: given !== null || said !== null || unknown !== undefined || around.some((one) => one.severity !== null),
    state: (isEnd || degree?.isEnd) && state === null ? "cleared" : stated === null ? state : "active",
    remark:
      [
        unknown ? `${unknown.name} “${wordOf(unknown.given)}” is not known, so it counts as error.` : null,
        stated === null ? remark : null,
      ]
        .filter((words) => words !== null)
        .join(" ") || null,
  };
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
export function wordOf(given: unknown): string {
  const words = typeof given === "string" ? given : (writeJson(given) ?? "…");
  return shorten(clean(words).replace(/\s+/g, " "), MAX_WORD);
}
