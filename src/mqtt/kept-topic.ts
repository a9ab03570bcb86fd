import { hash } from "node:crypto";
import { shorten } from "../alarms/text.ts";

/** MQTT lets a topic have 64 KiB; PostgreSQL takes 2,704 bytes into an index, and there a topic stands with other words beside it. */
const MAX_BYTES = 1_000;
/** In UTF-8 each is three bytes at the most. */
const SHOWN = 300;

/** A topic as all here know it: of one that is too long the beginning, and behind it what makes it none but this one. */
export const keptTopic = (topic: string): string =>
  topic.length <= SHOWN || Buffer.byteLength(topic) <= MAX_BYTES
    ? topic
    : `${shorten(topic, SHOWN)} ${hash("sha256", topic, "base64url")}`;
