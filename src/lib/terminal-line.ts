import { styleText } from "node:util";

/** What a terminal does something about: controls, other ends of lines, other directions. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

const LEVELS: Readonly<Record<number, readonly [word: string, style: Parameters<typeof styleText>[0]]>> = {
  10: ["TRACE", "gray"],
  20: ["DEBUG", "gray"],
  30: ["INFO", "green"],
  40: ["WARN", "yellow"],
  50: ["ERROR", "red"],
  60: ["FATAL", "magenta"],
};

/**
 * A line of the log as people read it in a terminal: `14:03:07 WARN  broker link reason="…"`, and an error's stack below. Text from outside is
 * still one line, and moves no cursor.
 * @param line JSON, as it is written elsewhere; what is none is left as it is
 * @param timeZone IANA name; the system's own unless it is given
 */
export function terminalLine(line: string, timeZone?: string): string {
  const fields = fieldsOf(line);
  if (fields === null) return line;
  const { level, time, msg, err, ...others } = fields;
  const [word, style] = LEVELS[Number(level)] ?? ["LOG", "gray"];
  const at = new Date(String(time)).toLocaleTimeString("en-GB", timeZone === undefined ? {} : { timeZone });
  const rest = Object.entries(others).map(
    ([name, value]) => ` ${styleText("dim", `${plainly(name)}=`)}${shown(value)}`,
  );
  const stack = stackOf(err).map((text) => `\n    ${styleText("dim", plainly(text))}`);
  return `${at} ${styleText(style, word.padEnd(5))} ${plainly(typeof msg === "string" ? msg : "")}${rest.join("")}${stack.join("")}\n`;
}

function fieldsOf(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const fields: unknown = JSON.parse(line);
    return typeof fields === "object" && fields !== null ? { ...fields } : null;
  } catch {
    return null;
  }
}

/** An error's stack, which begins with what it says, or that alone. */
function stackOf(error: unknown): readonly string[] {
  if (typeof error !== "object" || error === null) return [];
  const { type, message, stack }: Readonly<Record<string, unknown>> = { ...error };
  const said = `${String(type)}: ${String(message)}`;
  if (typeof stack !== "string") return [said];
  return (stack.includes(String(message)) ? stack : `${said}\n${stack}`).split("\n");
}

const shown = (value: unknown): string =>
  plainly(typeof value === "string" && /^[\p{L}\p{N}:/.@_-]+$/u.test(value) ? value : JSON.stringify(value));

const plainly = (text: string): string =>
  text.replace(CONTROLS, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
