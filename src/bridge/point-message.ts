import type { Parsed } from "../lib/text/parsed.ts";
import { COLUMNS, parameterOf, type Column } from "../thingspeak/columns.ts";
import { cellsOf, quotePlant, readCell, type Cells } from "../thingspeak/entry.ts";

/** What one point message says. */
export interface PointMessage {
  readonly channelId: number;
  readonly cells: Cells;
  /** Epoch ms, at a whole second: when the plant says that it was; `null`: it does not. */
  readonly createdAt: number | null;
}

/** The filter of all point messages; a write key stood at the end of their topics with ThingSpeak's former service (FACTS: A10). */
export const POINT_FILTER = "remote/thingspeak/+/publish/#";

const TOPIC = /^remote\/thingspeak\/(\d{1,12})\/publish(?:\/fields\/field(\d+))?(?:\/[^/]*)?$/;
const SECOND_MS = 1_000;

/** A point message without what may be a key, to be shown and logged. */
export function shownTopic(topic: string): string {
  const [, channelId, field] = TOPIC.exec(topic) ?? [];
  if (channelId === undefined) return quotePlant(topic);
  return `remote/thingspeak/${channelId}/publish${field === undefined ? "" : `/fields/field${field}`}`;
}

/**
 * Reads a message of the plant to one channel: a bare value of one field, or `field1=100&field2=50&…` with status, created_at and
 * location. What stands at the end of the topic was a key once, and is not looked at.
 * @returns a sentence about what is wrong, if it cannot be taken
 */
export function readPoint(topic: string, text: string): Parsed<PointMessage> {
  const [, channelId, field] = TOPIC.exec(topic) ?? [];
  if (channelId === undefined) return { problem: "the topic names no channel" };
  const given = field === undefined ? readForm(text) : readField(field, text);
  if ("problem" in given) return given;
  if (given.value.cells.every((cell) => cell === "")) return { problem: "it has no value" };
  return { value: { channelId: Number(channelId), ...given.value } };
}

type Given = Parsed<Omit<PointMessage, "channelId">>;

function readField(number: string, text: string): Given {
  const column = COLUMNS.find((name) => name === `field${number}`);
  if (column === undefined) return { problem: `there is no field${quotePlant(number)}: 1 to 8` };
  const reading = readCell(column, text);
  return "problem" in reading ? reading : { value: { cells: cellsOf({ [column]: reading.value }), createdAt: null } };
}

function readForm(text: string): Given {
  const cells: Partial<Record<Column, string>> = {};
  let createdAt: number | null = null;
  for (const [name, value] of new URLSearchParams(text.trim().replaceAll("+", "%2B"))) {
    if (name === "created_at") {
      const at = Date.parse(value);
      if (Number.isNaN(at)) return { problem: `created_at is not a date: “${quotePlant(value)}”` };
      createdAt = Math.floor(at / SECOND_MS) * SECOND_MS;
      continue;
    }
    // The key that may stand there is another's word for who we are.
    if (name === "api_key" || name === "key") continue;
    const column = COLUMNS.find((one) => one === name || parameterOf(one) === name);
    if (column === undefined)
      return { problem: `“${quotePlant(name)}” is not a field: field1 to field8, status, lat, long, elevation` };
    const reading = readCell(column, value);
    if ("problem" in reading) return reading;
    cells[column] = reading.value;
  }
  return { value: { cells: cellsOf(cells), createdAt } };
}
