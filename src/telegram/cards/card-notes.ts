import { Composer, type Context } from "grammy";
import { annotate } from "../../alarms/lifecycle/annotate.ts";
import { clean, shorten } from "../../alarms/text.ts";
import type { Store } from "../../store/store.ts";
import { ACT } from "../../people/right.ts";
import type { Access } from "../access/access.ts";
import { UNKNOWN_ALARM } from "../access/card-buttons.ts";
import type { Done } from "../access/outcome.ts";
import { actorOf, servedIn } from "../access/person.ts";
import { html } from "../api/render.ts";
import { decline, reply } from "../access/reply.ts";
import type { VisibleTo } from "../access/visible-alarms.ts";

const MAX_NOTE = 1_000;

/** What somebody writes as a note, and what they are told besides that it is kept. */
export interface NoteText {
  readonly words: string;
  readonly remark: string;
}

function noteIn(text: string): NoteText {
  const whole = clean(text);
  const words = shorten(whole, MAX_NOTE);
  return { words, remark: words === whole ? "" : " It was longer than 1,000 characters: the rest is not kept." };
}

/** A reply to a card is kept as its note, and a photo in reply with it; one to a message about a change of shift as a note of that. */
export function createCardNotes(options: {
  readonly store: Pick<Store, "alarms">;
  readonly visibleTo: VisibleTo;
  readonly access: Pick<Access, "serve">;
  /** Keeps a reply to a message about a change of shift; `null`: it is no such reply. */
  readonly handoverNote: (ctx: Context, note: NoteText) => (() => Promise<Done>) | null;
  /** The chats whose cards changed. */
  readonly onChange: (chatIds: readonly number[]) => void;
}): Composer<Context> {
  const { store, visibleTo, access, handoverNote, onChange } = options;

  async function write(
    ctx: Context,
    alarmId: number,
    { words, remark, photo }: NoteText & { readonly photo: string | null },
  ): Promise<Done> {
    const by = actorOf(ctx);
    const result = await visibleTo(servedIn(ctx).chatId).act(alarmId, {
      by,
      action: "note",
      words,
      photo,
      apply: (alarm) => annotate(alarm, by, { text: words, hasPhoto: photo !== null }),
    });
    onChange(result?.chatIds ?? []);
    if (result === null) return decline(ctx, html`${UNKNOWN_ALARM}`);
    return { result: "done", tell: () => reply(ctx, html`Noted with #${alarmId}.${remark}`) };
  }

  const composer = new Composer<Context>();
  composer.on("message", async (ctx, next) => {
    const { reply_to_message: card, text, caption, photo } = ctx.message;
    if (card?.from?.id !== ctx.me.id || (text ?? "").startsWith("/")) return next();
    const alarmId = await store.alarms.ofMessage(ctx.chatId, card.message_id);
    const note = noteIn(text ?? caption ?? "");
    const ofHandover = alarmId === null ? handoverNote(ctx, note) : null;
    if (ofHandover !== null) return access.serve(ctx, { action: "handover note", details: "", right: ACT }, ofHandover);
    // Telegram gives a photo in several sizes, the largest last.
    const fileId = photo?.at(-1)?.file_id ?? null;
    if (alarmId === null || (note.words === "" && fileId === null)) return next();
    const requested = { action: "note", details: `#${alarmId}`, right: ACT } as const;
    await access.serve(ctx, requested, () => write(ctx, alarmId, { ...note, photo: fileId }));
  });
  return composer;
}
