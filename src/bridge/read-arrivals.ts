import { createHash } from "node:crypto";
import type { PlantMessage } from "../alarms/plant-message.ts";
import { textOf } from "../lib/text/text-of-bytes.ts";
import type { ArrivedEntry, Arrivals, BadMessage, NewestPoint } from "../store/bridge/types.ts";
import { readBulk } from "./bulk-message.ts";
import { readPoint, shownTopic } from "./point-message.ts";

/** Which messages the bridge takes, and as what. */
export interface ArrivalSettings {
  /** Where bulk messages come, with `/<channelID>` behind it or, for the one channel, without; `null`: nowhere. */
  readonly bulkTopic: string | null;
  /** The channel of bulk messages whose topic names none. */
  readonly channelId: number | null;
  /** What becomes of point messages: the newest values go every interval, all of them go in bulk, or they are not listened to. */
  readonly point: "newest" | "bulk" | "off";
}

/** What one message brings. */
interface Brought {
  readonly entries: readonly ArrivedEntry[];
  readonly points: readonly NewestPoint[];
  /** What is wrong with it, or with a part of it. */
  readonly problem: string | null;
}

const SECOND_MS = 1_000;
const MAX_PROBLEM = 500;
const NOTHING: Omit<Brought, "problem"> = { entries: [], points: [] };

/** Reads messages: what they bring, what cannot be taken, and what tells them again. */
export function readArrivals(messages: readonly PlantMessage[], settings: ArrivalSettings): Arrivals {
  const read = messages.map((message) => ({ message, ...readMessage(message, settings) }));
  return {
    entries: read.flatMap(({ entries }) => entries),
    points: read.flatMap(({ points }) => points),
    bad: read.flatMap(({ message, problem }) => (problem === null ? [] : [toBad(message, problem)])),
    receipts: messages.map(receiptOf),
  };
}

/**
 * Whether a message was stored before. QoS 1 sends it again under the same packet id, with DUP set; content alone would not do, as a
 * sensor at rest sends the same text again and again. Where the plant gave dates, it does: a bridge between two brokers, or a plant
 * whose broker was restarted, sends a copy under an id of its own, and what ThingSpeak has already it refuses, and all beside it.
 * @param receipts of what was stored
 */
export const isCopy = (message: PlantMessage, receipts: ReadonlySet<string>): boolean =>
  (message.isDup === true || isDated(message)) && receipts.has(receiptOf(message));

/** What tells a message again. */
function receiptOf(message: PlantMessage): string {
  const { topic, payload, packetId } = message;
  const id = isDated(message) ? "dated" : (packetId ?? "");
  return `${id}:${createHash("sha1").update(topic).update("\0").update(payload).digest("base64url")}`;
}

/** As entries begin whose time is a date, and as points name theirs. */
const DATED = /^\s*(?:\d{4}-\d\d-\d\d|\d{10})|(?:^|&)created_at=/;

const isDated = ({ payload }: PlantMessage): boolean => DATED.test(Buffer.from(payload).toString("latin1"));

function readMessage(message: PlantMessage, settings: ArrivalSettings): Brought {
  const { topic, isRetained, cutFrom } = message;
  if (isRetained) {
    return { ...NOTHING, problem: "it was retained, so that nobody knows when it was sent: publish it without retain" };
  }
  if (cutFrom !== undefined) return { ...NOTHING, problem: `it has ${cutFrom} bytes, more than can be taken` };
  const text = textOf(message.payload);
  if (text === null) return { ...NOTHING, problem: `it is not text, but ${message.payload.length} bytes` };
  const { bulkTopic } = settings;
  const isBulk = bulkTopic !== null && (topic === bulkTopic || topic.startsWith(`${bulkTopic}/`));
  return isBulk ? bulkOf(message, text, bulkTopic, settings) : pointOf(message, text, settings);
}

function bulkOf(
  { topic, receivedAt }: PlantMessage,
  text: string,
  bulkTopic: string,
  settings: ArrivalSettings,
): Brought {
  const rest = topic.slice(bulkTopic.length);
  const channelId = rest === "" ? settings.channelId : /^\/\d{1,12}$/.test(rest) ? Number(rest.slice(1)) : null;
  if (channelId === null) {
    const problem = `the topic names no channel: set THINGSPEAK_CHANNEL_ID, or publish on ${bulkTopic}/<channel id>`;
    return { ...NOTHING, problem };
  }
  const { entries, problems } = readBulk(text, receivedAt);
  return {
    entries: entries.map((entry) => ({ ...entry, channelId, kind: "bulk" })),
    points: [],
    problem: problems.length === 0 ? null : problems.join("; ").slice(0, MAX_PROBLEM),
  };
}

function pointOf({ topic, receivedAt }: PlantMessage, text: string, { point }: ArrivalSettings): Brought {
  const reading = readPoint(topic, text);
  if ("problem" in reading) return { ...NOTHING, problem: reading.problem };
  const { channelId, cells, createdAt } = reading.value;
  const at = createdAt ?? Math.floor(receivedAt / SECOND_MS) * SECOND_MS;
  const isDated = createdAt !== null;
  return point === "newest"
    ? { entries: [], points: [{ channelId, at, isDated, cells }], problem: null }
    : { entries: [{ channelId, at, cells, kind: "bulk", isRelative: !isDated }], points: [], problem: null };
}

const toBad = ({ topic, payload, receivedAt }: PlantMessage, problem: string): BadMessage => ({
  topic: shownTopic(topic),
  payload,
  receivedAt,
  problem,
});
