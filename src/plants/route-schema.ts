import type { Parsed } from "../lib/text/parsed.ts";
import { z } from "zod";
import type { Escalation } from "../alarms/lifecycle/escalation-plan.ts";
import type { Destination } from "../alarms/types.ts";
import {
  duration,
  interval,
  list,
  oneOrMore,
  readBy,
  section,
  severity,
  telegramId,
  text,
  topicFilter,
} from "./schema-parts.ts";

/** The form of who is told what, and when. */

/** A chat by its name, as far as the file has it, or by its number. */
export const destinationAmong = (chats: ReadonlyMap<string, Destination>) =>
  readBy((given): Parsed<Destination> => {
    if (typeof given !== "string" && typeof given !== "number") {
      return { problem: "must be a name under chats, or a Telegram id" };
    }
    const name = String(given);
    const id = telegramId.safeParse(given);
    const value = chats.get(name) ?? (id.success ? { chatId: id.data, threadId: null, name } : undefined);
    return value ? { value } : { problem: `I know no chat “${name.slice(0, 40)}”; name it under chats` };
  });

/** Where chats are named. */
type DestinationSchema = ReturnType<typeof destinationAmong>;

/** One of `routes`. */
export const routeTo = (destination: DestinationSchema) =>
  section({
    to: oneOrMore(destination),
    severity: severity.default("info"),
    source: oneOrMore(text).default([]),
    topic: oneOrMore(topicFilter).default([]),
  }).transform(({ to, severity, source, topic }) => ({ severity, sources: source, topics: topic, to }));

/** What is done about alarms of one severity that nobody handles; what is left out stays as it is without a file. */
export const escalationTo = (destination: DestinationSchema, usual: Escalation) =>
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
