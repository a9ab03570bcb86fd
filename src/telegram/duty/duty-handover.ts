import { Composer, type Context } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import { OWN_TOPIC } from "../../alarms/payloads/own.ts";
import { type Handover, type HandoverTelling, type OpenHandover } from "../../duty/handover.ts";
import { LOOK } from "../../people/right.ts";
import type { Store } from "../../store/store.ts";
import { toast } from "../access/card-buttons.ts";
import type { Command } from "../access/command.ts";
import { handled, type Done } from "../access/outcome.ts";
import { actorOf, servedIn } from "../access/person.ts";
import { rearrange, reply } from "../access/reply.ts";
import type { VisibleTo } from "../access/visible-alarms.ts";
import { html, type Html } from "../api/render.ts";
import { HANDOVER_TITLE, handoverView } from "./handover-view.ts";
import type { NoteText } from "../cards/card-notes.ts";
import type { WriteTo } from "./write-to.ts";

/** What the change of shift needs. */
export interface DutyHandoverOptions {
  readonly handover: Handover;
  readonly visibleTo: VisibleTo;
  readonly store: Pick<Store, "chats">;
  readonly write: WriteTo;
  readonly tellAdmins: HandoverTelling["tellAdmins"];
  readonly now: () => number;
}

/** More than one message holds. */
const MAX_ALARMS = 60;
const RETRY_MS = 60_000;

/** `/handover`, *Taken over*, and what is told at the change of shift. */
export class DutyHandover {
  readonly buttons = new Composer<Context>();
  readonly command: Command;
  readonly #options: DutyHandoverOptions;
  /** The change of shift of which whoever comes on could not be told, and when that was tried last. */
  #failed: { readonly id: number; readonly at: number } | null = null;

  constructor(options: DutyHandoverOptions) {
    this.#options = options;
    this.buttons.callbackQuery(
      /^handover:taken:(\d{1,9})$/,
      handled((ctx) => this.#take(ctx, Number(ctx.match[1]))),
    );
    this.command = {
      name: "handover",
      description: "What the next shift has to know",
      topic: "people",
      usage: ["/handover"],
      right: LOOK,
      run: (ctx) => this.#show(ctx),
    };
  }

  /** To be called every few seconds. */
  readonly look = (): Promise<void> => {
    const { handover, write, tellAdmins } = this.#options;
    return handover.look({
      ask: (open) => this.#ask(open),
      remind: ({ from, to }) =>
        write(
          from.chatId,
          html`⚠️ <b>${to.name}</b> is on duty, and has not pressed <b>Taken over</b>. Please make sure that they are there.`,
          [],
        ),
      tellAdmins,
    });
  };

  /** Whoever has not written to the bot cannot be reached until they do: they are not tried every few seconds. */
  async #ask(open: OpenHandover): Promise<boolean> {
    const { write, now } = this.#options;
    const { id, to } = open;
    const failed = this.#failed;
    if (failed?.id === id && Math.abs(now() - failed.at) < RETRY_MS) return false;
    const isAsked = await write(to.chatId, await this.#viewOf(to.chatId, open), takeKeyboard(open));
    this.#failed = isAsked ? null : { id, at: now() };
    return isAsked;
  }

  /** Keeps a reply to a message about a change of shift as a note; `null`: it is no such reply. */
  noteOf(ctx: Context, { words, remark }: NoteText): (() => Promise<Done>) | null {
    const { text = "" } = ctx.message?.reply_to_message ?? {};
    if (!text.startsWith(HANDOVER_TITLE) || words === "") return null;
    return async () => {
      const { userId, name } = actorOf(ctx);
      await this.#options.handover.note({ userId, by: name, text: words });
      return { result: "done", tell: () => reply(ctx, html`Noted for whoever comes next.${remark}`) };
    };
  }

  async #take(ctx: Context, id: number): Promise<Done> {
    const { handover, write } = this.#options;
    const waiting = handover.open();
    const taken = await handover.take(id, servedIn(ctx).person.id);
    if (taken === null) {
      const words = waiting?.id === id ? `Only ${waiting.to.name} can take over.` : "That change of shift is over.";
      return { result: "not done", tell: () => toast(ctx, words) };
    }
    return {
      result: "taken over",
      async tell() {
        await toast(ctx, "You have taken over.");
        await rearrange(ctx, { inline_keyboard: [] });
        await write(taken.from.chatId, html`✅ <b>${taken.to.name}</b> has taken over from you.`, []);
      },
    };
  }

  async #show(ctx: Context): Promise<void> {
    const { chatId, person } = servedIn(ctx);
    const open = this.#options.handover.open();
    const isTheirs = open?.to.chatId === person.id;
    const keyboard = open && isTheirs ? takeKeyboard(open) : [];
    await reply(ctx, await this.#viewOf(chatId, open), { reply_markup: { inline_keyboard: keyboard } });
  }

  async #viewOf(chatId: number, open: OpenHandover | null): Promise<Html> {
    const { handover, visibleTo, store, now } = this.#options;
    const since = handover.since();
    const alarms = visibleTo(chatId);
    const page = await alarms.open({ offset: 0, limit: MAX_ALARMS });
    const recent = await alarms.recent(since, MAX_ALARMS);
    const listed = new Set(page.alarms.map(({ id }) => id));
    const gone = recent.records.map(({ alarm }) => alarm);
    const content = {
      since,
      notes: handover.notes(since),
      open: page.alarms,
      total: page.active + page.returned,
      gone: gone.filter(
        (one) =>
          one.state === "cleared" && one.occurrence > 0 && !listed.has(one.id) && !one.topic.startsWith(OWN_TOPIC),
      ),
    };
    const title = open === null ? "" : `${open.from.name} → ${open.to.name}`;
    return handoverView(content, { timeZone: store.chats.timeZoneOf(chatId), now: now() }, title);
  }
}

const takeKeyboard = ({ id }: OpenHandover): InlineKeyboardButton[][] => [
  [{ text: "Taken over", callback_data: `handover:taken:${id}` }],
];
