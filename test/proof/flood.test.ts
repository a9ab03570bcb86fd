import { DatabaseSync } from "node:sqlite";
import { setInterval } from "node:timers/promises";
import mqtt from "mqtt";
import { describe, expect, it, onTestFinished } from "vitest";
import { TOPIC } from "../support/alarms.ts";
import { hasMosquitto } from "../support/mosquitto.ts";
import { until } from "../support/until.ts";
import { ADMIN, GROUP, openMosquittoWorld, OTHER, type World } from "../support/world.ts";

const SECONDS = 120;
const ALARMS = 300;
const EVENTS_PER_TICK = 3;
const TICK_MS = 100;
const CRITICAL: readonly number[] = [17, 53, 91, 128, 166, 203, 241, 279];
const QUESTION_EVERY_MS = 5_000;
const REST_MS = 45_000;
/** In a group 20 messages a minute are all that there is. */
const GROUP_QUESTION_EVERY_MS = 30_000;

interface Question {
  readonly chatId: number;
  readonly at: number;
}

/** What the program calls the chat's board with, oldest first; epoch ms. */
function boardTimes({ telegram }: World, chatId: number): number[] {
  return telegram.calls
    .filter(({ params, status }) => Number(params["chat_id"]) === chatId && status === 200)
    .filter(({ params }) => typeof params["text"] === "string" && /alarm flood/i.test(params["text"]))
    .map(({ at }) => at);
}

/** Cards and boards that do not show what they should. */
function waiting({ app }: World): object[] {
  const database = new DatabaseSync(app.databasePath, { readOnly: true });
  try {
    return [
      ...database.prepare("SELECT chat_id, alarm_id, outdated_messages FROM cards WHERE is_pending = 1").all(),
      ...database.prepare("SELECT chat_id, id AS board_id FROM boards WHERE changes > shown_changes").all(),
    ];
  } finally {
    database.close();
  }
}

/** When a critical alarm rang in a chat for the first time; epoch ms. */
function firstRing({ telegram }: World, chatId: number, i: number): number {
  const ring = telegram.calls.find(
    ({ method, params }) =>
      method === "sendMessage" &&
      Number(params["chat_id"]) === chatId &&
      /CRITICAL<.*Machine (\d+)\./s.exec(String(params["text"]))?.[1] === String(i),
  );
  return ring?.at ?? Number.POSITIVE_INFINITY;
}

/** How long each question waited for its answer, in the order of both; `Infinity`: it has none. ms */
function delays({ telegram }: World, chatId: number, questions: readonly Question[]): number[] {
  const answers = telegram
    .messages(chatId)
    .filter(({ from, text }) => from === "bot" && /^(\d+|None) active|^✅ No alarm/.test(text));
  return questions
    .filter((question) => question.chatId === chatId)
    .map(({ at }, i) => (answers[i]?.sentAt ?? Number.POSITIVE_INFINITY) - at);
}

describe.skipIf(!hasMosquitto)("a flood at Telegram's pace", () => {
  it("of 300 alarms that come and go for two minutes: people are answered, the board moves, critical ones ring, and soon nothing waits", async () => {
    const { mosquitto, world } = await openMosquittoWorld(
      // As shipped, whatever other tests turn off.
      { TELEGRAM_PACE: "on", FLOOD_RATE: "10/10m", ALARM_REPEAT_RATE: "2/1h", TOGETHER_RATE: "2/5s" },
      // A Telegram that counts as the real one does.
      { limits: "on" },
    );
    const { telegram } = world;
    await world.start();
    const plant = await mqtt.connectAsync(mosquitto.url);
    onTestFinished(() => plant.endAsync(true));

    const startAt = Date.now();
    const questions: Question[] = [];
    const raisedAt = new Map<number, number>();
    const ask = (chatId: number, userId: number, everyMs: number): void => {
      const asked = questions.filter((question) => question.chatId === chatId).length;
      if (Date.now() - startAt < asked * everyMs) return;
      questions.push({ chatId, at: Date.now() });
      telegram.say({ chatId, userId, text: "/alarms" });
    };
    let n = 0;
    for await (const _ of setInterval(TICK_MS)) {
      if (Date.now() - startAt >= SECONDS * 1_000) break;
      // As many as there were to be by now, however late the timer is.
      for (; n < ((Date.now() - startAt) / TICK_MS) * EVENTS_PER_TICK; n++) {
        const i = n % ALARMS;
        const state = Math.floor(n / ALARMS) % 2 === 0 ? "active" : "cleared";
        const severity = CRITICAL.includes(i) ? "critical" : i % 4 === 0 ? "error" : "warning";
        if (CRITICAL.includes(i) && !raisedAt.has(i)) raisedAt.set(i, Date.now());
        const event = { id: `m${i}`, message: `Machine ${i}.`, source: `Line ${i % 12}`, severity, state };
        plant.publish(TOPIC, JSON.stringify(event), { qos: 1 });
      }
      ask(ADMIN, ADMIN, QUESTION_EVERY_MS);
      ask(GROUP, OTHER, GROUP_QUESTION_EVERY_MS);
    }
    const endAt = Date.now();
    expect(n).toBeGreaterThan(3_500);
    await until("nothing waits", () => waiting(world).length === 0, REST_MS).catch(() => {
      expect(waiting(world)).toEqual([]);
    });
    for (const chatId of [ADMIN, GROUP]) {
      const answered = delays(world, chatId, questions);
      expect(answered.length).toBeGreaterThanOrEqual(4);
      expect(Math.max(...answered)).toBeLessThanOrEqual(10_000);
      const shown = boardTimes(world, chatId);
      expect(Math.max(...shown.map((at, i) => (shown[i + 1] ?? endAt) - at))).toBeLessThanOrEqual(20_000);
      const rang = CRITICAL.map((i) => firstRing(world, chatId, i) - (raisedAt.get(i) ?? 0));
      expect(Math.max(...rang)).toBeLessThanOrEqual(10_000);
    }
    expect(telegram.calls.filter(({ status }) => status === 429)).toEqual([]);
  });
});
