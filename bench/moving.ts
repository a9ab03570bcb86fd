import { ADMIN, createWorld, type World } from "../test/support/world.ts";
import { startBroker } from "./support/broker.ts";
import { monotonicMs } from "./support/clock.ts";
import { atMost, percentile, type Bench, type Figure } from "./support/figure.ts";
import { createCrowd, PLOTS_EACH } from "./support/people.ts";
import { peakMb, residentMb } from "./support/resident.ts";

const PRESSES = 40;
const PEOPLE = 10;
const ROUNDS = 5;
const PLOTS = 1_000;
const CROWD = PLOTS / PLOTS_EACH;
const ENTRIES = 1_000_000;
const CADENCE_MS = 15_000;
const LARGE_CHANNEL = 10;

type Defer = Parameters<Bench["run"]>[0];

/**
 * Moving in plots, on the whole program: from the press to the edited picture, when the numbers are at hand; ten people at once;
 * memory after a thousand pictures, and while a million entries are read and drawn. ThingSpeak and Telegram are the stand-ins in
 * this process, so what they take is measured with the program.
 */
export const moving: Bench = {
  name: "moving",
  async run(defer) {
    const broker = await startBroker();
    defer(() => broker.stop());
    const world = await createCrowd(CROWD + PEOPLE * 2, broker.url);
    const lonely = world.people.slice(CROWD + PEOPLE, CROWD + PEOPLE * 2);
    const crowd = world.people.slice(CROWD, CROWD + PEOPLE);
    defer(() => world.remove());
    await world.start();
    const figures: Figure[] = [];

    const alone: number[] = [];
    for (const id of lonely) alone.push(...(await walk(world, id, PRESSES / lonely.length)));
    figures.push(
      atMost("press on ◀ or ▶ → edited picture, numbers at hand: median", 150, percentile(alone, 0.5), "ms"),
    );
    figures.push(atMost("… p95", 300, percentile(alone, 0.95), "ms"));

    const plots = await Promise.all(crowd.map((id) => ask(world, id, "1 24h")));
    const crowded: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const label = round % 2 === 0 ? "◀" : "▶";
      crowded.push(...(await Promise.all(crowd.map((id, i) => press(world, id, plots[i] ?? 0, label)))));
    }
    figures.push(atMost(`${PEOPLE} people press at once: p95`, 1_000, percentile(crowded, 0.95), "ms"));

    for (const id of world.people.slice(0, CROWD)) await walk(world, id, PLOTS_EACH);
    figures.push(
      atMost(`memory, after ${PLOTS.toLocaleString("en")} more pictures`, 250, residentMb(world.app.pid), "MB"),
    );
    figures.push(await large(broker.url, defer));
    return figures;
  },
};

/** Memory while a channel of a million entries is read, kept and drawn. */
async function large(brokerUrl: string, defer: Defer): Promise<Figure> {
  const world = await createWorld(brokerUrl, {
    THINGSPEAK_CHANNEL_ID: String(LARGE_CHANNEL),
    THINGSPEAK_READ_API_KEY: "",
  });
  defer(() => world.remove());
  world.thingspeak.addChannel({
    id: LARGE_CHANNEL,
    name: "Large",
    labels: { 1: "Coil temperature (°C)" },
    readApiKey: null,
    writeApiKey: "WRITEKEY12345678",
  });
  const end = Math.floor(Date.now() / CADENCE_MS) * CADENCE_MS - 86_400_000;
  const times = Float64Array.from({ length: ENTRIES }, (_, i) => end - (ENTRIES - i) * CADENCE_MS);
  world.thingspeak.load(LARGE_CHANNEL, { times, columns: { field1: times.map((at) => 60 + 5 * Math.sin(at / 3e6)) } });
  await world.start();
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  await ask(world, ADMIN, `1 ${day(end - ENTRIES * CADENCE_MS + 4 * 86_400_000)} ${day(end)}`, 120_000);
  const what = `memory at most, while nearly ${ENTRIES.toLocaleString("en")} entries are fetched, kept and drawn`;
  return atMost(what, 250, peakMb(world.app.pid), "MB");
}

/** Somebody asks for a plot and moves to and fro in it; resolves with how long each press took, ms. */
async function walk(world: World, id: number, presses: number): Promise<number[]> {
  const plot = await ask(world, id, "1 24h");
  const times: number[] = [];
  for (let i = 0; i < presses; i++) times.push(await press(world, id, plot, i % 2 === 0 ? "◀" : "▶"));
  return times;
}

/** Asks for a plot; resolves with its message. */
async function ask({ telegram }: World, chatId: number, typed: string, timeoutMs = 20_000): Promise<number> {
  const pictures = () => telegram.messages(chatId).filter(({ photo }) => photo !== null);
  const before = pictures().length;
  telegram.say({ chatId, text: `/plot ${typed}` });
  return (await telegram.waitFor(() => pictures()[before], timeoutMs)).messageId;
}

/** Presses a button; resolves with how long it took until the picture was another one; ms. */
async function press({ telegram }: World, chatId: number, messageId: number, label: string): Promise<number> {
  const edits = () => telegram.messages(chatId).find((message) => message.messageId === messageId)?.edits ?? 0;
  const before = edits();
  const pressedAt = monotonicMs();
  telegram.press({ chatId, userId: chatId, messageId, label });
  await telegram.waitFor(() => edits() > before, 20_000);
  return monotonicMs() - pressedAt;
}
