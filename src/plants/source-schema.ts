import type { Parsed } from "../lib/text/parsed.ts";
import { z } from "zod";
import { ruleId } from "../limits/rule.ts";
import { isTimeZone } from "../lib/time/time.ts";
import type { OwnColumns } from "../measurements/own-columns.ts";
import { isTopicFilter } from "../lib/text/topic-filter.ts";
import { limit } from "./limit-schema.ts";
import { duration, isMapping, list, readBy, section, text, topicFilter, whole } from "./schema-parts.ts";

/** The form of what the plant sends: heartbeats, bridges, channels, a file and fields. */

/** Where mosquitto says whether a bridge connection is up: `1` or `0`, retained (mosquitto.conf: notifications). */
const stateTopic = (name: string): string => `$SYS/broker/connection/${name}/state`;

const isTopic = (topic: string): boolean => isTopicFilter(topic) && !/[#+]/.test(topic);

/** ThingSpeak's keys have 16 capital letters and digits; anything else is another kind of key, or cut short. */
const apiKey = readBy((given): Parsed<string> =>
  typeof given === "string" && /^[A-Z0-9]{16}$/.test(given)
    ? { value: given }
    : { problem: "is not an API key of ThingSpeak: 16 capital letters and digits, from the channel's page" },
);

/** One of `heartbeats`: what is to come again and again. */
export const heartbeat = section({
  topic: topicFilter.optional(),
  field: whole(1, 8).optional(),
  every: duration.optional(),
  name: text.optional(),
})
  .refine(({ topic, field }) => (topic === undefined) !== (field === undefined), "needs a topic or a field, not both")
  .transform(({ topic = null, field = null, every = null, name }) => ({
    topic,
    field,
    everyMs: every,
    name: name ?? topic ?? `Field ${field}`,
  }));

/** One of `bridges`: a broker that brings its plant to ours. */
export const bridge = z
  .preprocess(
    (given) => (isMapping(given) ? given : { name: given }),
    section({ name: text, topic: text.refine(isTopic, "is not an MQTT topic: no # or +").optional() }),
  )
  .transform(({ name, topic = stateTopic(name) }) => ({ name, topic }));

/** One of `channels`: its keys. */
export const channel = section({
  channel: whole(1, 999_999_999_999),
  writeKey: apiKey.optional(),
  readKey: apiKey.optional(),
}).transform(({ channel: number, writeKey = null, readKey = null }) => ({ channel: number, writeKey, readKey }));

/** `file`: what the columns of a file with names of its own hold. */
export const file = section({
  time: text,
  zone: text.refine(isTimeZone, "is not a time zone such as Europe/Helsinki").optional(),
  fields: list(text).min(1, "names no column").max(8, "names more than 8 columns"),
}).transform(({ time, zone = null, fields }): OwnColumns => ({ time, zone, fields }));

/** One of `fields`: how a measurement is called, where it comes from and what is watched of it. */
export const field = section({
  field: whole(1, 8),
  name: text.optional(),
  unit: text.refine((unit) => unit.length <= 12, "is longer than 12 characters").optional(),
  decimals: whole(0, 10).optional(),
  limits: list(limit)
    .refine((all) => new Set(all.map(({ rule }) => ruleId(rule))).size === all.length, "has a limit twice")
    .default([]),
  topic: topicFilter.optional(),
  value: text.optional(),
})
  .refine(({ topic, value }) => topic !== undefined || value === undefined, "has a value without a topic")
  .transform(({ field: number, name = null, unit = null, decimals = null, limits, topic = null, value = null }) => ({
    field: number,
    name,
    unit,
    decimals,
    limits: limits.flatMap(({ rule }) =>
      rule.kind === "level" ? [{ value: rule.value, side: rule.side, severity: rule.severity }] : [],
    ),
    rules: limits.flatMap(({ rule, isAlarm }) => (isAlarm ? [rule] : [])),
    topic,
    value,
  }));
