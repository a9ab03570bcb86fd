import { UpstreamError } from "../lib/errors.ts";
import type { OwnColumns } from "../measurements/own-columns.ts";
import { nameOfColumn } from "./own-columns.ts";

/** Where a feed's columns are. */
export interface FeedHeader {
  readonly width: number;
  readonly dateIndex: number;
  readonly dateName: string;
  /** What stands in that column, in words. */
  readonly dates: string;
  /** −1: there is none. */
  readonly idIndex: number;
  readonly fields: readonly { readonly number: number; readonly index: number }[];
}

/**
 * Finds the columns of a feed by their names.
 * @param own what the names of a file of one's own hold
 * @throws UpstreamError `malformed`
 */
export function readHeader(row: string[], line: number, own: OwnColumns | null = null): FeedHeader {
  const names = row.map(nameOfColumn);
  const indexOf = (name: string): number => {
    const index = names.indexOf(name);
    if (index !== -1 && names.includes(name, index + 1)) throw malformed(line, `the column ${name} is there twice`);
    return index;
  };
  const found = `found: ${names.slice(0, 12).join(", ").slice(0, 200)}`;
  if (own !== null) {
    const ownIndexOf = (name: string): number => {
      const index = indexOf(nameOfColumn(name));
      if (index === -1) throw malformed(line, `no column ${name} (${found})`);
      return index;
    };
    const dates = own.zone === null ? "a date with a zone" : `a time that clocks in ${own.zone} show`;
    const fields = own.fields.map((name, i) => ({ number: i + 1, index: ownIndexOf(name) }));
    return { width: row.length, dateIndex: ownIndexOf(own.time), dateName: own.time, dates, idIndex: -1, fields };
  }
  const dateIndex = indexOf("created_at");
  const idIndex = indexOf("entry_id");
  const exported = names.map((name) => /^(field[1-8]): /.exec(name)?.[1] ?? "");
  const isExport = exported.some((name) => name !== "");
  const fields = [1, 2, 3, 4, 5, 6, 7, 8]
    .map((number) => ({ number, index: Math.max(indexOf(`field${number}`), exported.indexOf(`field${number}`)) }))
    .filter(({ index }) => index !== -1);

  const separator = dateIndex === -1 ? otherSeparator(row) : null;
  if (separator !== null) throw malformed(line, `no column created_at: ${separator}`);
  if (dateIndex === -1) throw malformed(line, `no column created_at (${found})`);
  if (idIndex === -1 && !isExport) throw malformed(line, `no column entry_id (${found})`);
  if (fields.length === 0) throw malformed(line, `no column field1 to field8; were they renamed? (${found})`);
  return { width: row.length, dateIndex, dateName: "created_at", dates: "a date with a zone", idIndex, fields };
}

/** What else than commas separates the names of a header; `null`: nothing that people would use. */
function otherSeparator(row: readonly string[]): string | null {
  const [only = "", ...others] = row;
  if (others.length > 0 && !only.includes(";")) return null;
  if (only.includes(";"))
    return "saved by Excel with semicolons? Save it as CSV with commas, and points in its numbers";
  return only.includes("\t") ? "separated by tabs? Save it as CSV with commas" : null;
}

/** A feed that is not to be believed. */
export function malformed(line: number, reason: string): UpstreamError {
  return new UpstreamError("malformed", `line ${line}: ${reason}`);
}
