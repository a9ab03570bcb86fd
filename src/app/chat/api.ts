import { Api, type Transformer } from "grammy";
import { createSentMessages } from "../../telegram/access/sent-messages.ts";
import { onlyTo } from "../../telegram/access/addressees.ts";
import { clientOf } from "../../telegram/api/client.ts";
import { inAnotherForm } from "../../telegram/api/other-form.ts";
import { withOlderMeans } from "../../telegram/api/older-means.ts";
import { plainly } from "../../telegram/api/plainly.ts";
import type { ChatOptions } from "./options.ts";

/** Ways to call Telegram: all are watched, go only to those who are served, and are known again. */
export interface ChatApi {
  /** For a bot that makes its own. */
  readonly client: ReturnType<typeof clientOf>;
  /** What every call goes through. */
  readonly checked: readonly Transformer[];
  /** Shows what is refused in another form. */
  readonly inSomeForm: Transformer;
  readonly own: ReturnType<typeof createSentMessages>;
  /** For those who ask for their turns themselves. */
  readonly unpaced: Api;
  /** One whose calls go through more than what every call goes through. */
  with(...transformers: readonly Transformer[]): Api;
}

/** Makes the ways to call Telegram, each with what its calls go through. */
export function createChatApi(
  options: Pick<
    ChatOptions,
    "config" | "store" | "answers" | "onAhead" | "apiHealth" | "isServed" | "notifier" | "log"
  >,
): ChatApi {
  const { config, store, answers, onAhead, apiHealth, isServed, notifier, log } = options;
  const client = clientOf(config.telegram.apiRoot, config.outgoing);
  const own = createSentMessages({ store, answers, onAhead, log });
  const checked: readonly Transformer[] = [
    apiHealth.transformer,
    onlyTo(isServed),
    plainly,
    withOlderMeans(),
    own.remember,
  ];
  const make = (...transformers: readonly Transformer[]): Api => {
    const made = new Api(config.telegram.token, client);
    made.config.use(...checked, ...transformers);
    return made;
  };
  return {
    client,
    checked,
    inSomeForm: inAnotherForm({ onMigrated: notifier.follow }),
    own,
    unpaced: make(),
    with: make,
  };
}
