import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { startBroker, type DemoBroker } from "../../src/demo/broker.ts";
import type { Telegram, TelegramOptions } from "../../src/demo/telegram/server.ts";
import type { Role } from "../../src/people/role.ts";
import { ADMIN, createWorld, type World } from "./world.ts";

/** A message as a chat shows it now. */
export type Shown = ReturnType<Telegram["messages"]>[number] & { readonly chatId: number };

/** The program in its world, and what people see and do in their chats. All of it ends with the test. */
export interface Scene extends World {
  readonly broker: DemoBroker;
  /** What the bot wrote in a chat, oldest first. */
  said(chatId: number): readonly Shown[];
  /** Waits for the bot's newest message that contains this. */
  see(chatId: number, text: string, timeoutMs?: number): Promise<Shown>;
  /** Waits until one message contains this. */
  seeIn(card: Shown, text: string, timeoutMs?: number): Promise<Shown>;
  /** Waits until one message has a button with this label; resolves with the labels of all its buttons, row after row. */
  buttonsOf(card: Shown, label: string): Promise<readonly string[]>;
  /** Writes something; resolves with the bot's next message there. */
  ask(chatId: number, text: string, more?: { userId?: number; replyTo?: number; threadId?: number }): Promise<Shown>;
  say(chatId: number, text: string, more?: { userId?: number; replyTo?: number; threadId?: number }): number;
  /** Changes the plants file, if it was given one. */
  writePlants(text: string): void;
  /** The plants file as it is. */
  readPlants(): string;
  /** Presses a button of a message; resolves with the words that the bot answers it with. */
  press(card: Shown, label: string, userId?: number): Promise<string>;
}

/** An alarm as a plant of ours writes it. */
export const HOT = { id: "hot", message: "Coil hot", source: "AMB 1", severity: "error", state: "active" };

/** What a message says, below its picture if it has one. */
const wordsOf = ({ text, caption }: Pick<Shown, "text" | "caption">): string => caption ?? text;

/** The words on a message's buttons, row after row. */
export const labelsOf = ({ buttons }: Pick<Shown, "buttons">): string[] =>
  buttons
    .flat()
    .filter((button) => "callback_data" in button || "url" in button)
    .map(({ text }) => text);

const PATIENCE_MS = 10_000;

/**
 * Starts a broker and the program before it.
 * @param options.plants the text of a plants file
 * @param options.prepare adds chats before the program starts
 * @param options.people who has a role besides the admin and the operator of the world
 * @param options.brokerUrl where the program and the plant find the broker, if something stands before it
 */
export async function openScene(
  options: {
    readonly settings?: Readonly<Record<string, string>>;
    readonly plants?: string;
    readonly prepare?: (telegram: Telegram) => void;
    readonly people?: readonly { readonly id: number; readonly name: string; readonly role: Role }[];
    readonly brokerUrl?: (broker: DemoBroker) => Promise<string>;
    readonly telegram?: Partial<TelegramOptions>;
  } = {},
): Promise<Scene> {
  const broker = await startBroker();
  onTestFinished(() => broker.stop());
  const url = (await options.brokerUrl?.(broker)) ?? broker.url;
  const plantsPath = options.plants === undefined ? null : plantsFile(options.plants);
  const world = await createWorld(
    url,
    { ...options.settings, ...(plantsPath === null ? {} : { PLANTS_FILE: plantsPath }) },
    options.telegram,
  );
  onTestFinished(() => world.remove());
  options.prepare?.(world.telegram);
  for (const { id, name, role } of options.people ?? []) await world.admit(id, name, role);
  await world.start();
  const { telegram } = world;
  const said = (chatId: number): Shown[] =>
    telegram
      .messages(chatId)
      .flatMap((message) => (message.from === "bot" && !message.isService ? [{ ...message, chatId }] : []));
  const wait = (card: Shown, condition: (message: Shown) => boolean, timeoutMs = PATIENCE_MS): Promise<Shown> =>
    telegram.waitFor(
      () => said(card.chatId).find((message) => message.messageId === card.messageId && condition(message)),
      timeoutMs,
    );

  const say: Scene["say"] = (chatId, text, more = {}) => telegram.say({ chatId, text, userId: ADMIN, ...more });

  return {
    ...world,
    broker,
    said,
    see: (chatId, text, timeoutMs = PATIENCE_MS) =>
      telegram.waitFor(() => said(chatId).findLast((message) => wordsOf(message).includes(text)), timeoutMs),
    seeIn: (card, text, timeoutMs) => wait(card, (message) => wordsOf(message).includes(text), timeoutMs),
    buttonsOf: async (card, label) => labelsOf(await wait(card, (message) => labelsOf(message).includes(label))),
    say,
    writePlants: (text) => plantsPath !== null && writeFileSync(plantsPath, text),
    readPlants: () => (plantsPath === null ? "" : readFileSync(plantsPath, "utf8")),
    ask(chatId, text, more) {
      const asked = say(chatId, text, more);
      return telegram.waitFor(() => said(chatId).find(({ messageId }) => messageId > asked), PATIENCE_MS);
    },
    async press(card, label, userId = ADMIN) {
      const { chatId, messageId } = await wait(card, (message) => labelsOf(message).includes(label));
      const queryId = telegram.press({ chatId, userId, messageId, label });
      return (await telegram.waitFor(() => telegram.answers.get(queryId), PATIENCE_MS)).text ?? "";
    },
  };
}

function plantsFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "valvomo-plants-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "plants.yaml");
  writeFileSync(path, text);
  return path;
}
