import type { ApiClientOptions } from "grammy";
import { createAgent, type Outgoing } from "../outgoing.ts";

/** A hundred updates have about 1 MB. What goes on for longer is no answer of Telegram's. */
const MAX_ANSWER_BYTES = 16_000_000;
/** Longer than the 30 s for which Telegram holds a poll open; a card without an answer keeps its chat waiting for so long. */
const TIMEOUT_SECONDS = 40;

/** How the Bot API is reached. */
export function clientOf(apiRoot: string, outgoing: Outgoing): ApiClientOptions {
  return {
    apiRoot,
    timeoutSeconds: TIMEOUT_SECONDS,
    baseFetchConfig: {
      agent: createAgent(apiRoot, outgoing),
      // What is sent would go along to wherever it leads.
      redirect: "error",
      size: MAX_ANSWER_BYTES,
    },
  };
}
