import { isNear } from "../../lib/text/near.ts";
import type { Message } from "./json-members.ts";
import { severitySaid, worstOf, type SeverityWords } from "../severity.ts";
import type { Severity } from "../types.ts";

/** What a member can say that a warning may lack. */
type Meaning = "severity" | "text" | "source";

/** Names that people give, as those that are read. */
const READ: Readonly<Record<string, string>> = {
  lvl: "level", alarmlevel: "level", prio: "priority", alarmpriority: "priority", urgency: "priority",
  severitylevel: "severity", alarmseverity: "severity", criticality: "severity",
  desc: "description", descr: "description", txt: "text", messagetext: "message", alarmtext: "text", alarmmessage: "message",
  dev: "device", devicename: "device", mach: "machine", machinename: "machine", equipment: "machine",
}; // prettier-ignore

/** Of the names that are read, those that a slip of the finger is looked for in. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  severity: "severity", priority: "severity", level: "severity",
  message: "text", description: "text", text: "text",
  device: "source", machine: "source", source: "source",
}; // prettier-ignore
const NAMES_READ = Object.keys(MEANINGS).filter((name) => name.length >= 5);

/** What a message says under names that are not read. */
export interface Slips {
  /** As bad as what was not understood may be; `null`: nothing of it is about that. */
  readonly severity: Severity | null;
  readonly remark: string | null;
}

/**
 * Finds the members that were meant for others, `lvl` for `level`, and only where the message lacks what they would say: what machines measure and
 * count has names without number.
 */
export function slipsOf(core: Message["core"], has: Readonly<Record<Meaning, boolean>>, own: SeverityWords): Slips {
  const found = [...core].flatMap(([name, value]) => {
    const read = readNameOf(name);
    const meaning = read === null ? undefined : MEANINGS[read];
    if (read === null || meaning === undefined || has[meaning]) return [];
    return isFit(meaning, value, has.text, own) ? [{ name, read, meaning, value }] : [];
  });
  const bad = found.filter(({ meaning }) => meaning === "severity");
  const words = found.map(({ name, read }) => `${name} (${read} would be)`).join(", ");
  return {
    severity: worstOf(bad.map(({ value }) => wordOf(value, own) ?? "error")),
    remark: found.length === 0 ? null : `Not understood: ${words}.`,
  };
}

/** What was made of names lately: a plant's messages have the same ones, and to compare them took half of the reading. */
const recent = new Map<string, string | null>();
const MAX_RECENT = 1_000;
const MAX_LENGTH = 100;

function readNameOf(name: string): string | null {
  const known = recent.get(name);
  if (known !== undefined) return known;
  const read = nameMeant(name);
  if (recent.size >= MAX_RECENT) recent.clear();
  if (name.length <= MAX_LENGTH) recent.set(name, read);
  return read;
}

/** The name that is read and was meant; `null`: it is one, or is like none. */
function nameMeant(name: string): string | null {
  if (Object.hasOwn(MEANINGS, name)) return null;
  const plain = name.replace(/[\s_.-]/g, "");
  if (Object.hasOwn(READ, plain)) return READ[plain] ?? null;
  // More of something is something else.
  return NAMES_READ.find((read) => plain !== `${read}s` && isNear(plain, read)) ?? null;
}

/** Whether it may be what the name says. A number, or a word of anything, is how bad it is only beside a text. */
function isFit(meaning: Meaning, value: unknown, hasText: boolean, own: SeverityWords): boolean {
  const isWord = typeof value === "string" && value.trim() !== "";
  if (meaning === "text") return isWord;
  if (meaning === "source") return isWord && hasText;
  return wordOf(value, own) !== null || (hasText && (isWord || Number.isInteger(value)));
}

const wordOf = (value: unknown, own: SeverityWords): Severity | null =>
  typeof value === "string" && !/^\s*\d+\s*$/.test(value) ? severitySaid(value, own) : null;
