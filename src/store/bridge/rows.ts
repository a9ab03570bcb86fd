import type { Cells } from "../../thingspeak/entry.ts";
import type { Queries, SqlValue } from "../sql/database.ts";
import type { ChannelState, EntryKind, WaitingEntry } from "./types.ts";

/**
 * So many rows a statement has, as it fits: each number of rows is a statement of its own, which is prepared once and kept, and to
 * prepare one takes as long as to run it.
 */
const ROWS_PER_STATEMENT = [256, 64, 16, 4, 1] as const;

/** Many rows a statement: row by row a bulk message takes ten times as long. */
export async function insertRows(
  queries: Queries,
  into: string,
  rows: readonly (readonly SqlValue[])[],
): Promise<void> {
  for (const chunk of chunksOf(rows)) {
    let number = 0;
    const values = chunk.map((row) => `(${row.map(() => `$${++number}`).join(", ")})`).join(", ");
    await queries.run(`INSERT INTO ${into} VALUES ${values}`, ...chunk.flat());
  }
}

/** As many at a time as a statement takes. */
export function* chunksOf<T>(all: readonly T[]): Iterable<readonly T[]> {
  let from = 0;
  for (const size of ROWS_PER_STATEMENT)
    for (; all.length - from >= size; from += size) yield all.slice(from, from + size);
}

/** As a bulk update has them; what is blank at the end is left out (FACTS: A8). */
export const writeCells = (cells: Cells): string => cells.join(",").replace(/,+$/, "");

const CELLS = 12;
/** All twelve, from how they are stored. */
export const readCells = (text: string): Cells => Array.from({ length: CELLS }, (_, i) => text.split(",")[i] ?? "");

/** The newer cells, and of the former those that they leave blank. */
export const overlay = (former: Cells, newer: Cells): Cells =>
  newer.map((cell, i) => (cell === "" ? (former[i] ?? "") : cell));

export interface ChannelRow {
  readonly channel_id: number;
  readonly last_at: number;
  readonly called_at: number | null;
  readonly result: string | null;
  readonly failures: number;
  readonly next_at: number;
  readonly parked: string | null;
  readonly year: number;
  readonly taken: number;
}

export interface EntryRow {
  readonly at: number;
  readonly kind: EntryKind;
  readonly cells: string;
}

export interface PointRow extends Pick<EntryRow, "at" | "cells"> {
  readonly is_dated: number;
}

export interface BadRow {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly received_at: number;
  readonly problem: string;
}

export const toWaiting = ({ at, kind, cells }: EntryRow): WaitingEntry => ({ at, kind, cells: readCells(cells) });

export const toState = (row: ChannelRow): ChannelState => ({
  channelId: row.channel_id,
  calledAt: row.called_at,
  result: row.result,
  failures: row.failures,
  nextAt: row.next_at,
  parked: row.parked,
  year: row.year,
  taken: row.taken,
});
