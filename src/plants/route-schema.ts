import type { Parsed } from "../lib/text/parsed.ts";
import { z } from "zod";
import { ON_DUTY, type Addressee } from "../duty/addressee.ts";
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

/** The same, and `duty`, unless a chat is called so. */
export const addresseeAmong = (chats: ReadonlyMap<string, Destination>, hasDuty: boolean) => {
  const destination = destinationAmong(chats);
  return readBy((given): Parsed<Addressee> => {
    if (given !== ON_DUTY.name || (chats.has(ON_DUTY.name) && !hasDuty)) {
      const read = destination.safeParse(given);
      return read.success ? { value: read.data } : { problem: read.error.issues[0]?.message ?? "" };
    }
    if (!hasDuty) return { problem: "names whoever is on duty, and no duty is in this file" };
    return chats.has(ON_DUTY.name)
      ? { problem: "may be the chat called duty or whoever is on duty: give the chat another name" }
      : { value: ON_DUTY };
  });
};

/** Where those are named who are told. */
type AddresseeSchema = ReturnType<typeof addresseeAmong>;

/** How many have to acknowledge. */
const people = z.union([z.literal(1), z.literal(2)], "must be 1 or 2");

/** One of `routes`. */
export const routeTo = (addressee: AddresseeSchema) =>
  section({
    to: oneOrMore(addressee),
    severity: severity.default("info"),
    source: oneOrMore(text).default([]),
    topic: oneOrMore(topicFilter).default([]),
    acknowledge: people.optional(),
  }).transform(({ to, severity, source, topic, acknowledge }) => ({
    severity,
    sources: source,
    topics: topic,
    to,
    ...(acknowledge !== undefined && { acknowledgers: acknowledge }),
  }));

/** What is done about alarms of one severity that nobody handles; what is left out stays as it is without a file. */
export const escalationTo = (addressee: AddresseeSchema, usual: Escalation) =>
  section({
    remind: interval.default(usual.remindAfterMs),
    // oxlint-disable-next-line unicorn/no-thenable -- the word that reads best in the file; what it names is no function
    then: list(
      section({ after: duration, to: addressee }).transform(({ after, to }) => ({ afterMs: after, to })),
    ).default([...usual.steps]),
    owner: interval.default(usual.ownerAfterMs),
    returned: interval.default(usual.returnedAfterMs),
    latch: z.boolean().default(usual.isLatched),
    acknowledge: people.default(usual.acknowledgers),
  })
    .transform(({ remind, then, owner, returned, latch, acknowledge }): Escalation<Addressee> => ({
      remindAfterMs: remind,
      steps: then,
      ownerAfterMs: owner,
      returnedAfterMs: returned,
      isLatched: latch,
      acknowledgers: acknowledge,
    }))
    .default(usual);
