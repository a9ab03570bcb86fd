import { DatabaseSync } from "node:sqlite";
import { setTimeout } from "node:timers/promises";
import { hasMosquitto, startMosquitto } from "../test/support/mosquitto.ts";
import { ADMIN, createWorld, GROUP, STRANGER } from "../test/support/world.ts";
import { monotonicMs, waitUntil } from "./support/clock.ts";
import { atMost, type Bench, type Defer, type Figure } from "./support/figure.ts";
import { flood } from "./support/flood.ts";
import type { Flood } from "./support/flood-process.ts";
import { TOPIC } from "./support/plant.ts";
import { residentMb } from "./support/resident.ts";

const MAX_MB = 300;
const MAX_ANSWER_MS = 1_000;
const STRANGERS = 10_000;
const PER_SECOND = 50_000;
const LARGE_PER_SECOND = 50;
const KEYS = 100_000;
const KEYS_PER_SECOND = 20_000;
const BROKER_DROPS = "$SYS/broker/publish/messages/dropped";

/** What pours in from outside, and what the program makes of it: memory, answers to people, and a word about what was dropped. */
export const floods: Bench = {
  name: "floods",
  async run(defer, seconds) {
    // Without a time of its own, each is news, though its text comes again and again.
    const warnings = Array.from({ length: 1_000 }, (_, i) => `Coil ${i} of the hall is hot`);
    const values = { topics: Array.from({ length: 2_000 }, (_, i) => `live/${i}`), payloads: ["20.5"] };
    const pour = (what: string, options: Omit<Flood, "port" | "seconds"> & { readonly seconds?: number }) =>
      pourIn(defer, what, { seconds, ...options });
    const rate = `${PER_SECOND.toLocaleString("en")} messages/s for ${seconds} s`;
    return [
      await meetStrangers(defer),
      ...(await pour(`${rate}, QoS 1`, { topics: [TOPIC], payloads: warnings, qos: 1, perSecond: PER_SECOND })),
      ...(await pour(`${rate}, QoS 0`, { topics: [TOPIC], payloads: warnings, qos: 0, perSecond: PER_SECOND })),
      ...(await pour(`${rate}, on 2,000 live topics`, { ...values, qos: 0, perSecond: PER_SECOND })),
      ...(await pour(`${LARGE_PER_SECOND} payloads of 1 MB/s for ${seconds} s`, {
        topics: [TOPIC],
        payloads: ["x".repeat(1_000_000)],
        qos: 1,
        perSecond: LARGE_PER_SECOND,
      })),
      ...(await pour(`${KEYS.toLocaleString("en")} different alarms in ${KEYS / KEYS_PER_SECOND} s`, {
        topics: [TOPIC],
        payloads: Array.from({ length: KEYS }, (_, i) => `Valve ${i} does not close`),
        qos: 1,
        perSecond: KEYS_PER_SECOND,
        seconds: KEYS / KEYS_PER_SECOND,
      })),
    ];
  },
};

/** The program before a mosquitto, with a group that gets the alarms, and an admin who asks. */
async function openWorld(defer: Defer) {
  if (!hasMosquitto) throw new Error("needs a mosquitto: aedes would share this process");
  const broker = await startMosquitto({ lines: ["sys_interval 1"] });
  defer(() => broker.remove());
  const world = await createWorld(broker.url, {
    TELEGRAM_ALARM_CHAT_IDS: String(GROUP),
    FLOOD_RATE: "10/10m",
    MQTT_LIVE_TOPICS: `live/#,${BROKER_DROPS}`,
  });
  defer(() => world.remove());
  await world.start();
  return { ...world, port: broker.port };
}

type FloodWorld = Awaited<ReturnType<typeof openWorld>>;

/** Asks for /status. @returns the answer, and after how long it came, in ms */
async function ask({ telegram }: FloodWorld): Promise<{ readonly text: string; readonly tookMs: number }> {
  const askedAt = monotonicMs();
  const asked = telegram.say({ chatId: ADMIN, text: "/status" });
  const answer = () => telegram.messages(ADMIN).find(({ messageId, from }) => from === "bot" && messageId > asked);
  const { text } = await telegram.waitFor(answer, 60_000);
  return { text, tookMs: monotonicMs() - askedAt };
}

async function meetStrangers(defer: Defer): Promise<Figure> {
  const world = await openWorld(defer);
  await ask(world);
  for (let i = 0; i < STRANGERS; i++) world.telegram.say({ chatId: STRANGER, text: `let me in, ${i}` });
  const { tookMs } = await ask(world);
  const { text } = await ask(world);
  if (!text.includes(`${STRANGERS - 1} updates of people without a role`)) throw new Error(`not said:\n${text}`);
  await world.app.stop();
  const what = `${STRANGERS.toLocaleString("en")} updates of strangers at once: who asks after them is answered within`;
  return atMost(what, MAX_ANSWER_MS, tookMs, "ms");
}

/** Publishes while a person asks once a second; ends when all that reached the program is stored and told. */
async function pourIn(defer: Defer, what: string, options: Omit<Flood, "port">): Promise<Figure[]> {
  const world = await openWorld(defer);
  const { app, telegram } = world;
  const database = new DatabaseSync(app.databasePath, { readOnly: true });
  defer(async () => database.close());
  const count = (sql: string): number => Number(Object.values(database.prepare(sql).get() ?? {})[0] ?? 0);
  const memory: number[] = [];
  const answers: number[] = [];
  let isOver = false;
  const asking = (async () => {
    while (!isOver) {
      const { tookMs } = await ask(world);
      answers.push(tookMs);
      memory.push(residentMb(app.pid));
      await setTimeout(Math.max(0, 1_000 - tookMs));
    }
  })();

  const { published, tookMs } = await flood({ ...options, port: world.port });
  let stored = -1;
  await waitUntil("no more is stored", () => stored === (stored = count("SELECT MAX(id) FROM events")), {
    everyMs: 3_000,
    timeoutMs: 300_000,
  });
  await waitUntil("no card waits", () => count("SELECT COUNT(*) FROM cards WHERE is_pending = 1") === 0, {
    timeoutMs: 300_000,
  });
  isOver = true;
  await asking;
  const { text } = await ask(world);
  const dropped = Number(/Dropped: (\d+) messages by the broker/.exec(text)?.[1] ?? 0);
  const reports = telegram.messages(GROUP).length;
  const numbers = `${published} published in ${tookMs.toFixed(0)} ms, ${stored} stored, ${dropped} said to be dropped, ${reports} messages`;
  process.stderr.write(`  ${what}: ${numbers}\n`);
  const isAlarm = options.topics.includes(TOPIC);
  if (isAlarm && stored + dropped < published) throw new Error(`some were lost without a word: ${numbers}`);
  await app.stop();
  return [
    atMost(`${what}: memory at most`, MAX_MB, Math.max(...memory), "MB"),
    atMost("… a person who asks meanwhile is answered within", MAX_ANSWER_MS, Math.max(...answers), "ms"),
  ];
}
