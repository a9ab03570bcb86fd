import { must } from "../../lib/must.ts";
import type { Column } from "../../thingspeak/columns.ts";
import type { DemoChannel } from "./channel.ts";
import type { Cell } from "./entries.ts";
import type { Rows } from "./query-rows.ts";
import { toCsvDate, toIsoDate } from "./zone.ts";
import type { Zone } from "./zone.ts";

/** What one request is about, once its access is settled. */
export interface Question {
  readonly channel: DemoChannel;
  /** The fields asked for, then the extra columns. */
  readonly columns: readonly Column[];
  readonly zone: Zone;
}

/** Fields, then `latitude,longitude,elevation` with `location=true`, then `status` with `status=true`. */
export function columnsOf(query: URLSearchParams, fields: readonly Column[]): Column[] {
  const location: Column[] = query.get("location") === "true" ? ["latitude", "longitude", "elevation"] : [];
  const status: Column[] = query.get("status") === "true" ? ["status"] : [];
  return [...fields, ...location, ...status];
}

/** A feed as CSV, dates as the REST service writes them. */
export function toCsv({ channel, columns, zone }: Question, { first, last }: Rows): string {
  const { entries } = channel;
  const lines = [["created_at", "entry_id", ...columns].join(",")];
  for (let i = first; i < last; i++) {
    let line = `${toCsvDate(entries.times[i]!, zone)},${entries.ids[i]}`;
    for (const column of columns) line += `,${toCsvCell(entries.cell(column, i))}`;
    lines.push(line);
  }
  return `${lines.join("\n")}\n`;
}

/** A feed as JSON: the channel with its labels, and the entries with their values as strings. */
export function toJson(question: Question, { first, last }: Rows): string {
  const { channel, columns, zone } = question;
  const labels = columns
    .filter((column) => column.startsWith("field"))
    .map((column) => [column, labelOf(channel, column)]);
  const feeds = Array.from({ length: Math.max(0, last - first) }, (_, i) => toEntry(question, first + i));
  return JSON.stringify({
    channel: {
      id: channel.id,
      name: channel.name,
      latitude: "0.0",
      longitude: "0.0",
      ...Object.fromEntries(labels),
      created_at: toIsoDate(channel.createdAt, zone),
      updated_at: toIsoDate(channel.createdAt, zone),
      last_entry_id: channel.entries.lastId(),
    },
    feeds,
  });
}

/** One entry, bare, as `last.json` gives it. */
export function toEntry({ channel, columns, zone }: Question, index: number): Record<string, string | number | null> {
  const { entries } = channel;
  const cells = columns.map((column) => [column, toText(entries.cell(column, index))]);
  return {
    created_at: toIsoDate(must(entries.times[index], `Entry ${index}`), zone),
    entry_id: must(entries.ids[index], `Entry ${index}`),
    ...Object.fromEntries(cells),
  };
}

function labelOf(channel: DemoChannel, column: Column): string {
  return channel.labels[Number(column.slice("field".length))] ?? "";
}

function toText(cell: Cell): string | null {
  return cell === null ? null : String(cell);
}

function toCsvCell(cell: Cell): string {
  const text = toText(cell) ?? "";
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
