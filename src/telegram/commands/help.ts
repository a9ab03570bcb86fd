import { Composer, type Context } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import { LOOK, type Right } from "../../people/right.ts";
import { toast } from "../access/card-buttons.ts";
import { HELP_TOPICS, type Command, type HelpTopic } from "../access/command.ts";
import { handled } from "../access/outcome.ts";
import { decline, reply, turnPage } from "../access/reply.ts";
import { html, lines, ours, type Html } from "../api/render.ts";
import { BUTTONS } from "../dialogues/keyboard.ts";

/** What help needs. */
interface HelpOptions {
  /** Every command, in the order of the menu; asked for when somebody asks. */
  readonly commands: () => readonly Command[];
  /** Whether somebody has a right where they are. */
  readonly allows: (ctx: Context, right: Right) => boolean;
}

/** What a topic is called, and what it is about. */
const TOPICS: Readonly<Record<HelpTopic, { readonly name: string; readonly about: string }>> = {
  plots: { name: "Plots", about: "measurements as pictures, numbers and files" },
  alarms: { name: "Alarms", about: "what is active, what was, and why it rang" },
  quiet: { name: "Quiet and reports", about: "when nothing is to ring, and what comes by itself" },
  people: { name: "People", about: "who may do what, and who did" },
  plant: { name: "Plant", about: "whether all is alive, devices, and who is told" },
};

/** `/help all`: no topic, but all of them. */
const ALL = "all";

/** `/help`: topics to press, each with what this person may do here; `/help plots` is one of them, `/help all` the whole list. */
export function createHelp({ commands, allows }: HelpOptions): {
  readonly command: Command;
  readonly buttons: Composer<Context>;
} {
  const allowed = (ctx: Context): readonly Command[] => commands().filter(({ right }) => allows(ctx, right));
  const entriesOf = (ctx: Context, topic: HelpTopic): readonly Command[] =>
    allowed(ctx).filter((command) => command.topic === topic);
  const topicsOf = (ctx: Context): readonly HelpTopic[] =>
    HELP_TOPICS.filter((topic) => allowed(ctx).some((command) => command.topic === topic));

  /** The other topics stand below each, so that one message is enough. */
  const keyboardOf = (ctx: Context, shown: HelpTopic | null): InlineKeyboardButton[][] => {
    const others = topicsOf(ctx).filter((topic) => topic !== shown);
    const keys = others.map((topic) => ({ text: TOPICS[topic].name, callback_data: `help:${topic}` }));
    return Array.from({ length: Math.ceil(keys.length / 2) }, (_, row) => keys.slice(row * 2, row * 2 + 2));
  };

  const pageOf = (ctx: Context, topic: HelpTopic): Html => topicView(topic, entriesOf(ctx, topic));
  const allOf = (ctx: Context): Html => lines(...topicsOf(ctx).map((topic) => briefView(topic, entriesOf(ctx, topic))));

  const overviewOf = (ctx: Context): Html =>
    lines(
      html`What would you like to know?`,
      ...topicsOf(ctx).map((topic) => html`<b>${TOPICS[topic].name}</b>: ${TOPICS[topic].about}`),
      html`${ours(`/help ${ALL}`)} lists all at once.`,
    );

  const buttons = new Composer<Context>();
  buttons.callbackQuery(
    new RegExp(`^help:(${HELP_TOPICS.join("|")})$`),
    handled(async (ctx) => {
      const topic = topicOf(ctx.match[1] ?? "");
      return {
        result: "done",
        async tell() {
          await toast(ctx, "");
          if (topic !== null) await turnPage(ctx, pageOf(ctx, topic), keyboardOf(ctx, topic));
        },
      };
    }),
  );

  async function run(ctx: Context, args: string) {
    const typed = args.trim().toLowerCase();
    const show = (text: Html, topic: HelpTopic | null) =>
      reply(ctx, text, { reply_markup: { inline_keyboard: keyboardOf(ctx, topic) } });
    if (typed === "") return show(overviewOf(ctx), null);
    if (typed === ALL) return show(allOf(ctx), null);
    const topic = topicOf(typed);
    if (topic !== null) return show(pageOf(ctx, topic), topic);
    const topics = HELP_TOPICS.map((one) => `/help ${one}`).join(", ");
    return decline(ctx, html`There is no help on that. Topics are ${ours(topics)}`);
  }

  return {
    command: {
      name: "help",
      description: "What you can do here",
      usage: ["/help", "/help plots", "/help all"],
      topic: "plant",
      right: LOOK,
      button: BUTTONS.help,
      run,
    },
    buttons,
  };
}

const topicOf = (typed: string): HelpTopic | null => HELP_TOPICS.find((topic) => topic === typed) ?? null;

function topicView(topic: HelpTopic, commands: readonly Command[]): Html {
  const entries = commands.map((command) => entryOf(command, html`<b>${ours(command.description)}</b>`));
  const nothing = html`Nothing of this is yours to do in this chat.`;
  return lines(html`<b>${TOPICS[topic].name}</b>`, ...(entries.length === 0 ? [nothing] : entries));
}

/** Among all the others only the topic stands out: what has a form or can be tapped is counted (see `MAX_ENTITIES`). */
const briefView = (topic: HelpTopic, commands: readonly Command[]): Html =>
  lines(html`<b>${TOPICS[topic].name}</b>`, ...commands.map((command) => entryOf(command, ours(command.description))));

const entryOf = ({ usage }: Command, description: Html): Html =>
  lines(description, ...usage.map((form) => html`· ${ours(form)}`));
