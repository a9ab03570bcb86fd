import type { Composer, Context, Transformer } from "grammy";
import { createDialogues, dialogueKey } from "../../telegram/dialogues/dialogues.ts";
import type { PlotDialogue } from "../../telegram/dialogues/plot.ts";
import { type DialogueContext } from "../../telegram/dialogues/plot.ts";
import type { HttpRoute } from "../../http/server.ts";
import type { ChatAccess } from "./access.ts";
import { createBot } from "../../telegram/commands/bot.ts";
import type { Command } from "../../telegram/access/command.ts";
import { createInbox } from "../../telegram/api/inbox.ts";
import { createPolling } from "../../telegram/api/polling.ts";
import { pause, type Updates } from "../../telegram/api/updates.ts";
import { createUpdateWebhook } from "../../telegram/api/webhook.ts";
import { createSeal } from "../../telegram/api/sealed.ts";
import { adminsUnheard } from "../../store/people/people.ts";
import type { ChatApi } from "./api.ts";
import type { ChatOptions } from "./options.ts";

/** What was written to the bot before the start has come by then. */
const HEARD_MS = 5_000;

/** Takes what people write and press. */
export type ChatReceiving = {
  readonly updates: Updates;
  /** What Telegram must reach of us. */
  readonly routes: readonly HttpRoute[];
};

/** Builds the bot, and what brings it updates: polling, or a webhook. */
export function createReceiving(
  options: ChatOptions,
  parts: {
    readonly chatAccess: ChatAccess;
    readonly commands: readonly Command[];
    readonly chatApi: ChatApi;
    readonly transformers: readonly Transformer[];
    readonly dialogue: PlotDialogue;
    readonly buttons: Composer<Context>;
  },
): ChatReceiving {
  const { config, store, recipients, notifier, apiHealth, log } = options;
  const { chatAccess, commands, chatApi, transformers, dialogue, buttons } = parts;
  const { access, joining, strangers } = chatAccess;
  const { token, webhookUrl } = config.telegram;
  const inbox = createInbox({
    store: store.inbox,
    bot: token.replace(/:.*/s, ""),
    seal: createSeal(token),
    shouldIgnore: strangers.shouldIgnore,
    log,
  });
  const bot = createBot<DialogueContext>({
    token,
    client: chatApi.client,
    transformers,
    access,
    onCode: joining.enter,
    commands,
    isAudience: (chatId) => recipients.chatIds().includes(chatId),
    onSignOfLife: options.onSignOfLife,
    onMigrated: notifier.follow,
    onMoved: (ctx) => joining.moved(ctx, strangers),
    inbox,
    knows: chatApi.own.knows,
    buttons,
    keyOf: dialogueKey,
    dialogues: createDialogues({ plot: dialogue, storage: store.dialogues }),
    log,
  });
  async function onReady(signal: AbortSignal): Promise<void> {
    const link = `t.me/${bot.botInfo.username}`;
    log.info({ bot: link }, "people write to the bot there");
    await chatAccess.showMenus();
    await pause(HEARD_MS, signal);
    const admins = adminsUnheard(options.people);
    if (admins.length > 0 && !signal.aborted)
      log.warn({ bot: link, admins }, "these admins have not written to the bot: it cannot write to them before");
  }
  const receiving = { bot, inbox, log, onReady, mayTake: apiHealth.mayAct };
  if (webhookUrl === null) return { updates: createPolling(receiving), routes: [] };
  const webhook = createUpdateWebhook({ ...receiving, token, url: webhookUrl });
  return { updates: webhook, routes: [webhook] };
}
