import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createManualClock } from "../../test/support/clock.ts";
import { ADMIN, createWorld, type World } from "../../test/support/world.ts";
import { openLiveCard } from "../live.ts";
import { startBroker } from "../support/broker.ts";
import type { Defer } from "../support/figure.ts";
import { fillAlarms, fillEvents } from "../support/fill.ts";
import { peakMb, residentMb } from "../support/resident.ts";
import { medianOf, seriesOf, type Point, type Series } from "./series.ts";

const RUNS = 40;
const PLOTS = 5;
const powers = (...exponents: readonly number[]): number[] => exponents.map((exponent) => Math.round(10 ** exponent));
const FIRST_GROUP = -5_000;
const CADENCE_MS = 15_000;

/** Each grows by itself, all else small: what a user waits for, and what the program takes. ThingSpeak and Telegram are the stand-ins in this process. */
export const GROWTHS: readonly (() => Promise<Series>)[] = [
  () =>
    seriesOf(
      { size: "open alarms", latency: "a new alarm → its card", memory: "at rest" },
      powers(2, 3, 4, 5, 5.5),
      async (count, defer) => {
        const world = await openWorld(defer, { TELEGRAM_ALARM_CHAT_IDS: String(ADMIN) });
        await fillAlarms(world.app.databasePath, count, ADMIN);
        return newAlarms(world, [ADMIN]);
      },
    ),
  () =>
    seriesOf(
      { size: "chats that are told", latency: "a new alarm → the last of its cards", memory: "at rest" },
      [1, 3, 10, 30, 100, 300],
      async (count, defer) => {
        const chats = Array.from({ length: count }, (_, i) => FIRST_GROUP - i);
        const world = await openWorld(defer, { TELEGRAM_ALARM_CHAT_IDS: chats.join(",") });
        for (const id of chats)
          world.telegram.addGroup({ id, title: `Hall ${id}`, members: [{ id: ADMIN, firstName: "Aino" }] });
        return newAlarms(world, chats);
      },
    ),
  () =>
    seriesOf(
      { size: "events stored", latency: "a new alarm → its card", memory: "at rest" },
      powers(4, 5, 6, 7),
      async (events, defer) => {
        const world = await openWorld(defer, { TELEGRAM_ALARM_CHAT_IDS: String(ADMIN) });
        const alarms = 1_000;
        await fillAlarms(world.app.databasePath, alarms, ADMIN);
        fillEvents(world.app.databasePath, { alarms, events, old: 0 });
        return newAlarms(world, [ADMIN]);
      },
    ),
  () =>
    seriesOf(
      { size: "members of /live", latency: "all changed → the card is drawn anew", memory: "not measured" },
      powers(0, 0.5, 1, 1.5, 2, 2.5, 3),
      async (members, defer) => {
        const clock = createManualClock();
        const card = await openLiveCard(defer, clock, members);
        return { latencyMs: await medianOf(RUNS, (round) => card.redraw(round)), memoryMb: null };
      },
    ),
  () =>
    seriesOf(
      { size: "entries plotted, of a CSV file", latency: "/plot → picture, the first left out", memory: "at most" },
      powers(3, 4, 5, 6),
      plotsOfAFile,
    ),
];

async function openWorld(defer: Defer, settings: Readonly<Record<string, string>>): Promise<World> {
  const broker = await startBroker();
  defer(() => broker.stop());
  const world = await createWorld(broker.url, settings);
  defer(() => world.remove());
  return world;
}

/** @returns the median until the last of these chats has a card of a new alarm */
async function newAlarms(world: World, chats: readonly number[]): Promise<Omit<Point, "size">> {
  const { telegram, app, warn } = world;
  await world.start();
  const latencyMs = await medianOf(RUNS, async (i) => {
    const before = telegram.calls.length;
    await warn({ id: `new${i}`, message: `New alarm ${i}.` });
    const cards = () =>
      telegram.calls
        .slice(before)
        .filter(({ method, params }) => method === "sendMessage" && String(params["text"]).includes(`alarm ${i}.`));
    await telegram.waitFor(() => cards().length === chats.length, 60_000);
  });
  return { latencyMs, memoryMb: residentMb(app.pid) };
}

async function plotsOfAFile(entries: number, defer: Defer): Promise<Omit<Point, "size">> {
  const folder = mkdtempSync(join(tmpdir(), "valvomo-growth-"));
  defer(async () => rmSync(folder, { recursive: true }));
  const path = join(folder, "feed.csv");
  const end = Date.now() - CADENCE_MS;
  const line = (_: unknown, i: number): string => {
    const at = new Date(end - (entries - 1 - i) * CADENCE_MS).toISOString();
    return `${at},${i + 1},${(60 + 15 * Math.sin(i / 900) + 3 * Math.sin(i * 12.9898)).toFixed(2)}\n`;
  };
  writeFileSync(path, `created_at,entry_id,field1\n${Array.from({ length: entries }, line).join("")}`);
  const world = await openWorld(defer, { FEED_FILE: path, THINGSPEAK_CHANNEL_ID: "", THINGSPEAK_READ_API_KEY: "" });
  await world.start();
  const { telegram, app } = world;
  const pictures = (): number => telegram.messages(ADMIN).filter(({ photo }) => photo !== null).length;
  const hours = Math.ceil((entries * CADENCE_MS) / 3_600_000) + 1;
  const plot = async (): Promise<void> => {
    const before = pictures();
    telegram.say({ chatId: ADMIN, text: `/plot 1 ${hours}h` });
    await telegram.waitFor(() => pictures() > before, 60_000);
  };
  await plot();
  return { latencyMs: await medianOf(PLOTS, plot), memoryMb: peakMb(app.pid) };
}
