import type { OwnColumns } from "../measurements/own-columns.ts";
import { isFeedHeader, nameOfColumn } from "../thingspeak/own-columns.ts";

/** So many names are told. */
const MAX_TOLD = 12;
const MAX_LENGTH = 200;

/** A file has names of its own, and nobody has said what its columns hold. */
export class UnknownColumns extends Error {
  override readonly name = "UnknownColumns";

  constructor(names: readonly string[]) {
    const told = names.slice(0, MAX_TOLD).join(", ").slice(0, MAX_LENGTH);
    super(
      `nobody has said yet which column is the time and what the others hold (${told}). An admin says it with /columns, or under “file” in the plants file.`,
    );
  }
}

/** Whether the columns of a file have names that only somebody who knows can tell of; one column has other separators. */
export const areOwnNames = (names: readonly string[]): boolean => names.length > 1 && !isFeedHeader(names);

/** The first line, and what its names hold. */
export interface Header {
  /** To its line break. */
  readonly bytes: Uint8Array;
  readonly own: OwnColumns | null;
}

/** Finds out what the names of the first line hold. @throws UnknownColumns if nobody knows what the columns hold */
export async function readFileHeader(bytes: Uint8Array, columns: OwnColumns | null): Promise<Header> {
  const [names = []] = await firstCells(bytes);
  const own =
    columns !== null && names.some((name) => nameOfColumn(name) === nameOfColumn(columns.time)) ? columns : null;
  if (own === null && areOwnNames(names)) throw new UnknownColumns(names);
  return { bytes, own };
}

/** The cells of the first two lines; none of what is no text of cells. What reads them is loaded when it is needed. */
export async function firstCells(csv: Uint8Array): Promise<readonly (readonly string[])[]> {
  const text = new TextDecoder().decode(csv);
  if (/^\s*[<{[]|^PK|[\0\uFFFD]/.test(text)) return [];
  const { default: papa } = await import("papaparse");
  return papa.parse<string[]>(text, { delimiter: ",", skipEmptyLines: "greedy", preview: 2 }).data;
}
