import { Composer, type Context } from "grammy";
import type { Destination } from "../../alarms/types.ts";
import { agreedChanges, nextOf, othersThan } from "../../duty/exchange-rules.ts";
import type { DutyRequest, Exchanges } from "../../duty/exchanges.ts";
import type { Rota } from "../../duty/rota.ts";
import type { DutyTurn } from "../../duty/turn.ts";
import { toast } from "../access/card-buttons.ts";
import { handled, type Done } from "../access/outcome.ts";
import { actorOf } from "../access/person.ts";
import { reply, turnPage } from "../access/reply.ts";
import { html, lines, type Html } from "../api/render.ts";
import { spanWords } from "./duty-views.ts";
import type { WriteTo } from "./write-to.ts";

/** What taking over and swapping need. */
export interface DutyExchangeOptions {
  readonly duty: Rota;
  readonly exchanges: Exchanges;
  readonly write: WriteTo;
  readonly timeZoneOf: (chatId: number) => string;
  readonly now: () => number;
}

const DAY_MS = 86_400_000;
/** More do not fit below a message. */
const MAX_CHOICES = 8;

/** *Take over* and *Swap…* below `/duty`, and the question to whoever has to agree. */
export class DutyExchange {
  readonly buttons = new Composer<Context>();
  readonly #options: DutyExchangeOptions;

