import { numberAt } from "../measurements/series.ts";
import { blocksOf, sorted } from "./blocks.ts";
import { packColumns, unpackColumns } from "./columns.ts";
import type { SeriesEntries } from "./minutes.ts";
import type { Block } from "../store/recordings/types.ts";

/** The entries of one series that are in no block yet. */
interface Open {
  times: number[];
  values: number[];
  /** How many of them are in the journal. */
  saved: number;
  /** How many that came before them went for want of room. */
  gone: number;
}

/** 32 MB, while nothing can be written. */
const MAX_UNSAVED_ENTRIES = 2_000_000;

const NONE = (): Open => ({ times: [], values: [], saved: 0, gone: 0 });

/** What is in no block yet, of all series, by number. */
export class OpenEntries {
  #opens = new Map<number, Open>();
  /** What is being put into blocks just now. */
  #sealing: ReadonlyMap<number, Open> = new Map();
  #count = 0;
  readonly #onDropped: (entries: number) => void;

  /** @param onDropped is told how many there were when there was no room for more, and half of them went */
  constructor(onDropped: (entries: number) => void) {
    this.#onDropped = onDropped;
  }

  /** How many there are, without what is being put into blocks. */
  get count(): number {
    return this.#count;
  }

  put(id: number, at: number, value: number): void {
    const open = this.#opens.get(id) ?? NONE();
    this.#opens.set(id, open);
    open.times.push(at);
    open.values.push(value);
    this.#count += 1;
    if (this.#count > MAX_UNSAVED_ENTRIES) this.#dropHalf();
  }

  /** Takes up what an earlier run journaled. */
  replay(journal: readonly Uint8Array[]): void {
    for (const packed of journal) {
      const next = unpackColumns(packed);
      const [series, times, values] = [next(), next(), next()];
      for (const [i, id] of series.entries()) this.put(id, numberAt(times, i), numberAt(values, i));
    }
    for (const open of this.#opens.values()) open.saved = open.times.length;
  }

  /** Those of one series, each piece in order of time. */
  of(id: number): SeriesEntries[] {
    return [this.#sealing.get(id), this.#opens.get(id)].filter((open) => open !== undefined).map(sorted);
  }

  /** Hands on what is not in the journal yet, packed; what comes meanwhile is left for the next time. */
  async journal(write: (packed: Uint8Array) => Promise<void>): Promise<void> {
    const [ids, times, values]: [number[], number[], number[]] = [[], [], []];
    for (const [id, open] of this.#opens) {
      for (let i = open.saved; i < open.times.length; i++) {
        ids.push(id);
        times.push(open.times[i]!);
        values.push(open.values[i]!);
      }
    }
    if (ids.length === 0) return;
    const ends = [...this.#opens.values()].map((open) => [open, open.gone + open.times.length] as const);
    await write(packColumns([ids, times, values].map((column) => Float64Array.from(column))));
    // Some may have gone meanwhile.
    for (const [open, end] of ends) open.saved = Math.max(0, end - open.gone);
  }

  /** Hands on all as blocks. What cannot be written stays open. */
  async seal(write: (blocks: readonly Block[]) => Promise<void>): Promise<void> {
    const [former, count] = [this.#opens, this.#count];
    this.#sealing = former;
    this.#opens = new Map();
    this.#count = 0;
    try {
      await write([...former].flatMap(([id, open]) => blocksOf(id, sorted(open))));
    } catch (error) {
      // They are in the journal still, or will be: what came meanwhile goes behind them.
      for (const [id, { times, values }] of this.#opens) {
        const open = former.get(id) ?? NONE();
        former.set(id, {
          times: open.times.concat(times),
          values: open.values.concat(values),
          saved: open.saved,
          gone: open.gone,
        });
      }
      this.#opens = former;
      this.#count += count;
      throw error;
    } finally {
      this.#sealing = new Map();
    }
  }

  /** Nothing can be written for long: what came first makes room. */
  #dropHalf(): void {
    this.#onDropped(this.#count);
    this.#count = 0;
    for (const open of this.#opens.values()) {
      const gone = Math.ceil(open.times.length / 2);
      open.times.splice(0, gone);
      open.values.splice(0, gone);
      open.saved = Math.max(0, open.saved - gone);
      open.gone += gone;
      this.#count += open.times.length;
    }
  }
}
