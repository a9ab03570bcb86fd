import { z } from "zod";
import type { SeverityWords } from "../alarms/severity.ts";
import type { Destination } from "../alarms/types.ts";
import type { TopicNames } from "../alarms/origin.ts";
import { isTopicFilter } from "../lib/text/topic-filter.ts";
import { isMapping, section, severity, telegramId, text, whole } from "./schema-parts.ts";

/** The form of the names that a site gives: to its chats, to severities, and to the machines behind topics. */

/** Starts with a letter, so that it is not an id, and holds nothing that is part of a topic filter. */
const CHAT_NAME = /^\p{L}[\p{L}\p{N}_.-]{0,39}$/u;
const MAX_WORD = 60;
/** In a command it means the chat where it is written. */
const HERE = "here";

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

/** A site's own words for severities; YAML reads some of them as numbers. */
export const severityWords = z
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

/** What people call the machines behind topics. */
export const topicNames = z
  .record(
    z.string().refine(isTopicFilter),
    text.refine((name) => name.length <= MAX_WORD, `is longer than ${MAX_WORD} characters`),
    {
      error: ({ code }) =>
        code === "invalid_key"
          ? "is not an MQTT topic filter: # only as the last level, + only as a whole level"
          : "must be a mapping of MQTT topic filters to names",
    },
  )
  .transform((names): TopicNames => new Map(Object.entries(names).map(([filter, name]) => [filter, name.trim()])));
