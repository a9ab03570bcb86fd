import { COLUMNS } from "../thingspeak/columns.ts";
import { quotePlant, readCell, type Cells } from "../thingspeak/entry.ts";

/** What one bulk message says. */
export interface BulkMessage {
  readonly entries: readonly BulkEntry[];
  /** What is wrong, a sentence for each entry that cannot be taken; counted from 1. */
  readonly problems: readonly string[];
}

/** An entry with its time made absolute. */
interface BulkEntry {
  /** Epoch ms, at a whole second. */
  readonly at: number;
  /** Whether its time was counted from our clock; if not, the plant gave a date. */
  readonly isRelative: boolean;
  readonly cells: Cells;
}

const SECOND_MS = 1_000;
const TIME_CELLS = 1;
/** Twice as many as ThingSpeak takes in one call (FACTS: A7). Four megabytes may hold a million, which take a gigabyte once they are read. */
const MAX_ENTRIES = 28_800;
/** A year: more between two entries is another kind of number. */
const MAX_DELTA_S = 366 * 86_400;
const DELTA = /^\+?\d{1,9}(?:\.0*)?$/;
const EPOCH_S = /^\d{10}$/;
const EPOCH_MS = /^\d{13}$/;
/** ISO 8601, and as MySQL writes it; without a zone it is UTC, as ThingSpeak reads it (FACTS: A8). */
const DATE = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)?(Z| ?[+-]\d\d:?\d\d| UTC)?$/;

type Time = { readonly deltaS: number } | { readonly at: number };

interface Line {
  readonly time: Time | null;
  readonly cells: Cells | null;
  readonly problem: string | null;
}

/**
 * Reads `timestamp,field1,…,field8,latitude,longitude,elevation,status|…`, as ThingSpeak's bulk update takes it. Lenient on the tail
 * of an entry, since the plant's own are a comma short or long: cells that are left out are blank, and blank ones beyond the last are
 * none. Strict on the rest.
 *
 * A relative time is seconds since the entry before (FACTS: A8). The last entry of a message is as old as the message, so its time is
 * `receivedAt`, and the others are counted back from it: whatever waits or is merged afterwards shifts nothing.
 * @param receivedAt epoch ms
 */
export function readBulk(text: string, receivedAt: number): BulkMessage {
  // Between two bars, and behind the last, there may be nothing.
  const parts = updatesOf(text)
    .split("|")
    .filter((part) => part.trim() !== "");
  if (parts.length === 0) return { entries: [], problems: ["there is no entry in it"] };
  if (parts.length > MAX_ENTRIES) {
    return { entries: [], problems: [`it has ${parts.length} entries, more than can be taken (${MAX_ENTRIES})`] };
  }
  const lines = parts.map(readLine);
  const isRelative = lines.some(({ time }) => time !== null && "deltaS" in time);
  const problems: string[] = [];
  const entries: BulkEntry[] = [];
  let at = Math.floor(receivedAt / SECOND_MS) * SECOND_MS;
  // Where an entry does not say how long it was after the one before, it is as between its neighbours.
  let deltaS = lines.map(({ time }) => deltaOf(time)).findLast((delta) => delta !== null) ?? 0;
  // Backwards, which is why both are turned round in the end: putting each before the others takes minutes for a long message.
  for (const [i, { time, cells, problem }] of [...lines.entries()].reverse()) {
    const isOdd = time !== null && "at" in time === isRelative;
    const wrong = problem ?? (isOdd ? "a date among relative times" : null);
    if (wrong !== null) problems.push(`entry ${i + 1}: ${wrong}`);
    else if (cells !== null && time !== null) entries.push({ at: "at" in time ? time.at : at, isRelative, cells });
    deltaS = deltaOf(time) ?? deltaS;
    at -= deltaS * SECOND_MS;
  }
  return { entries: entries.reverse(), problems: problems.reverse() };
}

/** A form as it is posted to ThingSpeak has them under a name, beside the key, which is not ours to use. */
function updatesOf(text: string): string {
  const bare = text.trim();
  return /^(?:write_api_key|time_format|updates)=/.test(bare) ? (new URLSearchParams(bare).get("updates") ?? "") : bare;
}

function readLine(part: string): Line {
  const [stamp = "", ...rest] = part.split(",");
  const time = readTime(stamp.trim());
  if (time === null) {
    return {
      time,
      cells: null,
      problem: `“${quotePlant(stamp.trim())}” is not a time: write whole seconds since the entry before, or a date`,
    };
  }
  const extra = rest.slice(COLUMNS.length);
  const many = rest.length + TIME_CELLS;
  if (extra.some((cell) => cell.trim() !== "")) {
    return { time, cells: null, problem: `it has ${many} values, where there can be ${COLUMNS.length + TIME_CELLS}` };
  }
  const cells: string[] = [];
  for (const [i, column] of COLUMNS.entries()) {
    const reading = readCell(column, rest[i] ?? "");
    if ("problem" in reading) return { time, cells: null, problem: reading.problem };
    cells.push(reading.value);
  }
  if (cells.every((cell) => cell === "")) return { time, cells: null, problem: "it has a time and no value" };
  return { time, cells, problem: null };
}

function readTime(stamp: string): Time | null {
  if (EPOCH_S.test(stamp)) return { at: Number(stamp) * SECOND_MS };
  if (EPOCH_MS.test(stamp)) return { at: Math.floor(Number(stamp) / SECOND_MS) * SECOND_MS };
  if (DELTA.test(stamp)) {
    const deltaS = Number(stamp);
    return deltaS <= MAX_DELTA_S ? { deltaS } : null;
  }
  const [, day, clock, zone = "Z"] = DATE.exec(stamp) ?? [];
  const at = Date.parse(`${day}T${clock}${zone.trim().replace("UTC", "Z")}`);
  return Number.isNaN(at) ? null : { at };
}

/** Seconds since the entry before; `null`: it does not say. */
const deltaOf = (time: Time | null): number | null => (time !== null && "deltaS" in time ? time.deltaS : null);
