import { z } from "zod";
import { isObject, readJson, readJsonObject, writeJson } from "../../lib/text/lenient-json.ts";
import { textOf } from "../../lib/text/text-of-bytes.ts";
import { decode } from "./decode.ts";
import { ringBufferOf } from "./decode-twincat.ts";
import { abbreviate } from "../text.ts";
import type { PlantMessage } from "../plant-message.ts";
import type { Alarm, Person } from "../types.ts";

/** A message to the plant, QoS 1. */
export interface PlantAnswer {
  readonly topic: string;
  readonly payload: string;
  readonly isRetained: boolean;
}

/** What of the plant's answers is configured. */
export interface AnswerSettings {
  /** What is put behind an alarm's topic to make the topic of its acknowledgements, such as `/ack`; `null`: there are none. */
  readonly suffix: string | null;
}

/** That somebody in a chat has seen an alarm, or that this was taken back. */
export interface Acknowledgement {
  readonly isTakenBack: boolean;
  readonly alarm: Pick<Alarm, "id" | "topic" | "message">;
  readonly by: Person;
  /** Epoch ms. */
  readonly at: number;
  /** What stands in the slot that is the alarm's topic, if that is still the alarm's own message; else `null`. */
  readonly slotPayload: Uint8Array | null;
}

/** A topic's length is told in 16 bits; over more levels mosquitto 2.0 ends the link. */
const MAX_TOPIC_BYTES = 65_535;
const MAX_LEVELS = 201;
/** Characters of the alarm's text: what comes back to us must be known for ours, and of a long message only the beginning is read. */
const MAX_TEXT = 1_000;

/**
 * What the plant is told when somebody acknowledges an alarm: `{alarm, by, at, text}` on the alarm's topic with the suffix
 * behind it (`alarm` is our number of it, `at` ISO 8601 UTC, `text` the alarm's, 1,000 characters at most), and, if the topic is a slot of TwinCAT's
 * ring, the slot's message marked as acknowledged, whatever the suffix. When that is taken back: the same with `takenBack: true`, and the slot's message
 * without the mark, as the PLC wrote it; what the PLC makes of that nobody says (FACTS: B5). What comes from a topic with a dollar, our own
 * troubles among it, has no plant to tell.
 */
export function acknowledgementMessages(
  acknowledgement: Acknowledgement,
  { suffix }: AnswerSettings,
): readonly PlantAnswer[] {
  const { alarm, by, at, isTakenBack } = acknowledgement;
  if (alarm.topic.startsWith("$")) return [];
  const answers: PlantAnswer[] = [];
  if (suffix !== null) {
    const content = {
      alarm: alarm.id,
      by: by.name,
      at: new Date(at).toISOString(),
      text: abbreviate(alarm.message, MAX_TEXT),
      ...(isTakenBack ? { takenBack: true } : {}),
    };
    answers.push({ topic: alarm.topic + suffix, payload: JSON.stringify(content), isRetained: false });
  }
  const marked = markedSlot(acknowledgement);
  if (marked !== null) answers.push({ topic: alarm.topic, payload: marked, isRetained: true });
  return answers.filter(({ topic }) => isPublishable(topic));
}

const answer = z.strictObject({
  alarm: z.int(),
  by: z.string(),
  at: z.iso.datetime(),
  text: z.string(),
  takenBack: z.literal(true).optional(),
});

/**
 * Whether a message is an answer of ours, which comes back to us where a subscription takes its topic. Not by the topic alone: a plant
 * may have warnings on one that ends so.
 */
export function isOwnAnswer(
  { topic, payload }: Pick<PlantMessage, "topic" | "payload">,
  settings: AnswerSettings,
): boolean {
  const { suffix } = settings;
  return suffix !== null && topic.endsWith(suffix) && answer.safeParse(parseObject(payload)).success;
}

/** One refused for its topic would hold up all that wait behind it; no honest broker hands out a topic with wildcards. */
function isPublishable(topic: string): boolean {
  const isTopic = /^[^+#\0]+$/.test(topic) && topic.isWellFormed();
  return isTopic && Buffer.byteLength(topic) <= MAX_TOPIC_BYTES && topic.split("/").length <= MAX_LEVELS;
}

/**
 * The slot's message as the phone app acknowledges it: all that the PLC wrote, with `sent` and `Acknowledgement`; in ASCII, if the PLC
 * writes its own code page (FACTS: F4), as that is read in each. `null` if the topic is no slot, or what stands there is acknowledged
 * already, or no message of TwinCAT's, word for word: what we make of a broken one is not for the PLC to read.
 */
function markedSlot({ alarm, by, at, isTakenBack, slotPayload }: Acknowledgement): string | null {
  const standing = slotPayload && ringBufferOf(alarm.topic) ? exactObject(slotPayload) : null;
  if (!slotPayload || standing === null) return null;
  const written = writeJson(
    isTakenBack ? standing.content : { ...standing.content, sent: false, Acknowledgement: by.name },
  );
  if (written === null) return null;
  const marked = standing.encoding === "utf8" ? written : inAscii(written);
  // The broker hands us what we write. If we did not know it again, it would be raised as a new alarm: better not written.
  const slotOf = (payload: Uint8Array) =>
    decode({ topic: alarm.topic, payload, isRetained: false, receivedAt: at })[0].slot;
  const before = slotOf(slotPayload);
  const after = slotOf(Buffer.from(marked));
  const isMarked = after !== null && after.acknowledgedBy !== null;
  const isKnownAgain = before?.messageKey === after?.messageKey && isMarked !== isTakenBack;
  return isKnownAgain && before?.acknowledgedBy === null ? marked : null;
}

/** An answer that waits without somebody's name: a pseudonym stands for any of theirs; itself if they are not in it. */
export function withoutName(payload: string, names: ReadonlySet<string>, pseudonym: string): string {
  const content = parseObject(Buffer.from(payload));
  const theirs = Object.entries(content ?? {}).filter(
    ([key, value]) => (key === "by" || key === "Acknowledgement") && typeof value === "string" && names.has(value),
  );
  if (theirs.length === 0) return payload;
  return JSON.stringify({ ...content, ...Object.fromEntries(theirs.map(([key]) => [key, pseudonym])) });
}

/** The object that stands in a payload as JSON, whatever pads it, and how it is written; `null` if none does, letter by letter. */
function exactObject(payload: Uint8Array): { readonly content: object; readonly encoding: "utf8" | "latin1" } | null {
  const text = textOf(payload);
  const encoding = (["utf8", "latin1"] as const).find(
    (one) => text !== null && Buffer.from(payload).includes(text, 0, one),
  );
  const json = text === null || encoding === undefined ? null : readJson(text);
  return json?.isExact && isObject(json.value) && encoding ? { content: json.value, encoding } : null;
}

/** JSON without a character that one code page has at another place than the next. */
const inAscii = (json: string): string =>
  json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

const parseObject = (payload: Uint8Array): object | null => readJsonObject(textOf(payload) ?? "");
