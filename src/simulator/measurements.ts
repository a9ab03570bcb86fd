import { toIso, type SimulatedMessage } from "./message.ts";

/** Values by ThingSpeak's number of their field, 1 to 8; a value that is not there is left out. */
export type Values = ReadonlyMap<number, number>;

/** One entry of a bulk message. */
export interface Sample {
  /** Epoch ms. */
  readonly at: number;
  readonly values: Values;
}

const FIELDS = 8;
/** Behind the fields stand latitude, longitude, elevation and status, which are blank here. */
const BLANK_TAIL = 4;
/** The plant's own samples are a comma short or long at their end: of three entries in turn, the first is one short, the last one long. */
const SLIP_EVERY = 3;
const SECOND_MS = 1_000;

/** The start of the topics of a channel in point mode. The key at the end was wanted by ThingSpeak's former service. */
interface PointTopics {
  readonly channelId: number;
  /** `null`: none stands in the topic. */
  readonly writeKey: string | null;
}

/** Many fields in one message, with the time of the measurement. @param at epoch ms */
export function pointMessage(topics: PointTopics, at: number, values: Values): SimulatedMessage {
  const fields = [...values].map(([number, value]) => `field${number}=${value}`);
  return point(topicOf(topics, ""), [...fields, `created_at=${toIso(at)}`].join("&"));
}

/** One field in a message of its own: the bare number, which is of now. */
export function fieldMessage(topics: PointTopics, field: number, value: number): SimulatedMessage {
  return point(topicOf(topics, `/fields/field${field}`), String(value));
}

/**
 * Many entries in one message: `timestamp,field1,…,field8,latitude,longitude,elevation,status|…`, a bar at the end, and here and there a
 * comma too few or too many.
 * @param samples oldest first
 * @param times `relative`: whole seconds since the entry before, the last one being of now; `absolute`: dates, for what is past
 * @param beforeAt when the sample before the first was, epoch ms
 */
export function bulkMessage(
  topic: string,
  samples: readonly Sample[],
  times: "relative" | "absolute",
  beforeAt: number,
): SimulatedMessage {
  const stampOf = (at: number, i: number): string =>
    times === "absolute"
      ? toIso(at).replace(/\.\d+/, "")
      : String(Math.max(1, Math.round((at - (samples[i - 1]?.at ?? beforeAt)) / SECOND_MS)));
  const entries = samples.map(({ at, values }, i) => {
    const cells = Array.from({ length: FIELDS }, (_, field) => values.get(field + 1) ?? "");
    const tail = ",".repeat(BLANK_TAIL - 1 + (i % SLIP_EVERY));
    return `${[stampOf(at, i), ...cells].join(",")}${tail}|`;
  });
  return { topic, payload: Buffer.from(entries.join("")), qos: 1, retain: false };
}

// ThingSpeak takes QoS 0 only, and nothing retained.
const point = (topic: string, payload: string): SimulatedMessage => ({
  topic,
  payload: Buffer.from(payload),
  qos: 0,
  retain: false,
});

const topicOf = ({ channelId, writeKey }: PointTopics, field: string): string =>
  `remote/thingspeak/${channelId}/publish${field}${writeKey === null ? "" : `/${writeKey}`}`;
