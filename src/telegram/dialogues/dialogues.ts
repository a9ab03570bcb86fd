import { conversations, createConversation } from "@grammyjs/conversations";
import type { ConversationData, VersionedState } from "@grammyjs/conversations";
import { Composer } from "grammy";
import type { Context } from "grammy";
import { PLOT_PREFIX } from "./plot-screens.ts";
import { opensPlotDialogue } from "./plot.ts";
import type { DialogueContext, PlotDialogue } from "./plot.ts";
import { answerPress, removeButtons, say } from "./question.ts";
import type { DialogueStorage } from "../../store/people/dialogues.ts";

/** Where open dialogues are kept between two answers. */
type OpenDialogues = Pick<DialogueStorage, "read" | "write" | "delete">;

/**
 * Tells dialogues apart: one for each person in each chat. `undefined` for updates without either. Also the key by which to
 * `sequentialize` updates, as two at once would read the same state and lose an answer.
 */
export function dialogueKey(ctx: Context): string | undefined {
  return ctx.chatId === undefined || ctx.from === undefined ? undefined : `${ctx.chatId}:${ctx.from.id}`;
}

/**
 * All dialogues as one middleware. Its place among the others: after access control and `sequentialize(dialogueKey)`; after
 * commands and buttons that must work at any time (`/status`, `/plot 24h`); before what takes any text. Commands are never
 * answers, and what is not for a dialogue is passed on.
 */
export function createDialogues({ plot, storage }: { plot: PlotDialogue; storage: OpenDialogues }) {
  const composer = new Composer<DialogueContext>();
  // Other updates are no answers; they need no look into the storage.
  const answers = composer.on(["message:text", "message:file", "callback_query:data"]);

  answers.use(
    conversations({
      storage: {
        type: "context",
        version: `${plot.id} ${plot.version}`,
        adapter: {
          async read(ctx) {
            const key = dialogueKey(ctx);
            const content = key === undefined ? undefined : await storage.read(key, ctx.update.update_id);
            const state: VersionedState<ConversationData> | undefined =
              content === undefined ? undefined : JSON.parse(content);
            return state;
          },
          async write(ctx, state) {
            const key = dialogueKey(ctx);
            if (key !== undefined) await storage.write(key, JSON.stringify(state), ctx.update.update_id);
          },
          async delete(ctx) {
            const key = dialogueKey(ctx);
            if (key !== undefined) await storage.delete(key, ctx.update.update_id);
          },
        },
      },
    }),
  );
  // An open dialogue gets the update first; it ends by itself when it is cancelled or opened anew.
  answers.use(createConversation(plot.run, plot.id));
  answers.command("cancel", async (ctx) => void (await say(ctx, "There is nothing to cancel.")));
  answers.filter(opensPlotDialogue, (ctx) => ctx.conversation.enter(plot.id));
  answers.filter(
    (ctx) => ctx.callbackQuery?.data?.startsWith(PLOT_PREFIX) === true,
    async (ctx) => {
      await answerPress(ctx, "This question is no longer open. Press Get Figure.");
      // In a group, it may be somebody else's question, and open.
      const message = ctx.callbackQuery?.message;
      if (ctx.chat?.type === "private" && message !== undefined) await removeButtons(ctx, message.message_id);
    },
  );
  return composer;
}
