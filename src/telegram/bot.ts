import { sequentialize } from "@grammyjs/runner";
import { Bot, type Context, type Middleware } from "grammy";
import type { Logger } from "../log.ts";
import type { Access } from "./access.ts";
import type { Command } from "./commands.ts";
import type { Link } from "./link.ts";
import { html } from "./render.ts";
import { reply } from "./reply.ts";

/** Longer than the 30 s for which Telegram holds a poll open; a card without an answer keeps its chat waiting for so long. */
const TIMEOUT_SECONDS = 40;

/** Everything between an update and its answer, in the order in which an update passes through. */
export function createBot<C extends Context>(options: {
  readonly token: string;
  readonly apiRoot: string;
  readonly link: Link;
  readonly access: Access;
  readonly commands: readonly Command[];
  /** Updates of one key are handled one after the other. */
  readonly keyOf: (ctx: Context) => string | undefined;
  /** A chat that is served wrote something, or took the bot in again. */
  readonly onSignOfLife: (chatId: number) => void;
  readonly onMigrated: (chatId: number, newChatId: number) => Promise<void>;
  /** What the buttons below cards and lists do. */
  readonly buttons: Middleware<C>;
  /** `null`: nothing to ask for. They come after the commands, which must work in mid-dialogue. */
  readonly dialogues: Middleware<C> | null;
  readonly log: Logger;
}): Bot<C> {
  const { access, commands, log } = options;
  const bot = new Bot<C>(options.token, { client: { apiRoot: options.apiRoot, timeoutSeconds: TIMEOUT_SECONDS } });
  bot.api.config.use(options.link.transformer);

  bot.catch(({ error, ctx }) => {
    log.error({ err: error, update: ctx.update.update_id }, "an update was not handled");
  });

  bot.use(async (ctx, next) => {
    const [userId, chatId] = [ctx.from?.id, ctx.chatId];
    if (access.isServed({ userId, chatId })) await next();
    else log.info({ userId, chatId, update: ctx.update.update_id }, "not served");
  });

  bot.use(async (ctx, next) => {
    const isOut = ctx.myChatMember && ["kicked", "left"].includes(ctx.myChatMember.new_chat_member.status);
    if (ctx.chatId !== undefined && !isOut) options.onSignOfLife(ctx.chatId);
    await next();
  });
  bot.on(":migrate_to_chat_id", (ctx) => options.onMigrated(ctx.chatId, ctx.msg.migrate_to_chat_id));

  bot.use(sequentialize((ctx: C) => options.keyOf(ctx)));

  for (const { name, button, run } of commands) {
    if (run === null) continue;
    bot.command(name, (ctx, next) => run(ctx, ctx.match, next));
    if (button) bot.hears(button, (ctx, next) => run(ctx, "", next));
  }

  bot.use(options.buttons);
  if (options.dialogues) bot.use(options.dialogues);

  // In a group people also talk to each other; and that something was pinned asks for no answer.
  bot
    .chatType("private")
    .on(["message:text", "message:media"], (ctx) =>
      reply(ctx, html`I did not understand that. /help says what I can do.`),
    );
  return bot;
}

/** Shows the commands in Telegram's menu. */
export async function registerCommands<C extends Context>(bot: Bot<C>, commands: readonly Command[]): Promise<void> {
  await bot.api.setMyCommands(commands.map(({ name, description }) => ({ command: name, description })));
}
