import type { Level, StatusLine } from "../status/line.ts";
import { html, lines, type Html } from "./render.ts";

const MARKS: Readonly<Record<Level, string>> = { ok: "✅", warning: "⚠️", error: "❌" };

/** /status as a message, one line each. */
export function statusView(status: readonly StatusLine[]): Html {
  return lines(...status.map(({ level, name, detail }) => html`${MARKS[level]} <b>${name}</b>: ${detail}`));
}
