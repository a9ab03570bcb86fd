import { columnsOf, toCsv, toEntry, toJson } from "./answers.ts";
import type { Question } from "./answers.ts";
import type { Channel } from "./channel.ts";
import { COLUMNS } from "./entries.ts";
import type { Column, NewEntry } from "./entries.ts";
import { BadQueryError, rowsOf } from "./window.ts";
import { zoneOf } from "./zone.ts";

/** The least time between two `/update`s of a channel on the free plan (FACTS: A7). */
const UPDATE_INTERVAL_MS = 15_000;

/** What the server sends back. */
export interface Answer {
  readonly status: number;
  readonly type: "text/csv" | "application/json" | "text/plain";
  readonly body: string;
}

/** One request, body parameters merged into the query as Rails does. */
export interface Call {
  readonly path: string;
  readonly query: URLSearchParams;
  /** From the parameter or the header. */
  readonly key: string | null;
}

const NOT_FOUND = errorAnswer(404, "error_resource_not_found", "Resource Not Found");

/** Answers a request as ThingSpeak does: feeds, single fields, their newest entry, and `/update`. XML is left out. */
export function route(channels: ReadonlyMap<number, Channel>, call: Call, now: number): Answer {
  if (/^\/update(\.json)?$/.test(call.path)) return update(channels, call, now);

  const parts = /^\/channels\/(\d+)\/(?:feeds|fields\/(\d))(\/last)?\.(csv|json|txt)$/.exec(call.path);
  const channel = channels.get(Number(parts?.[1]));
  if (parts === null || channel === undefined) return NOT_FOUND;
  const isLast = parts[3] !== undefined;
  const format = parts[4] as "csv" | "json" | "txt";
  // Feeds refuse with status 400, last entries with 200 (FACTS: A5).
  if (channel.readApiKey !== null && call.key !== channel.readApiKey) return minusOne(isLast ? 200 : 400, format);

  const field = parts[2] === undefined ? null : (`field${parts[2]}` as Column);
  if (field !== null && !channel.fieldColumns.includes(field)) return NOT_FOUND;
  const question: Question = {
    channel,
    columns: columnsOf(call.query, field === null ? channel.fieldColumns : [field]),
    zone: zoneOf(call.query),
  };
  return isLast ? last(question, field, format) : feed(question, call.query, format, now);
}

function feed(question: Question, query: URLSearchParams, format: "csv" | "json" | "txt", now: number): Answer {
  if (format === "txt") return NOT_FOUND;
  try {
    const rows = rowsOf(query, question.channel.entries, question.zone, now);
    return format === "csv" ? ok("text/csv", toCsv(question, rows)) : ok("application/json", toJson(question, rows));
  } catch (error) {
    if (error instanceof BadQueryError) return errorAnswer(400, "error_bad_request", error.message);
    throw error;
  }
}

/** The newest entry, or of one field the newest that is not blank. */
function last(question: Question, field: Column | null, format: "csv" | "json" | "txt"): Answer {
  const { entries } = question.channel;
  let index = entries.times.length - 1;
  while (field !== null && index >= 0 && entries.cell(field, index) === null) index -= 1;
  if (index < 0) return minusOne(200, format);
  if (format === "csv") return ok("text/csv", toCsv(question, { first: index, last: index + 1 }));
  if (format === "txt" && field !== null) return ok("text/plain", String(entries.cell(field, index)));
  return ok("application/json", JSON.stringify(toEntry(question, index)));
}

/** Takes an entry; `0` for a wrong key (status 400), too early a call, or a date that is none. */
function update(channels: ReadonlyMap<number, Channel>, { path, query, key }: Call, now: number): Answer {
  const channel = [...channels.values()].find(({ writeApiKey }) => writeApiKey === key);
  if (channel === undefined) return { status: 400, type: "text/plain", body: "0" };
  const entry = toNewEntry(query, now);
  if (Number.isNaN(entry.at) || now - channel.updatedAt < UPDATE_INTERVAL_MS) return ok("text/plain", "0");

  channel.updatedAt = now;
  const id = channel.entries.append(entry);
  if (!path.endsWith(".json")) return ok("text/plain", String(id));
  const index = channel.entries.ids.lastIndexOf(id);
  const question = { channel, columns: channel.fieldColumns, zone: zoneOf(query) };
  return ok("application/json", JSON.stringify(toEntry(question, index)));
}

/**
 * Reads an entry as ThingSpeak's `/update` and its MQTT messages carry it: `field1=…&field2=…&created_at=…`.
 * `at` is `NaN` when `created_at` is no date.
 */
export function toNewEntry(parameters: URLSearchParams, now: number): NewEntry {
  const createdAt = parameters.get("created_at");
  const cells = COLUMNS.filter((column) => parameters.has(column)).map((column) => [column, parameters.get(column)]);
  return { at: createdAt === null ? now : Date.parse(createdAt), ...Object.fromEntries(cells) };
}

function ok(type: Answer["type"], body: string): Answer {
  return { status: 200, type, body };
}

function minusOne(status: number, format: string): Answer {
  const isQuoted = format === "json" && status === 200;
  return { status, type: format === "json" ? "application/json" : "text/plain", body: isQuoted ? '"-1"' : "-1" };
}

function errorAnswer(status: number, code: string, message: string): Answer {
  const error = { error_code: code, message, details: message };
  return { status, type: "application/json", body: JSON.stringify({ status: String(status), error }) };
}
