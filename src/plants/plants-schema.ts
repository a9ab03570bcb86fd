import { z } from "zod";
import { DEFAULT_ESCALATIONS, type Escalation } from "../alarms/escalation-plan.ts";
import type { Destination } from "../alarms/route.ts";
import { severityOf } from "../alarms/severity.ts";
import { parseTimeOfDay } from "../alarms/time-of-day.ts";
import type { FieldSetting, Limit } from "../plots/measurement.ts";
import { isTopicFilter } from "../topic-filter.ts";
import { DEFAULT_PLANTS } from "./plants.ts";

/**
 * The form of the plants file. Each sentence follows the place that it is about: "plants.yaml line 12: routes › 1 › to: …".
 */

const DURATION_UNITS_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const MAX_TEXT = 200;

/** Starts with a letter, so that it is no id, and holds nothing that is part of a topic filter. */
const CHAT_NAME = /^\p{L}[\p{L}\p{N}_.-]{0,39}$/u;
/** In a command it means the chat where it is written. */
const HERE = "here";

/** What one value means, or a sentence about what is wrong with it. */
type Read<T> = { readonly value: T } | { readonly problem: string };

const readBy = <T>(read: (given: unknown) => Read<T>) =>
  z.unknown().transform((given, context): T => {
    const result: Read<T> = given === undefined ? { problem: "is missing" } : read(given);
    if ("value" in result) return result.value;
    context.addIssue(result.problem);
    return z.NEVER;
  });

/** A mapping with these keys and no others. A key without a value counts as left out, as in the environment. */
const section = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.preprocess(
    (given) =>
      isMapping(given) ? Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)) : given,
    z.strictObject(shape, {
      error: ({ code }) => {
        const keys = Object.keys(shape).join(", ");
        return code === "unrecognized_keys"
          ? `is no key that I know; here I know ${keys}`
          : `must be a mapping of ${keys}`;
      },
    }),
  );

const isMapping = (given: unknown): given is Record<string, unknown> =>
  typeof given === "object" && given !== null && !Array.isArray(given);

const list = <Item extends z.ZodType>(item: Item) =>
  z.array(item, { error: ({ input }) => (input === undefined ? "is missing" : "must be a list") });

/** One alone needs no brackets. */
const oneOrMore = <Item extends z.ZodType>(item: Item) =>
  z.preprocess(
    (given) => (given === undefined || Array.isArray(given) ? given : [given]),
    list(item).min(1, "is an empty list: name at least one, or leave it out"),
  );

const text = readBy((given) =>
  typeof given === "string" && given.trim() !== "" && given.length <= MAX_TEXT
    ? { value: given }
    : { problem: `must be a text of 1 to ${MAX_TEXT} characters; numbers need quotes` },
);

const topicFilter = text.refine(
  isTopicFilter,
  "is no MQTT topic filter: # only as the last level, + only as a whole level",
);

const severity = readBy((given) => {
  const value = severityOf(String(given));
  return value ? { value } : { problem: "must be info, warning, error or critical" };
});

function readDuration(given: unknown): Read<number> {
  const [, count, unit] = /^([1-9]\d{0,5})([smhd])$/.exec(String(given)) ?? [];
  return count === undefined
    ? { problem: "is no duration: write a number and s, m, h or d, for example 90s or 1h" }
    : { value: Number(count) * DURATION_UNITS_MS[unit as keyof typeof DURATION_UNITS_MS] };
}

const duration = readBy(readDuration);

/** A duration, or `off`, which is `null`. */
const interval = readBy((given): Read<number | null> => (given === "off" ? { value: null } : readDuration(given)));

const timeOfDay = readBy((given) => {
  const value = parseTimeOfDay(String(given));
  return value === null ? { problem: "is no time of day: write one such as 06:00" } : { value };
});

const telegramId = readBy((given) => {
  const isId = /^-?[1-9]\d{0,14}$/.test(String(given));
  return isId ? { value: Number(given) } : { problem: "is no Telegram id: write a whole number" };
});

const whole = (smallest: number, largest: number) =>
  readBy((given) =>
    typeof given === "number" && Number.isInteger(given) && given >= smallest && given <= largest
      ? { value: given }
      : { problem: `must be a whole number from ${smallest} to ${largest}` },
  );

const finite = readBy((given) =>
  typeof given === "number" && Number.isFinite(given) ? { value: given } : { problem: "must be a number" },
);

const chat = z.preprocess(
  (given) => (isMapping(given) ? given : { chat: given }),
  section({ chat: telegramId, thread: whole(1, 2 ** 31 - 1).optional() }),
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
    })
      .transform(({ remind, then, owner }): Escalation => ({ remindAfterMs: remind, steps: then, ownerAfterMs: owner }))
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

  const limit = section({ above: finite.optional(), below: finite.optional(), severity: severity.default("warning") })
    .refine(({ above, below }) => (above === undefined) !== (below === undefined), "needs above or below, not both")
    .transform(({ above, below, severity }): Limit =>
      above === undefined ? { value: below ?? 0, side: "below", severity } : { value: above, side: "above", severity },
    );

  const field = section({
    field: whole(1, 8),
    unit: text.refine((unit) => unit.length <= 12, "is longer than 12 characters").optional(),
    decimals: whole(0, 10).optional(),
    limits: list(limit).default([]),
  }).transform(({ field: number, unit = null, decimals = null, limits }): FieldSetting => ({
    field: number,
    unit,
    decimals,
    limits,
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
    heartbeats: list(heartbeat)
      .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, "has a name twice: give each its own")
      .default([]),
    bridges: list(text).default([]),
    fields: list(field)
      .refine((all) => new Set(all.map((one) => one.field)).size === all.length, "has a field twice")
      .default([]),
  });
};