  constructor(options: DutyExchangeOptions) {
    this.#options = options;
    this.buttons.callbackQuery(
      "duty:take",
      handled((ctx) => this.#take(ctx)),
    );
    this.buttons.callbackQuery(
      "duty:swap",
      handled((ctx) => this.#choose(ctx)),
    );
    this.buttons.callbackQuery(
      /^duty:for:(\d{1,15})$/,
      handled((ctx) => this.#swap(ctx, Number(ctx.match[1]))),
    );
    this.buttons.callbackQuery(
      /^duty:(yes|no):(\d{1,9})$/,
      handled((ctx) => this.#answer(ctx, Number(ctx.match[2]), ctx.match[1] === "yes")),
    );
  }

  async #take(ctx: Context): Promise<Done> {
    const { duty, exchanges, now } = this.#options;
    const [me, current] = [this.#presser(ctx), duty.current()];
    if (current?.who.chatId === me.chatId) return refused(ctx, "You are on duty.");
    if (current !== null) {
      const changes = [{ startAt: now(), endAt: current.endAt, who: me }];
      const words = (zone: string) =>
        html`<b>${me.name}</b> offers to take over from you, until ${endWords(current, zone)}.`;
      return this.#ask(ctx, { kind: "take", by: me, of: current.who, changes }, words);
    }
    // Nobody has to agree. It is nobody's for ever: whoever takes it has a day at most.
    const endAt = Math.min(duty.turns()[0]?.startAt ?? Infinity, now() + DAY_MS);
    await exchanges.give([{ startAt: now(), endAt, who: me }]);
    return {
      result: "took the duty, which nobody had",
      tell: () => toast(ctx, "You are on duty: /duty says until when."),
    };
  }

  /** Which turn somebody wants for their own. */
  async #choose(ctx: Context): Promise<Done> {
    const { duty, timeZoneOf, now } = this.#options;
    const me = this.#presser(ctx);
    const mine = nextOf(me.chatId, duty.turns());
    const others = othersThan(me.chatId, duty.turns(), now());
    if (mine === null || others.length === 0) {
      return refused(
        ctx,
        mine === null
          ? "You have no turn within the next two weeks."
          : "Nobody else has a turn within the next two weeks.",
      );
    }
    const zone = timeZoneOf(ctx.chatId ?? me.chatId);
    const keyboard = others
      .slice(0, MAX_CHOICES)
      .map((turn) => [
        { text: `${turn.who.name}: ${spanWords(turn, zone)}`, callback_data: `duty:for:${turn.startAt}` },
      ]);
    const question = html`You give your next turn, ${spanWords(mine, zone)} (${zone}). Which one do you take for it?`;
    return {
      result: "done",
      async tell() {
        await toast(ctx, "");
        await reply(ctx, question, { reply_markup: { inline_keyboard: keyboard } });
      },
    };
  }

  async #swap(ctx: Context, startAt: number): Promise<Done> {
    const { duty, now } = this.#options;
    const me = this.#presser(ctx);
    const mine = nextOf(me.chatId, duty.turns());
    const other = othersThan(me.chatId, duty.turns(), now()).find((turn) => turn.startAt === startAt);
    if (mine === null || other === undefined) return refused(ctx, "The rota has changed since: see /duty.");
    const changes = [
      { startAt: mine.startAt, endAt: mine.endAt, who: other.who },
      { startAt: other.startAt, endAt: other.endAt, who: me },
    ];
    const words = (zone: string) =>
      html`<b>${me.name}</b> would like to swap: you take ${spanWords(mine, zone)}, and give ${spanWords(other, zone)} (${zone}).`;
    return this.#ask(ctx, { kind: "swap", by: me, of: other.who, changes }, words);
  }

  /** Asks the other one, in private. */
  async #ask(
    ctx: Context,
    wish: Omit<DutyRequest, "id" | "answer" | "askedAt">,
    words: (zone: string) => Html,
  ): Promise<Done> {
    const { exchanges, write, timeZoneOf, now } = this.#options;
    const id = await exchanges.ask({ ...wish, askedAt: now() });
    const { of } = wish;
    const keyboard = [
      [
        { text: "Agree", callback_data: `duty:yes:${id}` },
        { text: "Decline", callback_data: `duty:no:${id}` },
      ],
    ];
    return {
      result: `asked: ${wish.kind}`,
      tell: async () => {
        await toast(ctx, "");
        const isAsked = await write(of.chatId, words(timeZoneOf(of.chatId)), keyboard);
        await reply(
          ctx,
          isAsked
            ? html`${of.name} is asked. Until they agree, the rota stays as it is.`
            : html`${of.name} cannot be asked: my message did not reach them. The rota stays as it is.`,
        );
      },
    };
  }

  async #answer(ctx: Context, id: number, isAgreed: boolean): Promise<Done> {
    const { duty, exchanges, now } = this.#options;
    const update = ctx.update.update_id;
    const request = exchanges.find(id);
    if (request === null) return refused(ctx, "That question is not open any more.");
    if (request.of.chatId !== ctx.from?.id) return refused(ctx, `Only ${request.of.name} can answer that.`);
    // One that comes again after a crash is told what it did.
    const isNew = request.answer === null;
    if (!isNew && request.answer?.update !== update) return refused(ctx, "That is answered.");
    const changes = agreedChanges(request, duty.turns(), now());
    if (isNew && isAgreed && changes === null) return refused(ctx, "The rota has changed since: see /duty.");
    if (isNew) await exchanges.answer(id, update, isAgreed ? changes : null);
    return {
      result: isAgreed ? `agreed: ${request.kind}` : `declined: ${request.kind}`,
      tell: () => this.#tellBoth(ctx, request, isAgreed),
    };
  }

  async #tellBoth(ctx: Context, { by, of, changes }: DutyRequest, isAgreed: boolean): Promise<void> {
    const { write, timeZoneOf } = this.#options;
    await toast(ctx, "");
    const told = (zone: string): Html =>
      isAgreed
        ? lines(
            html`✅ Agreed by ${by.name} and ${of.name} (${zone}):`,
            ...changes.map((change) => html`${spanWords(change, zone)}: <b>${change.who.name}</b>`),
          )
        : html`${of.name} declined. The rota stays as it is.`;
    await turnPage(ctx, told(timeZoneOf(of.chatId)), []);
    await write(by.chatId, told(timeZoneOf(by.chatId)), []);
  }

  /** By the name that the plants file gives them. */
  #presser(ctx: Context): Destination {
    const { userId, name } = actorOf(ctx);
    const listed = this.#options.duty.people().find(({ chatId }) => chatId === userId);
    return listed ?? { chatId: userId, threadId: null, name };
  }
}

const refused = (ctx: Context, words: string): Done => ({ result: "not done", tell: () => toast(ctx, words) });

const endWords = ({ endAt }: DutyTurn, zone: string): string =>
  spanWords({ startAt: endAt, endAt }, zone).split(" to ")[0] ?? "";
