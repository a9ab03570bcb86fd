import { firstMeasured } from "./measured.ts";
import { severityOf } from "./severity.ts";
import { clean } from "./text.ts";
import type { Reading } from "./types.ts";

/** `CRITICAL: …`, `[warn] …`, `(Error) …`, `info - …`: a leading word that may name a severity. */
const LEADING_WORD = /^(?:[[(<](\p{L}+)[\])>]:?|(\p{L}+)(?::|\s+[-–—]))\s*/u;

/** Reads a warning as the plant of the thesis sends it: text, its severity from a leading word, else `warning`. */
export function decodeText(text: string): Reading {
  const cleaned = clean(text);
  const lead = LEADING_WORD.exec(cleaned);
  const severity = lead ? severityOf(lead[1] ?? lead[2] ?? "") : null;
  const message = (lead && severity ? cleaned.slice(lead[0].length) : cleaned) || "(no text)";
  const measured = firstMeasured(message);
  return {
    message,
    severity: severity ?? "warning",
    source: null,
    state: null,
    value: measured?.value ?? null,
    unit: measured?.unit ?? null,
    limit: null,
    field: null,
    occurredAt: null,
    id: null,
    slot: null,
  };
}
