import { run, sequentialize } from "@grammyjs/runner";
import { Bot } from "grammy";
import { createDialogues, dialogueKey } from "../../../src/telegram/dialogues/dialogues.ts";
import { PlotDialogue } from "../../../src/telegram/dialogues/plot.ts";
import type { DialogueContext, PlotQuery } from "../../../src/telegram/dialogues/plot.ts";
import { startTelegram } from "../../../src/demo/telegram/server.ts";
import { formatPeriodAsTyped } from "../../../src/queries/period.ts";
import { until } from "../../support/until.ts";
import type { Field } from "../../../src/measurements/source.ts";
import { NO_ANCHORS } from "../../../src/queries/time-words.ts";
import { clientOf } from "../../../src/telegram/api/client.ts";
import { outgoing } from "../../support/outgoing.ts";

export const TOKEN = "123456:conversations-test";
export const ZONE = "Europe/Helsinki";
/** 15:00 in Helsinki. */
const NOW = Date.parse("2026-11-23T13:00:00Z");
export const FIELDS: readonly Field[] = [
  { number: 1, label: "Coil temperature (°C)" },
  { number: 4, label: "Speed" },
];
/** She has a private chat too. */
export const AINO = 1001;
export const BENGT = 1002;
export const GROUP = -2001;

/** What a test of the dialogues works on. */
export type PlotChat = Awaited<ReturnType<typeof startPlotChat>>;

/** Starts a Telegram stand-in with two people, and a bot with the dialogues at it. In its group the bot hears everything. */
export async function startPlotChat() {
  const telegram = await startTelegram({ token: TOKEN, privacy: "off" });
  const aino = { id: AINO, firstName: "Aino" };
  telegram.addPrivateChat(aino);
  telegram.addGroup({ id: GROUP, title: "Night shift", members: [aino, { id: BENGT, firstName: "Bengt" }] });
  const stored = new Map<string, string>();
  const queries: PlotQuery[] = [];
  let stopBot = startBot();

  /** Composed as in the app: one after the other for each person and chat, commands first, what takes any text last. */
  function startBot(): () => Promise<void> {
    const bot = new Bot<DialogueContext>(TOKEN, { client: clientOf(telegram.url, outgoing) });
    bot.use(sequentialize(dialogueKey));
    bot.command("status", (ctx) => ctx.reply("All is well."));
    bot.use(
      createDialogues({
        plot: new PlotDialogue({
          now: () => NOW,
          channel: async () => ({ fields: await chat.fields(), createdAt: chat.createdAt }),
          anchorsOf: async () => NO_ANCHORS,
          zoneOf: () => ZONE,
          onQuery: (query) => queries.push(query),
        }),
        storage: {
          read: async (key) => stored.get(key),
          write: async (key, content) => void stored.set(key, content),
          delete: async (key) => void stored.delete(key),
        },
      }),
    );
    bot.command("help", (ctx) => ctx.reply("Press Get Figure."));
    bot.on("message", (ctx) => ctx.reply("Not for a dialogue."));
    const runner = run(bot);
    return async () => {
      await runner.stop();
      // The runner stops fetching, and leaves those at work to themselves.
      await until("all updates are handled", () => runner.size() === 0);
    };
  }

  const said = (chatId: number) => telegram.messages(chatId).filter(({ from }) => from === "bot");
  const last = (chatId: number) => said(chatId).at(-1);

  /** Waits until the newest message of the bot contains `text`, and returns it. */
  const shows = (text: string, chatId = AINO) =>
    telegram.waitFor(() => {
      const message = last(chatId);
      return message?.text.includes(text) ? message : null;
    });

  const chat = {
    telegram,
    stored,
    queries,
    fields: async (): Promise<readonly Field[]> => FIELDS,
    createdAt: null as number | null,
    last,
    shows,
    /** The messages that have buttons. */
    open: (chatId: number) => said(chatId).filter(({ buttons }) => buttons.length > 0),
    async say(text: string, answer: string, chatId = AINO, userId = AINO) {
      telegram.say({ chatId, userId, text });
      return shows(answer, chatId);
    },
    /** Presses, and waits for the progress sign to end and for the text. */
    async press(label: string, answer: string, chatId = AINO, userId = AINO) {
      const queryId = telegram.press({ chatId, userId, label });
      await telegram.waitFor(() => telegram.answers.has(queryId));
      return shows(answer, chatId);
    },
    /** Waits for so many queries and the end of all dialogues; gives the queries in short. */
    async drawn(count = 1): Promise<string[]> {
      await until(`${count} queries are complete`, () => queries.length === count && stored.size === 0);
      return queries.map((query) => `${query.field}: ${formatPeriodAsTyped(query, ZONE)}`);
    },
    /** Another bot over the same storage. */
    async restartBot(): Promise<void> {
      await stopBot();
      stopBot = startBot();
    },
    async stop(): Promise<void> {
      await stopBot();
      await telegram.stop();
    },
  };
  return chat;
}
