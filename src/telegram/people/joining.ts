import { Composer, type Context } from "grammy";
import { holds } from "../../people/role.ts";
import type { ChatSettings } from "../../store/people/chats.ts";
import type { People } from "../../store/people/people.ts";
import { toast } from "../access/card-buttons.ts";
import { handled, type Handled } from "../access/outcome.ts";
import { groupOf, servedIn } from "../access/person.ts";
import { html, lines, ours } from "../api/render.ts";
import { turnPage } from "../access/reply.ts";
import type { Strangers } from "../access/strangers.ts";
import { Entrance, type EntranceOptions } from "./entrance.ts";
import { askToJoin } from "./join-question.ts";

/** What joining needs. */
export interface JoiningOptions extends EntranceOptions {
  readonly people: Pick<People, "roleOf" | "join" | "meet" | "invitations">;
  readonly chats: Pick<ChatSettings, "setJoined" | "joined">;
  /** Whether a chat gets alarms. */
  readonly isServed: (chatId: number) => boolean;
  /** Whether routes say where alarms go, so that a chat that joins gets none by that alone. */
  readonly hasRoutes: () => boolean;
  /** A group gets alarms from now on. */
  readonly onJoin: (groupId: number) => void;
  /** A chat gets alarms no more. */
  readonly onLeave: (chatId: number) => Promise<void>;
  readonly now: () => number;
}

const OUT = new Set(["left", "kicked"]);

/** How people and groups come in. */
export class Joining {
  readonly buttons = new Composer<Context>();
  readonly #options: JoiningOptions;
  readonly #entrance: Entrance;

  constructor(options: JoiningOptions) {
    this.#options = options;
    this.#entrance = new Entrance(options);
    this.buttons.callbackQuery(/^subscribe:(yes|no)$/, (ctx) => this.#answerPerson(ctx, ctx.match[1] === "yes"));
    this.buttons.callbackQuery(
      /^join:(yes|no)$/,
      handled((ctx) => this.#answerGroup(ctx, ctx.match[1] === "yes")),
    );
  }

  /** Takes the code of an invitation, whoever sends it. */
  readonly enter = (ctx: Context, code: string): Promise<void> => this.#entrance.enter(ctx, code);

  /** Asks an admin whether this group may join. */
  offer(ctx: Context): Promise<void> {
    return askToJoin(
      ctx,
      lines(
        html`<b>Send alarms to this group?</b>`,
        html`Everybody in it will read them. To acknowledge or to ask for plots, a person needs an invitation (/invite, in private).`,
      ),
      "join",
      ["Join", "No, leave"],
    );
  }

  /** The bot was taken into a chat, or thrown out. */
  async moved(ctx: Context, strangers: Strangers): Promise<void> {
    const { people, writeAuditLine, isServed } = this.#options;
    const { old_chat_member: before, new_chat_member: after } = ctx.myChatMember ?? {};
    if (groupOf(ctx) === null || before === undefined || after === undefined) return;
    const isOut = OUT.has(after.status);
    if (OUT.has(before.status) === isOut) return;
    const role = people.roleOf(servedIn(ctx).person.id);
    if (role === null) return strangers.note(ctx, "silence");
    await writeAuditLine(ctx, { action: "bot", details: isOut ? "thrown out" : "taken in", result: "done" });
    if (!isOut && holds(role, "admin") && !isServed(servedIn(ctx).chatId)) await this.offer(ctx);
  }

  async #answerPerson(ctx: Context, isYes: boolean): Promise<void> {
    const { chats, onLeave, now } = this.#options;
    if (ctx.chat?.type !== "private") return toast(ctx, "In a private chat only.");
    await chats.setJoined(ctx.chat.id, isYes ? now() : null);
    if (!isYes) await onLeave(ctx.chat.id);
    await toast(ctx, "");
    await turnPage(ctx, ours(isYes ? `${this.#joinedWords()} /leave ends it.` : this.#noneWords(ctx)), []);
  }

  async #answerGroup(ctx: Context, isYes: boolean): Promise<Handled> {
    const { chats, isServed, onJoin, now } = this.#options;
    if (ctx.chat === undefined || ctx.chat.type === "private") return toast(ctx, "In a group only.");
    // The question may be an old one.
    if (!isYes && isServed(ctx.chat.id)) {
      const words = "This group has joined meanwhile. /leave ends that.";
      return { result: "not done", tell: () => toast(ctx, words) };
    }
    if (isYes) {
      await chats.setJoined(ctx.chat.id, now());
      onJoin(ctx.chat.id);
    }
    const words = isYes ? `This group has joined. ${this.#joinedWords()}` : "Good-bye.";
    return {
      result: isYes ? "joined" : "turned away",
      async tell() {
        await toast(ctx, "");
        await turnPage(ctx, ours(words), []);
        if (!isYes) await ctx.leaveChat();
      },
    };
  }

  #joinedWords(): string {
    return this.#options.hasRoutes()
      ? "Routes say which alarms come here: an admin adds one with /route warning here"
      : "All alarms come here from now on; /alarms shows those that are active now.";
  }

  #noneWords(ctx: Context): string {
    return this.#options.people.roleOf(servedIn(ctx).person.id) === "admin"
      ? "Only alarms for admins come here."
      : "No alarms come here.";
  }
}
