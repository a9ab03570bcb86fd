import { COLUMNS, parameterOf, type Column } from "../../thingspeak/columns.ts";
import { columnsOf, toCsv, toEntry, toJson } from "./answers.ts";
import type { Question } from "./answers.ts";
import type { DemoChannel } from "./channel.ts";
import type { NewEntry } from "./entries.ts";
import { BadQueryError, rowsOf } from "./query-rows.ts";
import { zoneOf } from "./zone.ts";

const FORMATS = ["csv", "json", "txt"] as const;
/** The least time between two writes of a channel on the free plan (FACTS: A7); between two bulk calls on any plan (FACTS: F3). */
const UPDATE_INTERVAL_MS = 15_000;
/** FACTS: A7. */
const MAX_BULK_ENTRIES = { free: 960, paid: 14_400 } as const;
const MAX_ENTRY_BYTES = 3_000;

/** What the server sends back. */
export interface ChannelAnswer {
  readonly status: number;
  readonly type: "text/csv" | "application/json" | "text/plain";
  readonly body: string;
}

/** One request, body parameters merged into the query as Rails does. */
export interface ChannelRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** From the parameter or the header. */
  readonly key: string | null;
}

const NOT_FOUND = errorAnswer(404, "error_resource_not_found", "Resource Not Found");

/** Answers a request as ThingSpeak does: feeds, single fields, their newest entry, `/update` and bulk updates. XML is left out. */
export function route(channels: ReadonlyMap<number, DemoChannel>, call: ChannelRequest, now: number): ChannelAnswer {
  if (/^\/update(\.json)?$/.test(call.path)) return update(channels, call, now);
  const [, bulkId] = /^\/channels\/(\d+)\/bulk_update\.csv$/.exec(call.path) ?? [];
  if (bulkId !== undefined) return bulkUpdate(channels.get(Number(bulkId)), call, now);
  const [, clearedId] = /^\/channels\/(\d+)\/feeds\.json$/.exec(call.method === "DELETE" ? call.path : "") ?? [];
  if (clearedId !== undefined) return clear(channels.get(Number(clearedId)), call);

  const parts = /^\/channels\/(\d+)\/(?:feeds|fields\/(\d))(\/last)?\.(csv|json|txt)$/.exec(call.path);
  const channel = channels.get(Number(parts?.[1]));
  if (parts === null || channel === undefined) return NOT_FOUND;
  const isLast = parts[3] !== undefined;
  const format = FORMATS.find((one) => one === parts[4]) ?? "csv";
  // Feeds refuse with status 400, last entries with 200 (FACTS: A5).
  if (channel.readApiKey !== null && call.key !== channel.readApiKey) return minusOne(isLast ? 200 : 400, format);

  const field = parts[2] === undefined ? null : COLUMNS.find((column) => column === `field${parts[2]}`);
  if (field === undefined || (field !== null && !channel.fieldColumns.includes(field))) return NOT_FOUND;
  const question: Question = {
    channel,
    columns: columnsOf(call.query, field === null ? channel.fieldColumns : [field]),
    zone: zoneOf(call.query),
  };
  return isLast ? last(question, field, format) : feed(question, call.query, format, now);
}

