import { hash } from "node:crypto";
import { shorten } from "../alarms/text.ts";

/** MQTT lets a topic have 64 KiB; PostgreSQL takes 2,704 bytes into an index, and there a topic stands with other words beside it. */
const MAX_BYTES = 1_000;
/** In UTF-8 each is three bytes at the most. */
const SHOWN = 300;

/** A topic as Valvomo keeps it: of a long one the beginning, and a hash that tells it from others. */
export const keptTopic = (topic: string): string =>
  topic.length <= SHOWN || Buffer.byteLength(topic) <= MAX_BYTES
    ? topic
    : `${shorten(topic, SHOWN)} ${hash("sha256", topic, "base64url")}`;
