import { z } from "zod";
import { DEFAULT_ESCALATIONS, type Escalation } from "../alarms/lifecycle/escalation-plan.ts";
import type { SeverityWords } from "../alarms/severity.ts";
import type { Destination } from "../alarms/types.ts";
import { ruleId } from "../limits/rule.ts";
import { isTopicFilter } from "../lib/text/topic-filter.ts";
import { deviceLimits, limit } from "./limit-schema.ts";
import { DEFAULT_PLANTS } from "./plants.ts";
import {
  duration,
  interval,
  isMapping,
  list,
  oneOrMore,
  readBy,
  section,
  severity,
  telegramId,
  text,
  timeOfDay,
  topicFilter,
  whole,
  type Read,
} from "./schema-parts.ts";

/** The form of the plants file. */

/** Starts with a letter, so that it is not an id, and holds nothing that is part of a topic filter. */
const CHAT_NAME = /^\p{L}[\p{L}\p{N}_.-]{0,39}$/u;
const MAX_WORD = 60;
/** In a command it means the chat where it is written. */
const HERE = "here";

const chat = z.preprocess(
  (given) => (isMapping(given) ? given : { chat: given }),
  section({ chat: telegramId, thread: whole(1, 2 ** 31 - 1).optional() }),
);

/** Where mosquitto says whether a bridge connection is up: `1` or `0`, retained (mosquitto.conf: notifications). */
const stateTopic = (name: string): string => `$SYS/broker/connection/${name}/state`;

const isTopic = (topic: string): boolean => isTopicFilter(topic) && !/[#+]/.test(topic);

/** ThingSpeak's keys have 16 capital letters and digits; what is none is a key of something else, or cut short. */
const apiKey = readBy((given): Read<string> =>
  typeof given === "string" && /^[A-Z0-9]{16}$/.test(given)
    ? { value: given }
    : { problem: "is not an API key of ThingSpeak: 16 capital letters and digits, from the channel's page" },
);

/** The part of the file that the others refer to. */
export const chatsSchema = z
  .record(
    z.string().refine((name) => CHAT_NAME.test(name) && name.toLowerCase() !== HERE),
    chat,
    {
      error: ({ code }) =>
        code === "invalid_key"
          ? "cannot name a chat: a name starts with a letter, has no spaces or slashes, and is not “here”"
          : "must be a mapping of names to Telegram ids",
    },
  )
  .transform((chats): Record<string, Destination> =>
    Object.fromEntries(
      Object.entries(chats).map(([name, { chat, thread }]) => [name, { chatId: chat, threadId: thread ?? null, name }]),
    ),
  );

/** A site's own words for severities; YAML reads some of them as numbers. */
const severityWords = z
  .record(
    z.string().refine((word) => word.trim() !== "" && word.length <= MAX_WORD),
    severity,
    {
      error: ({ code }) =>
        code === "invalid_key"
          ? `cannot be a word: it has 1 to ${MAX_WORD} characters`
          : "must be a mapping of the plant's words to info, warning, error or critical",
    },
  )
  .transform(
    (words): SeverityWords => new Map(Object.entries(words).map(([word, value]) => [word.trim().toLowerCase(), value])),
  );

/** The whole file. `chats` are those that it names, as far as they could be read. */
export const plantsSchema = (chats: ReadonlyMap<string, Destination>) => {
  const destination = readBy((given): Read<Destination> => {
    if (typeof given !== "string" && typeof given !== "number") {
      return { problem: "must be a name under chats, or a Telegram id" };
    }
    const name = String(given);
    const id = telegramId.safeParse(given);
    const value = chats.get(name) ?? (id.success ? { chatId: id.data, threadId: null, name } : undefined);
    return value ? { value } : { problem: `I know no chat “${name.slice(0, 40)}”; name it under chats` };
  });

  const route = section({
    to: oneOrMore(destination),
    severity: severity.default("info"),
    source: oneOrMore(text).default([]),
    topic: oneOrMore(topicFilter).default([]),
  }).transform(({ to, severity, source, topic }) => ({ severity, sources: source, topics: topic, to }));

  /** What is left out stays as it is without a file. */
  const escalation = (usual: Escalation) =>
    section({
      remind: interval.default(usual.remindAfterMs),
      // oxlint-disable-next-line unicorn/no-thenable -- the word that reads best in the file; what it names is no function
      then: list(
        section({ after: duration, to: destination }).transform(({ after, to }) => ({ afterMs: after, to })),
      ).default([...usual.steps]),
      owner: interval.default(usual.ownerAfterMs),
      returned: interval.default(usual.returnedAfterMs),
      latch: z.boolean().default(usual.isLatched),
    })
      .transform(({ remind, then, owner, returned, latch }): Escalation => ({
        remindAfterMs: remind,
        steps: then,
        ownerAfterMs: owner,
        returnedAfterMs: returned,
        isLatched: latch,
      }))
      .default(usual);

  const heartbeat = section({
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

  const bridge = z
    .preprocess(
      (given) => (isMapping(given) ? given : { name: given }),
      section({ name: text, topic: text.refine(isTopic, "is not an MQTT topic: no # or +").optional() }),
    )
    .transform(({ name, topic = stateTopic(name) }) => ({ name, topic }));

  const channel = section({
    channel: whole(1, 999_999_999_999),
    writeKey: apiKey.optional(),
    readKey: apiKey.optional(),
  }).transform(({ channel: number, writeKey = null, readKey = null }) => ({ channel: number, writeKey, readKey }));

  const field = section({
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

  return section({
    chats: chatsSchema.default(DEFAULT_PLANTS.chats),
    routes: list(route).default([]),
    escalation: section({
      info: escalation(DEFAULT_ESCALATIONS.info),
      warning: escalation(DEFAULT_ESCALATIONS.warning),
      error: escalation(DEFAULT_ESCALATIONS.error),
      critical: escalation(DEFAULT_ESCALATIONS.critical),
    }).default(DEFAULT_ESCALATIONS),
    shifts: list(timeOfDay)
      .min(1, "names no shift")
      .default([...DEFAULT_PLANTS.shiftStarts]),
    severities: severityWords.default(DEFAULT_PLANTS.severities),
    heartbeats: list(heartbeat)
      .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, "has a name twice: give each its own")
      .default([]),
    confirm: z.union([z.literal(1), z.literal(2)], "must be 1 or 2").default(DEFAULT_PLANTS.confirm),
    bridges: list(bridge)
      .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, "has a name twice: give each its own")
      .default([]),
    devices: list(deviceLimits)
      .refine((all) => new Set(all.map(({ device }) => device)).size === all.length, "has a device twice")
      .default([]),
    channels: list(channel)
      .refine((all) => new Set(all.map((one) => one.channel)).size === all.length, "has a channel twice")
      .default([]),
    fields: list(field)
      .refine((all) => new Set(all.map((one) => one.field)).size === all.length, "has a field twice")
      .default([]),
  });
};
