import type { Parsed } from "../lib/text/parsed.ts";
import { COLUMNS, type Column } from "./columns.ts";

/**
 * One entry of a ThingSpeak channel as the plant sends it: its time, then a cell for each of `COLUMNS`.
 *
 * Glossary
 *
 * - **entry**: what ThingSpeak stores under one time; **cells** are what it holds behind that time.
 * - **bulk message**: many entries in one MQTT message; **point message**: one entry, or one field of one.
 * - **call**: one request that carries entries to ThingSpeak.
 */

/** One text for each of `COLUMNS`; `""` where there is none. */
export type Cells = readonly string[];

/** An entry of a channel, to be brought to ThingSpeak. */
export interface Entry {
  readonly channelId: number;
  /** Epoch ms, at a whole second: ThingSpeak keeps no more of it. */
  readonly at: number;
  readonly cells: Cells;
}

/** ThingSpeak keeps 255 bytes of a cell (FACTS: A4), and 3,000 of a message (FACTS: A7). */
const MAX_CELL_BYTES = 255;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
/** How PLCs and C write that a sensor has no value. */
const NO_VALUE = /^[+-]?#?(?:nan|inf|infinity)(?:\(.*\))?$/i;
const RANGES: Partial<Record<Column, number>> = { latitude: 90, longitude: 180 };

/**
 * Reads one cell as it is sent: a number or nothing, but for the status, which is any text. What a PLC writes for "no value" is nothing.
 */
export function readCell(column: Column, text: string): Parsed<string> {
  const cell = text.trim();
  if (cell === "") return { value: "" };
  if (Buffer.byteLength(cell) > MAX_CELL_BYTES) return { problem: `${column} is longer than ${MAX_CELL_BYTES} bytes` };
  if (column === "status") return { value: cell.replaceAll(/[,|\p{Cc}]/gu, " ") };
  if (NO_VALUE.test(cell)) return { value: "" };
  const value = NUMBER.test(cell) ? Number(cell) : Number.NaN;
  if (!Number.isFinite(value)) return { problem: `${column} is not a number: “${quotePlant(cell)}”` };
  const most = RANGES[column];
  if (most !== undefined && Math.abs(value) > most)
    return { problem: `${column} is beyond ±${most}: ${quotePlant(cell)}` };
  return { value: cell };
}

/** Twelve cells from those that are given by name. */
export function cellsOf(given: Partial<Record<Column, string>>): Cells {
  return COLUMNS.map((column) => given[column] ?? "");
}

/** Text from the plant to be quoted in a sentence of ours: short, and without control characters. */
export function quotePlant(text: string): string {
  const shown = text.replaceAll(/\p{Cc}/gu, "�");
  return shown.length > 40 ? `${shown.slice(0, 40)}…` : shown;
}
