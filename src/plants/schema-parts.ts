import type { Parsed } from "../lib/text/parsed.ts";
import { z } from "zod";
import { severityOf } from "../alarms/severity.ts";
import { parseTimeOfDay } from "../alarms/time-of-day.ts";
import { readDuration } from "../lib/time/duration.ts";
import { isTopicFilter } from "../lib/text/topic-filter.ts";

/**
 * What the plants file is put together from. Each sentence follows the place that it is about:
 * "plants.yaml line 12: routes › 1 › to: …".
 */

const MAX_TEXT = 200;

/** A value that `read` understands; what is not there is missing. */
export const readBy = <T>(read: (given: unknown) => Parsed<T>) =>
  z.unknown().transform((given, context): T => {
    const result: Parsed<T> = given === undefined ? { problem: "is missing" } : read(given);
    if ("value" in result) return result.value;
    context.addIssue(result.problem);
    return z.NEVER;
  });

/** A mapping with these keys and no others. A key without a value counts as left out, as in the environment. */
export const section = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.preprocess(
    (given) =>
      isMapping(given) ? Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)) : given,
    z.strictObject(shape, {
      error: ({ code }) => {
        const keys = Object.keys(shape).join(", ");
        return code === "unrecognized_keys"
          ? `is not a key that I know; here I know ${keys}`
          : `must be a mapping of ${keys}`;
      },
    }),
  );

/** Whether it has keys. */
export const isMapping = (given: unknown): given is Record<string, unknown> =>
  typeof given === "object" && given !== null && !Array.isArray(given);

/** A list of these, also an empty one. */
export const list = <Item extends z.ZodType>(item: Item) =>
  z.array(item, { error: ({ input }) => (input === undefined ? "is missing" : "must be a list") });

/** A list of these; a single one needs no brackets. */
export const oneOrMore = <Item extends z.ZodType>(item: Item) =>
  z.preprocess(
    (given) => (given === undefined || Array.isArray(given) ? given : [given]),
    list(item).min(1, "is an empty list: name at least one, or leave it out"),
  );

/** A text that is not blank. */
export const text = readBy((given) =>
  typeof given === "string" && given.trim() !== "" && given.length <= MAX_TEXT
    ? { value: given }
    : { problem: `must be a text of 1 to ${MAX_TEXT} characters; numbers need quotes` },
);

/** An MQTT topic filter. */
export const topicFilter = text.refine(
  isTopicFilter,
  "is not an MQTT topic filter: # only as the last level, + only as a whole level",
);

/** One of our four severities, also by the words that plants use. */
export const severity = readBy((given) => {
  const value = severityOf(String(given));
  return value ? { value } : { problem: "must be info, warning, error or critical" };
});

function readSpan(given: unknown): Parsed<number> {
  const ms = readDuration(String(given));
  return ms === null
    ? { problem: "is not a duration: write a number and s, m, h or d, for example 90s or 1h" }
    : { value: ms };
}

/** A number and a unit: `90s`, `1h`; in ms. */
export const duration = readBy(readSpan);

/** A duration, or `off`, which is `null`. */
export const interval = readBy((given): Parsed<number | null> => (given === "off" ? { value: null } : readSpan(given)));

/** A time such as `06:00`, in minutes after midnight. */
export const timeOfDay = readBy((given) => {
  const value = parseTimeOfDay(String(given));
  return value === null ? { problem: "is not a time of day: write one such as 06:00" } : { value };
});

/** A user, a group or a channel. */
export const telegramId = readBy((given) => {
  const isId = /^-?[1-9]\d{0,14}$/.test(String(given));
  return isId ? { value: Number(given) } : { problem: "is not a Telegram id: write a whole number" };
});

/** A whole number in a range, ends included. */
export const whole = (smallest: number, largest: number) =>
  readBy((given) =>
    typeof given === "number" && Number.isInteger(given) && given >= smallest && given <= largest
      ? { value: given }
      : { problem: `must be a whole number from ${smallest} to ${largest}` },
  );

/** Any number that is one. */
export const finite = readBy((given) =>
  typeof given === "number" && Number.isFinite(given) ? { value: given } : { problem: "must be a number" },
);
