import type { Level, StatusLine } from "../../lib/status-line.ts";
import { html, join, lines, type Html } from "../api/render.ts";

const MARKS: Readonly<Record<Level, string>> = { ok: "✅", warning: "⚠️", error: "❌" };

/** Where something listens, such as `plc.example:8883`. */
const ADDRESS = /((?<![\w.-])[\w-]+(?:\.[\w-]+)+:\d{1,5}\b)/;

/** /status as a message, one line each. */
export function statusView(status: readonly StatusLine[]): Html {
  return lines(...status.map(({ level, name, detail }) => html`${MARKS[level]} <b>${name}</b>: ${copyable(detail)}`));
}

/** Addresses are code: people look them up, and nothing is put into what they copy. */
const copyable = (detail: string): Html =>
  join(
    detail.split(ADDRESS).map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : html`${part}`)),
    "",
  );
