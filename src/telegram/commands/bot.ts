import { sequentialize } from "@grammyjs/runner";
import {
  Bot,
  Composer,
  type ApiClientOptions,
  type Context,
  type Middleware,
  type NextFunction,
  type Transformer,
} from "grammy";
import { tooMuch } from "../../lib/text/typed-bounds.ts";
import type { Logger } from "../../lib/log.ts";
import { during } from "../../lib/main-thread.ts";
import type { Access } from "../access/access.ts";
import { isOurs } from "../access/button-rights.ts";
import { toast } from "../access/card-buttons.ts";
import type { Command } from "../access/command.ts";
import { finish, type Done } from "../access/outcome.ts";
import type { Inbox } from "../api/inbox.ts";
import { isForwarded } from "../access/person.ts";
import { html, ours, type Html } from "../api/render.ts";
import { decline, reply } from "../access/reply.ts";
import { spelled } from "./spelling.ts";
import { startCodeOf } from "../access/start-code.ts";

/** What no handler takes: an old button, or made-up data. */
const refusePress = (ctx: Context, words = "This button does not work any more."): Done => ({
  result: "not done",
  tell: () => toast(ctx, words),
});

/** The answer to a press below a message that the database knows nothing of. */
export const UNKNOWN_MESSAGE = "I do not know this message any more. Use a newer one, or ask again: /alarms";

const exampleOf = ({ usage }: Command): Html => ours(`For example: ${usage[1] ?? usage[0] ?? ""}`);

/** What answers those whom the gate let by. */
interface HandlerOptions<C extends Context> {
  /** Takes the code of an invitation, from somebody who has a role already. */
  readonly onCode: (ctx: Context, code: string) => Promise<void>;
  readonly commands: readonly Command[];
  /** Whether the message that was pressed on is known as one that names what the press names. */
  readonly knows: (ctx: Context) => Promise<boolean>;
  /** What the buttons below cards and lists do. */
  readonly buttons: Middleware<C>;
  /** `null`: nothing to ask for. They come after the commands, which must work in mid-dialogue. */
  readonly dialogues: Middleware<C>;
}

/** What the bot is made of. */
interface BotOptions<C extends Context> extends HandlerOptions<C> {
  readonly token: string;
  readonly client: ApiClientOptions;
  /** What each of its calls passes, the first next to the wire. */
  readonly transformers: readonly Transformer[];
  readonly access: Pick<Access, "enter" | "refusals">;
  /** Updates of one key are handled one after the other. */
  readonly keyOf: (ctx: Context) => string | undefined;
  /** Whether a chat gets alarms. */
  readonly isAudience: (chatId: number) => boolean;
  /** Something came from a chat that gets alarms, which did not throw the bot out. */
  readonly onSignOfLife: (chatId: number) => void;
  readonly onMigrated: (chatId: number, newChatId: number) => Promise<void>;
  /** The bot was taken into a chat, or thrown out. */
  readonly onMoved: (ctx: Context) => Promise<void>;
  readonly inbox: Pick<Inbox, "handle">;
  readonly log: Logger;
}

/** Everything between an update and its answer, in the order in which an update passes through. */
export function createBot<C extends Context>(options: BotOptions<C>): Bot<C> {
  const { access, log } = options;
  const bot = new Bot<C>(options.token, { client: options.client });
  bot.api.config.use(...options.transformers);

  const handleUpdate = bot.handleUpdate.bind(bot);
  bot.handleUpdate = (update, ...rest) =>
    during(update.callback_query ? "a press of a button" : "what somebody wrote", () =>
      options.inbox.handle(update, () => handleUpdate(spelled(update), ...rest)),
    );
  bot.catch(({ error, ctx }) => {
    log.error({ err: error, update: ctx.update.update_id }, "an update was not handled");
  });

  // What an update says of a chat that gets alarms is noted, whoever sent it.
  bot.use(async (ctx, next) => {
    if (ctx.chatId === undefined || !options.isAudience(ctx.chatId)) return next();
    const isOut = ctx.myChatMember && ["kicked", "left"].includes(ctx.myChatMember.new_chat_member.status);
    if (!isOut) options.onSignOfLife(ctx.chatId);
    const newChatId = ctx.msg?.migrate_to_chat_id;
    await (newChatId === undefined ? next() : options.onMigrated(ctx.chatId, newChatId));
  });
  bot.on("my_chat_member", (ctx) => {
    access.refusals.botMoved(ctx);
    return options.onMoved(ctx);
  });
  bot.use(sequentialize((ctx: C) => options.keyOf(ctx)));
  bot.use((ctx, next) => access.enter(ctx, next));
  // grammY steps through all handlers of a composer on its way to the first: who does not come so far is not to cost that.
  bot.use(handlersOf(options));
  return bot;
}

/** What answers those whom the gate let by. */
function handlersOf<C extends Context>(options: HandlerOptions<C>): Composer<C> {
  const served = new Composer<C>();
  // Whatever handlers there are: what is in no table works for nobody, and nowhere but where we put it.
  served.on("callback_query", async (ctx, next) => {
    if (!isOurs(ctx.callbackQuery)) return finish(ctx, refusePress(ctx));
    return (await options.knows(ctx)) ? next() : finish(ctx, refusePress(ctx, UNKNOWN_MESSAGE));
  });
  served.filter(isForwarded, (ctx) =>
    ctx.chat?.type === "private"
      ? reply(ctx, html`Forwarded messages, and messages of other bots, do nothing here. Write it yourself.`)
      : Promise.resolve(),
  );

  served.use(async (ctx, next) => {
    const code = startCodeOf(ctx);
    await (code === null ? next() : options.onCode(ctx, code));
  });
  for (const command of options.commands) handOut(served, command);
  served.use(options.buttons);
  served.use(options.dialogues);
  served.on("callback_query", (ctx) => finish(ctx, refusePress(ctx)));

  // In a group people also talk to each other; and that something was pinned asks for no answer.
  served
    .chatType("private")
    .on(["message:text", "message:media"], (ctx) =>
      reply(ctx, html`I did not understand that. /help says what I can do.`),
    );
  return served;
}

/** Answers a command, also in one word and by its button. */
function handOut<C extends Context>(served: Composer<C>, command: Command): void {
  const { name, button, short, run: answer } = command;
  if (answer === null) return;
  const run = async (ctx: Context, args: string, next: NextFunction): Promise<void> =>
    finish(ctx, await during(`/${name}`, () => answer(ctx, args, next)));
  if (short) served.hears(short, (ctx, next) => run(ctx, ctx.match[1] ?? "", next));
  served.command(name, async (ctx, next) => {
    const problem = command.takesText ? null : tooMuch(ctx.match);
    if (problem === null) return run(ctx, ctx.match, next);
    return finish(ctx, decline(ctx, html`${problem} ${exampleOf(command)}`));
  });
  if (button) served.hears(button, (ctx, next) => run(ctx, "", next));
}
