import { Composer, type Context } from "grammy";
import { annotate } from "../alarms/handling.ts";
import { clean, shorten } from "../alarms/text.ts";
import type { Store } from "../store/store.ts";
import type { Access } from "./access.ts";
import { actorOf } from "./person.ts";
import { html } from "./render.ts";
import { reply } from "./reply.ts";

const MAX_NOTE = 1_000;

/** A reply to a card is kept as its note, and a photo in reply with it. */
export function createNotes(options: {
  readonly store: Pick<Store, "act" | "alarmOfMessage">;
  readonly access: Pick<Access, "admits">;
  /** The chats whose cards changed. */
  readonly onChange: (chatIds: readonly number[]) => void;
}): Composer<Context> {
  const { store, access, onChange } = options;
  const composer = new Composer<Context>();
  composer.on("message", async (ctx, next) => {
    const { reply_to_message: card, text, caption, photo } = ctx.message;
    if (card?.from?.id !== ctx.me.id || (text ?? "").startsWith("/")) return next();
    const alarmId = await store.alarmOfMessage(ctx.chatId, card.message_id);
    const words = shorten(clean(text ?? caption ?? ""), MAX_NOTE);
    // Telegram gives a photo in several sizes, the largest last.
    const fileId = photo?.at(-1)?.file_id ?? null;
    if (alarmId === null || (words === "" && fileId === null)) return next();
    if (!(await access.admits(ctx, { action: "note", details: `#${alarmId}`, right: { role: "operator" } }))) return;
    const by = actorOf(ctx);
    const result = await store.act(alarmId, {
      by,
      action: "note",
      words,
      photo: fileId,
      apply: (alarm) => annotate(alarm, by, { text: words, hasPhoto: fileId !== null }),
    });
    onChange(result?.chatIds ?? []);
    await reply(ctx, html`Noted with #${alarmId}.`);
  });
  return composer;
}
