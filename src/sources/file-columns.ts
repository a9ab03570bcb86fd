import { open, stat } from "node:fs/promises";
import { basename } from "node:path";
import { z } from "zod";
import type { KeyValue } from "../store/sql/key-value.ts";
import type { OwnColumns } from "../measurements/own-columns.ts";
import { nameOfColumn, timesIn } from "../thingspeak/own-columns.ts";
import { areOwnNames, firstCells, UnknownColumns } from "./file-names.ts";
import { readAt } from "./file-pieces.ts";

/** Names in the store what an admin said in a chat. */
const COLUMNS = "file columns";
const form = z.object({ time: z.string(), fields: z.array(z.string()).min(1).max(8), zone: z.string().nullable() });

/** The first lines are within so many bytes. */
const SAMPLE_BYTES = 65_536;

/** The first lines of the file. */
export interface FileSample {
  /** The file's. */
  readonly name: string;
  readonly names: readonly string[];
  /** Of its first entry; none if it has none. */
  readonly cells: readonly string[];
}

/** Whether a cell is a time that says itself in which zone. */
export const namesZone = (cell: string): boolean => !Number.isNaN(timesIn(null)(cell));

/** What the columns of the file hold that is plotted: as the plants file says, else as an admin said in a chat. */
export interface FileColumns {
  /** `null`: nobody has said it. */
  readonly current: () => OwnColumns | null;
  /** Whether the plants file says it: then nobody else does. */
  readonly isInPlants: () => boolean;
  /** Keeps what an admin says. */
  readonly save: (columns: OwnColumns) => Promise<void>;
  /** `null`: the columns have ThingSpeak's names, or it is no file that could be read. */
  readonly sample: () => Promise<FileSample | null>;
  /** Why it cannot be plotted before somebody says what its columns hold; `null`: it can. */
  readonly problem: () => Promise<string | null>;
}

/** Opens it with what was said before. */
export async function openFileColumns(options: {
  readonly path: string;
  readonly keyValue: KeyValue;
  readonly plantsFile: () => OwnColumns | null;
}): Promise<FileColumns> {
  const { path, keyValue, plantsFile } = options;
  let said: OwnColumns | null = form
    .nullable()
    .catch(null)
    .parse(await keyValue.read(COLUMNS));
  const current = (): OwnColumns | null => plantsFile() ?? said;

  async function sample(): Promise<FileSample | null> {
    let bytes: Uint8Array;
    try {
      await using file = await open(path);
      bytes = await readAt(file, 0, SAMPLE_BYTES);
    } catch {
      // Whoever asks for a plot is told.
      return null;
    }
    const [names = [], cells = []] = await firstCells(bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1));
    return areOwnNames(names) ? { name: basename(path), names, cells } : null;
  }

  /** Whether it is known is asked again and again, and changes with the file and with what is said only. */
  let looked: { readonly mark: string; readonly problem: string | null } | null = null;

  async function problem(): Promise<string | null> {
    const found = await sample();
    const time = current()?.time;
    const isKnown = time !== undefined && found?.names.map(nameOfColumn).includes(nameOfColumn(time));
    return found === null || isKnown ? null : `${found.name}: ${new UnknownColumns(found.names).message}`;
  }

  return {
    current,
    isInPlants: () => plantsFile() !== null,
    async save(columns) {
      await keyValue.write(COLUMNS, columns);
      said = columns;
    },
    sample,
    async problem() {
      const { mtimeMs, ino } = await stat(path).catch(() => ({ mtimeMs: 0, ino: 0 }));
      const mark = JSON.stringify([mtimeMs, ino, current()]);
      if (looked?.mark !== mark) looked = { mark, problem: await problem() };
      return looked.problem;
    },
  };
}
