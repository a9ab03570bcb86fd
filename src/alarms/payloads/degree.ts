import { NAMES, type Message } from "./json-members.ts";
import { readQuantity } from "../../lib/text/quantity.ts";
import { severityOf, severityOfNumber, worstOf, type SeverityWords } from "../severity.ts";
import type { Severity } from "../types.ts";

/** What `level`, `priority` and `type` say of how bad it is. */
export interface Degree {
  readonly severity: Severity | null;
  /** Whether it says that it is over, as Kapacitor's level `OK` does. */
  readonly isEnd: boolean;
  /** What says so and is not understood. */
  readonly unknown: { readonly name: string; readonly given: unknown } | null;
}

const ENDS = /^(?:ok|okay|normal|clear|cleared|resolved|recovered)$/;

/** Words of priorities that are none of severities; what is least is still a warning. */
const PRIORITIES: Readonly<Record<string, Severity>> = {
  p1: "critical", highest: "critical", max: "critical", immediate: "critical",
  p2: "error",
  p3: "warning", p4: "warning", p5: "warning", normal: "warning", default: "warning", lowest: "warning", min: "warning",
}; // prettier-ignore

const PINO: Readonly<Record<number, Severity>> = {
  10: "info", 20: "info", 30: "info", 40: "warning", 50: "error", 60: "critical",
}; // prettier-ignore

/** A member by a name that means more than severities, and what is beside it. */
interface DegreeMember {
  readonly name: string;
  /** In small letters. */
  readonly word: string;
  readonly members: Message["core"];
  /** What the message says in words. */
  readonly text: string | null;
}

/**
 * Reads what names other than `severity` say of it. The level may be that of a tank, and of a number nobody knows whether 1 is the most or the
 * least: words of severities are read, numbers where a site says what they mean (`own`), or where they stand in a line of a log. What is left, and
 * is no measured level, is not understood.
 */
export function degreeOf(
  members: Message["core"],
  { text, own }: { readonly text: string | null; readonly own: SeverityWords },
): Degree {
  const all = NAMES.degree.flatMap((name) => {
    const value = members.get(name);
    const word = typeof value === "string" || typeof value === "number" ? String(value).trim().toLowerCase() : "";
    return word === "" ? [] : [{ name, word, value, members, text }];
  });
  const severity = worstOf(all.map((given) => severityIn(given, own)));
  const isEnd = severity === null && text !== null && all.some(({ name, word }) => name === "level" && ENDS.test(word));
  const unknown = severity === null && !isEnd ? all.find(isDegree) : undefined;
  return { severity, isEnd, unknown: unknown ? { name: capital(unknown.name), given: unknown.value } : null };
}

function severityIn(given: DegreeMember, own: SeverityWords): Severity | null {
  const { name, word } = given;
  const isNumber = /^\d+$/.test(word);
  if (isNumber && !isDegree(given)) return null;
  const said = own.get(word) ?? (isNumber ? severityInLog(given) : severityOf(word));
  return said ?? (name === "priority" && Object.hasOwn(PRIORITIES, word) ? (PRIORITIES[word] ?? null) : null);
}

/** Lines of logs have numbers of their own: journald's are syslog's. */
function severityInLog({ word, members }: DegreeMember): Severity | null {
  if (members.has("syslog_identifier")) return severityOfNumber(Number(word));
  return members.has("pid") && members.has("hostname") ? (PINO[Number(word)] ?? null) : null;
}

/** Whether it can only say how bad something is. A priority does; a level where there is a text, and it is no quantity. */
function isDegree({ name, word, members, text }: DegreeMember): boolean {
  if (name !== "level") return name === "priority";
  if (text === null) return false;
  const quantity = readQuantity(word);
  if (quantity === null) return true;
  const isMeasured = quantity.unit !== null || (members.has("unit") && !members.has("value"));
  return /^\d+$/.test(word) && !isMeasured && !text.split(/[^\d.,]+/).includes(word);
}

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