function feed(question: Question, query: URLSearchParams, format: "csv" | "json" | "txt", now: number): ChannelAnswer {
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
function last(question: Question, field: Column | null, format: "csv" | "json" | "txt"): ChannelAnswer {
  const { entries } = question.channel;
  let index = entries.times.length - 1;
  while (field !== null && index >= 0 && entries.cell(field, index) === null) index -= 1;
  if (index < 0) return minusOne(200, format);
  if (format === "csv") return ok("text/csv", toCsv(question, { first: index, last: index + 1 }));
  if (format === "txt" && field !== null) return ok("text/plain", String(entries.cell(field, index)));
  return ok("application/json", JSON.stringify(toEntry(question, index)));
}

/** Takes an entry; `0` for a wrong key (status 400), too early a call, or a date that is none. */
function update(
  channels: ReadonlyMap<number, DemoChannel>,
  { path, query, key }: ChannelRequest,
  now: number,
): ChannelAnswer {
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

/** Takes many entries, all or none (FACTS: A8): `202` once they are accepted. */
function bulkUpdate(channel: DemoChannel | undefined, { method, query }: ChannelRequest, now: number): ChannelAnswer {
  if (channel === undefined) return NOT_FOUND;
  if (method !== "POST") return errorAnswer(405, "error_method_invalid", "Invalid HTTP Method");
  if (query.get("write_api_key") !== channel.writeApiKey) {
    return errorAnswer(401, "error_auth_required", "Authorization Required");
  }
  if (now - channel.updatedAt < UPDATE_INTERVAL_MS)
    return errorAnswer(429, "error_too_many_requests", "Too Many Requests");
  const parts = (query.get("updates") ?? "").split("|").filter((part) => part !== "");
  if (parts.length > MAX_BULK_ENTRIES[channel.plan ?? "free"] || parts.some((part) => part.length > MAX_ENTRY_BYTES)) {
    return errorAnswer(413, "error_request_too_large", "Request Entity Too Large");
  }
  const entries = toNewEntries(parts, query.get("time_format"), now);
  const seconds = new Set(entries.map(({ at }) => Math.floor(at / 1_000)));
  const isKnown = [...seconds].some(
    (second) => channel.entries.times[channel.entries.firstFrom(second * 1_000)] === second * 1_000,
  );
  if (entries.length === 0 || entries.some(({ at }) => Number.isNaN(at)) || seconds.size < entries.length || isKnown) {
    return errorAnswer(400, "error_bad_request", "Bad Request");
  }
  channel.updatedAt = now;
  for (const entry of entries) channel.entries.append(entry);
  return { status: 202, type: "application/json", body: JSON.stringify({ success: true }) };
}

/** A relative time is seconds since the entry before; the first one's counts from now, as nothing is known of the call before. */
function toNewEntries(parts: readonly string[], timeFormat: string | null, now: number): NewEntry[] {
  let at = now;
  return parts.map((part) => {
    const [stamp = "", ...cells] = part.split(",");
    if (cells.length > COLUMNS.length) return { at: Number.NaN };
    at = timeFormat === "relative" ? at + Number(stamp) * 1_000 : Date.parse(stamp);
    return { at, ...Object.fromEntries(cells.map((cell, i) => [COLUMNS[i], cell])) };
  });
}

/** Deletes all entries of a channel: for the account's own key. */
function clear(channel: DemoChannel | undefined, { key }: ChannelRequest): ChannelAnswer {
  if (channel === undefined) return NOT_FOUND;
  if (channel.userApiKey === undefined || key !== channel.userApiKey) {
    return errorAnswer(401, "error_auth_required", "Authorization Required");
  }
  channel.entries.clear();
  return ok("application/json", "[]");
}

/**
 * Reads an entry as ThingSpeak's `/update` and its MQTT messages carry it: `field1=…&field2=…&created_at=…`.
 * `at` is `NaN` when `created_at` is not a date.
 */
export function toNewEntry(parameters: URLSearchParams, now: number): NewEntry {
  const createdAt = parameters.get("created_at");
  const cells = COLUMNS.map((column) => [column, parameters.get(parameterOf(column)) ?? undefined]);
  return { at: createdAt === null ? now : Date.parse(createdAt), ...Object.fromEntries(cells) };
}

function ok(type: ChannelAnswer["type"], body: string): ChannelAnswer {
  return { status: 200, type, body };
}

function minusOne(status: number, format: string): ChannelAnswer {
  const isQuoted = format === "json" && status === 200;
  return { status, type: format === "json" ? "application/json" : "text/plain", body: isQuoted ? '"-1"' : "-1" };
}

function errorAnswer(status: number, code: string, message: string): ChannelAnswer {
  const error = { error_code: code, message, details: message };
  return { status, type: "application/json", body: JSON.stringify({ status: String(status), error }) };
}
