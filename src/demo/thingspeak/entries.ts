import { COLUMNS, type Column } from "../../thingspeak/columns.ts";

/** What one cell may hold: ThingSpeak keeps text as it came. `null` is blank. */
export type Cell = string | number | null;

/** An entry as it is handed in. */
export interface NewEntry extends Partial<Record<Column, Cell>> {
  /** Epoch ms; kept to the second. */
  readonly at: number;
}

/** Many entries as columns of one length, in order of time; `NaN` is blank. */
export interface NewColumns {
  /** Epoch ms; kept to the second. */
  readonly times: ArrayLike<number>;
  readonly columns: Partial<Record<Column, ArrayLike<Cell>>>;
}

/** A channel's entries, always in order of time whatever the order of their ids. */
export interface DemoEntries {
  readonly times: readonly number[];
  readonly ids: readonly number[];
  readonly lastId: () => number;
  cell(column: Column, index: number): Cell;
  /** Adds one entry, back-dated ones at their place. @returns its id */
  append(entry: NewEntry): number;
  /** Adds many entries at the end. @throws Error when they are not in order, or begin before the newest one */
  load(added: NewColumns): void;
  /** Deletes all; ids go on. */
  clear(): void;
  /** The first index whose time is at or after `at`. */
  firstFrom(at: number): number;
}

/** Keeps entries as plain arrays: a million of them load in well under a second. */
export function createEntries(): DemoEntries {
  const times: number[] = [];
  const ids: number[] = [];
  const cells = new Map<Column, Cell[]>();
  let lastId = 0;

  /** A column that has not been used so far is blank in all entries before. */
  function columnOf(name: Column): Cell[] {
    let column = cells.get(name);
    if (column === undefined) {
      column = times.map(() => null);
      cells.set(name, column);
    }
    return column;
  }

  return {
    times,
    ids,
    lastId: () => lastId,
    cell: (column, index) => cells.get(column)?.[index] ?? null,
    append(entry) {
      const at = toSecond(entry.at);
      const index = firstFrom(times, at + 1);
      for (const name of COLUMNS) if (entry[name] !== undefined) columnOf(name);
      for (const [name, column] of cells) column.splice(index, 0, toCell(entry[name]));
      times.splice(index, 0, at);
      lastId += 1;
      ids.splice(index, 0, lastId);
      return lastId;
    },
    load(added) {
      const names = COLUMNS.filter((name) => added.columns[name] !== undefined);
      for (const name of names) columnOf(name);
      for (let i = 0; i < added.times.length; i++) {
        const at = toSecond(added.times[i]!);
        if (at < (times.at(-1) ?? -Infinity)) throw new Error(`entry ${i} is older than the one before it`);
        for (const [name, column] of cells) column.push(toCell(added.columns[name]?.[i]));
        times.push(at);
        lastId += 1;
        ids.push(lastId);
      }
    },
    clear() {
      times.length = 0;
      ids.length = 0;
      cells.clear();
    },
    firstFrom: (at) => firstFrom(times, at),
  };
}

function firstFrom(times: readonly number[], at: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? Infinity) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function toSecond(at: number): number {
  return Math.floor(at / 1_000) * 1_000;
}

function toCell(value: Cell | undefined): Cell {
  return value === undefined || value === "" || Number.isNaN(value) ? null : value;
}
