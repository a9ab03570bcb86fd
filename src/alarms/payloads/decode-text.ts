import { inAnyScript } from "../../lib/text/any-script.ts";
import { firstMeasured } from "./measured.ts";
import { severityOf, severitySaid, severityOfNumber, type SeverityWords } from "../severity.ts";
import { stateOfWord } from "../state-word.ts";
import { plain } from "../plain.ts";
import { clean } from "../text.ts";
import type { ReadMessage } from "../event.ts";
import type { Severity } from "../types.ts";
import { lengthOfLeadingTime } from "./written-time.ts";

/** The identity of what a whole text says of its topic: `Offline` and `Online` are one condition. */
const TOPIC_STATE = "the state of the topic";

const expressionsFor = inAnyScript((make) => ({
  /** `🔴 `, `*** `, `- `: what stands before the words. */
  ornament: make(String.raw`^[^\p{L}\p{N}[({<"'#$/+.]{1,12}`, "u"),
  /** Who wrote a line of a log: `[main]`, `root -`. */
  logger: make(String.raw`^(?:\[[^\]\n]{1,60}\]\s{0,4}|[\p{L}\p{N}_.-]{1,40}\s{1,4}-\s{1,4})`, "u"),
  /** `CRITICAL:`, `[warn]`, `(Error)`, `info -`, `ERROR!`: a word that is set apart. */
  marked: make(
    String.raw`^(?:[[(<{]\s?([\p{L}\p{N}_]+)\s?[\])>}]\s?:?|([\p{L}\p{N}_]+)(?:\s?[:!;|>*]{1,3}|\s+[-–—]))\s*`,
    "u",
  ),
  /** A first word that is not set apart, or only by a blank. */
  bare: make(String.raw`^([\p{L}]+)\s+(?=\S)`, "u"),
  member: make(String.raw`(?<![\p{L}\p{N}_])(?:perceived)?sev(?:erity)?\s{0,3}[=:]\s{0,3}["']?([\p{L}\p{N}_]+)`, "iu"),
}));
/** What a first word says is how bad it is, not how high something is. */
const ADJECTIVES = new Set(["high", "low", "medium", "moderate", "minor"]);
/** These begin a sentence about nothing else. */
const BARE_WORDS = new Set(["Error", "Fatal", "Fehler", "Virhe"]);
const ENDED = new Set(["cleared", "resolved", "recovered", "rtn"]);
/** The priority of a syslog line (RFC 5424, 6.2.1): eight times the facility, and the severity. */
const PRIORITY = /^<(\d{1,3})>(?:1\s)?\s*/;

/**
 * Reads a warning in plain text. Its severity stands before it (`CRITICAL: …`, `[warn] …`, `2026-11-25 14:03:01 ERROR …`), else it is a
 * warning; words within the sentence are none. `CLEARED: …` is the end of the alarm whose text follows. A text that is a state and
 * nothing else (`1`, `OK`, `Offline`) is that of its topic.
 * @param own a site's own words for severities
 */
export function decodeText(text: string, own: SeverityWords = new Map()): ReadMessage {
  const cleaned = clean(text);
  const topicState = stateOfWord(cleaned);
  if (topicState !== null) {
    return { ...plain(cleaned), severity: severityOf(cleaned) ?? "warning", state: topicState, name: TOPIC_STATE };
  }
  const { severity, isOver, message } = withoutLead(cleaned, own);
  const measured = firstMeasured(message);
  return {
    ...plain(message || "(no text)"),
    severity: severity ?? severitySaid(expressionsFor(cleaned).member.exec(cleaned)?.[1], own) ?? "warning",
    state: isOver ? "cleared" : null,
    value: measured?.value ?? null,
    unit: measured?.value == null ? null : measured.unit,
  };
}

/** What the beginning of a text says, and the text without that. */
interface Lead {
  readonly severity: Severity | null;
  readonly isOver: boolean;
  readonly message: string;
}

function withoutLead(text: string, own: SeverityWords): Lead {
  const priority = PRIORITY.exec(text);
  const number = Number(priority?.[1] ?? Number.NaN);
  const syslog = number <= 191 ? severityOfNumber(number % 8) : null;
  const line = syslog === null ? text : text.slice(priority?.[0].length);
  const time = line.slice(0, lengthOfLeadingTime(line));
  const rest = line.slice(time.length);
  const lead = leadOf(rest, own, { isBehindTime: time !== "", more: MAX_MORE });
  if (lead === null) return { severity: syslog, isOver: false, message: line };
  return { ...lead, severity: lead.severity ?? syslog, message: `${time}${lead.message}` };
}

/** Where words stand, and how many more words before them are looked at. */
interface WordPlace {
  readonly isBehindTime: boolean;
  readonly more: number;
}

const MAX_MORE = 2;

/** `null` if the words begin with nothing that is known. */
function leadOf(words: string, own: SeverityWords, { isBehindTime, more }: WordPlace): Lead | null {
  const expressions = expressionsFor(words);
  const rest = words.replace(expressions.ornament, "");
  const marked = expressions.marked.exec(rest);
  const word = marked?.[1] ?? marked?.[2] ?? "";
  if (marked) {
    const severity = severityOfWord(word, own);
    const after = rest.slice(marked[0].length);
    if (severity !== null || ENDED.has(word.toLowerCase())) {
      // `[ERROR] CLEARED: …` says both.
      const next = more > 0 ? leadOf(after, own, { isBehindTime: false, more: more - 1 }) : null;
      const isOver = severity === null || (next?.isOver ?? false);
      return { severity: severity ?? next?.severity ?? null, isOver, message: (next ?? { message: after }).message };
    }
  }
  const bare = bareLead(rest, own, isBehindTime);
  if (bare !== null) return bare;
  const logger = isBehindTime && more > 0 ? expressions.logger.exec(rest) : null;
  const behind = logger && leadOf(rest.slice(logger[0].length), own, { isBehindTime, more: more - 1 });
  return behind && { ...behind, message: `${logger[0]}${behind.message}` };
}

function bareLead(rest: string, own: SeverityWords, isBehindTime: boolean): Lead | null {
  const bare = expressionsFor(rest).bare.exec(rest);
  const word = bare?.[1] ?? "";
  const severity = severityOfWord(word, own);
  if (!bare || severity === null) return null;
  const isUpper = word === word.toUpperCase();
  const after = rest.slice(bare[0].length);
  // `INFO SYSTEM FAILED` is a sentence in capitals.
  const isSetApart = isUpper && /\p{Ll}/u.test(after);
  if (isBehindTime || isSetApart) return { severity, isOver: false, message: after };
  if ((isUpper && severity !== "info") || BARE_WORDS.has(word)) return { severity, isOver: false, message: rest };
  return null;
}

const severityOfWord = (word: string, own: SeverityWords): Severity | null =>
  own.get(word.toLowerCase()) ?? (ADJECTIVES.has(word.toLowerCase()) ? null : severityOf(word));
