/** What plants say of a condition's state, and of whether somebody is there. */

/** `unclear`: it says something that nobody here knows. */
export type SaidState = "active" | "cleared" | "unclear";

const ACTIVE = new Set([
  "active", "activated", "raised", "raise", "alarm", "alm", "firing", "triggered", "tripped", "set", "on", "true", "1", "yes",
  "fault", "failed", "bad", "abnormal", "aktiv", "aktiivinen", "gekommen", "kommt",
]); // prettier-ignore
const CLEARED = new Set([
  "cleared", "clear", "resolved", "ok", "okay", "normal", "inactive", "rtn", "off", "false", "0", "no", "recovered", "ended",
  "gone", "good", "healthy", "inaktiv", "gegangen", "geht", "behoben", "normaali", "poistunut", "åtgärdad",
]); // prettier-ignore
/** Whether somebody has seen it: no matter for what it is. */
const SEEN = /^(?:un)?ack(?:ed|nowledged)?$/;

/** What mosquitto says of its bridges, and what last wills say; each pair is one state. */
const UP = new Set(["online", "up", "connected", "alive"]);
const DOWN = new Set(["offline", "down", "disconnected", "dead", "lost"]);

/** Whether a word says that somebody is there: `online`, `1`; or not: `offline`, `0`; in any case. `null` if it does not say. */
export function presenceOfWord(word: string): boolean | null {
  const key = word.trim().toLowerCase();
  if (UP.has(key) || key === "1" || key === "true") return true;
  return DOWN.has(key) || key === "0" || key === "false" ? false : null;
}

/**
 * The state that a member of a message tells, a word, a number or a boolean: `CLEARED_UNACK`, `RTN`, `0`, `offline`.
 * @returns `null` if it tells none: it is not there, or empty
 */
export function stateOf(given: unknown): SaidState | null {
  if (given === null || given === undefined || given === "") return null;
  if (typeof given !== "string" && typeof given !== "number" && typeof given !== "boolean") return "unclear";
  const words = String(given)
    .trim()
    .toLowerCase()
    .split(/[\s_]+|(?<=\p{L})-/u)
    .filter((word) => word !== "" && !SEEN.test(word));
  return words.length === 1 ? (stateOfWord(words[0] ?? "") ?? "unclear") : stateOfWords(words.join(" "));
}

/** The state that a whole text is, and nothing but: `1`, `OK`, `Offline`; `null` if it is any other text. */
export function stateOfWord(text: string): Exclude<SaidState, "unclear"> | null {
  const key = text.trim().toLowerCase();
  if (ACTIVE.has(key) || DOWN.has(key)) return "active";
  return CLEARED.has(key) || UP.has(key) ? "cleared" : null;
}

const stateOfWords = (words: string): SaidState =>
  /^(?:returned|return|back) to normal$/.test(words) ? "cleared" : words === "in alarm" ? "active" : "unclear";
