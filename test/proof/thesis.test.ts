import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import mqtt, { type MqttClient } from "mqtt";
import { afterEach, describe, expect, it } from "vitest";
import type { SimulatedMessage } from "../../src/simulator/message.ts";
import { createSimulatedPlant, USUAL_PLANT, type PlantSettings } from "../../src/simulator/plant.ts";
import { SINE } from "../../src/simulator/signals.ts";
import { decode } from "../charts/picture.ts";
import { createChain, type Chain } from "../support/chain.ts";
import { hasMosquitto } from "../support/mosquitto.ts";
import { startPlant, type PlantProgram } from "../support/plant.ts";
import { measureSine } from "../support/sine.ts";
import { until } from "../support/until.ts";
import { ADMIN } from "../support/world.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const EVERY = 15_000;
const LOOK_EVERY = 500;
const SINE_FIELD = 6;
/** The folder for the pictures that the chat got, to be shown in the docs; unset, none are kept. */
const { PICTURES } = process.env;

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function openChain(settings: Readonly<Record<string, string>> = {}): Promise<Chain> {
  const chain = await createChain(settings);
  ends.push(() => chain.remove());
  await chain.start();
  return chain;
}

function runPlant(chain: Chain, ...options: readonly string[]): PlantProgram {
  const plant = startPlant("--broker", chain.local.url, ...options);
  ends.push(() => plant.stop());
  return plant;
}

const said = (chain: Chain) => chain.telegram.messages(ADMIN).filter(({ from }) => from === "bot");

/** Writes something; resolves with the first answer of a kind. */
async function ask(
  chain: Chain,
  text: string,
  isIt: (message: ReturnType<typeof said>[number]) => boolean = () => true,
) {
  const asked = chain.telegram.say({ chatId: ADMIN, userId: ADMIN, text });
  return until(
    `an answer to ${text}`,
    () => said(chain).find((message) => message.messageId > asked && isIt(message)),
    60_000,
  );
}

/** A plot as the chat gets it: its picture and, from its *File* button, the numbers that were drawn. */
async function plot(chain: Chain, command: string, name: string) {
  const card = await ask(chain, command, ({ photo }) => photo !== null);
  const picture = Buffer.from(card.photo!.bytes);
  if (PICTURES !== undefined) writeFileSync(join(PICTURES, `${name}.png`), picture);
  const press = (label: string) =>
    chain.telegram.press({ chatId: ADMIN, userId: ADMIN, messageId: card.messageId, label });
  press("More…");
  await until("the menu is open", () =>
    said(chain).some(
      ({ messageId, buttons }) => messageId === card.messageId && buttons.flat().some(({ text }) => text === "File"),
    ),
  );
  press("File");
  const csv = await until(
    "the numbers are there",
    () => said(chain).find(({ document }) => document?.fileName.endsWith(".csv")),
    60_000,
  );
  const rows = Buffer.from(csv.document!.bytes).toString().trim().split("\n").slice(1);
  const drawn = rows.map((row) => {
    const [time = "", value = ""] = row.split(",");
    return { at: Date.parse(time), value: Number(value) };
  });
  return { caption: card.caption ?? "", picture, drawn };
}

/** The middle of the drawn line in each column of a picture. */
async function lineOf(picture: Uint8Array) {
  const { lineSpan, countLine, height } = await decode(picture);
  const [from, to] = lineSpan();
  const xs: number[] = [];
  const ys: number[] = [];
  for (let x = from; x <= to; x++) {
    const rows = Array.from({ length: height }, (_, y) => y).filter((y) => countLine(x, y, y + 1) > 0);
    if (rows.length === 0) continue;
    xs.push(x);
    ys.push(height - (rows[0]! + rows.at(-1)!) / 2);
  }
  return { xs, ys, from, to };
}

/** What a field of the plant was at each sample of a stretch of time, as the same plant says it once more. */
function madeBy(settings: Partial<PlantSettings>, from: number, forMs: number, field: number) {
  const plant = createSimulatedPlant({ ...USUAL_PLANT, ...settings });
  const messages: SimulatedMessage[] = [];
  for (let at = from; at < from + forMs; at += 1_000) messages.push(...plant.tick(at, Date.now()));
  messages.push(...plant.flush(Date.now()));
  return messages.flatMap(({ payload }) =>
    payload
      .toString()
      .split("|")
      .slice(0, -1)
      .map((entry) => {
        const cells = entry.split(",");
        const value = cells[field] ?? "";
        return { at: Date.parse(cells[0] ?? ""), value: value === "" ? null : Number(value) };
      }),
  );
}

/** A start so long ago at which the plant samples. */
const ago = (ms: number): number => Math.floor((Date.now() - ms) / EVERY) * EVERY;

describe.skipIf(!hasMosquitto)("the tests of the thesis, through the whole chain", () => {
  it("the plant's sine arrives in the chat's plot with its period and its amplitude", async () => {
    const chain = await openChain();
    const from = ago(HOUR);
    const options = ["--send", "bulk", "--bulk-every", "5m", "--from", new Date(from).toISOString(), "--for", "1h"];
    expect(await runPlant(chain, ...options, "--speed", "1000000").ended).toBe(0);
    await until("all of it is in the channel", () => chain.entries(SINE_FIELD).length === HOUR / EVERY, 90_000);

    const feed = chain.entries(SINE_FIELD);
    expect(feed.map(({ at }) => at)).toEqual(feed.map((_, i) => from + i * EVERY));
    const ofFeed = measureSine(
      feed.map(({ at }) => at),
      feed.map(({ value }) => value ?? Number.NaN),
    );
    expect(ofFeed.amplitude).toBe(SINE.amplitudeV);
    expect(ofFeed.period).toBeCloseTo(SINE.periodMs, 0);

    const { caption, picture, drawn } = await plot(chain, "/plot sine 62m", "chain-sine");
    expect(caption).toContain("Test sine");
    expect(drawn).toEqual(feed);
    // And what is to be seen in the picture itself: as many ms a period as a pixel has times the pixels of a period.
    const { xs, ys, from: left, to: right } = await lineOf(picture);
    const inPixels = measureSine(xs, ys);
    const msPerPixel = (feed.at(-1)!.at - feed[0]!.at) / (right - left);
    expect((inPixels.period * msPerPixel) / SINE.periodMs).toBeGreaterThan(0.98);
    expect((inPixels.period * msPerPixel) / SINE.periodMs).toBeLessThan(1.02);
  }, 180_000);

  it.each([
    { days: 2, entries: 11_520, entriesPerCall: 1_440, name: "chain-two-days" },
    { days: 7, entries: 40_320, entriesPerCall: 6_000, name: "chain-week" },
  ])(
    "$days days of coil temperature at 15 s, $entries entries, survive kills and restarts: none missing, none twice, memory flat",
    async ({ days, entries, entriesPerCall, name }) => {
      const chain = await openChain({ THINGSPEAK_BULK_ENTRIES: String(entriesPerCall) });
      const restMb = chain.memoryMb();
      let mostMb = restMb;
      const from = ago(days * DAY);
      const seed = 11 + days;
      const counter: MqttClient = await mqtt.connectAsync(chain.local.url, { clientId: "counter", clean: false });
      ends.push(() => counter.endAsync(true));
      let passed = 0;
      counter.on("message", () => (passed += 1));
      await counter.subscribeAsync("bulkWrite", { qos: 1 });
      const messages = (days * DAY) / (5 * MINUTE);
      const reached = (share: number) => until(`${share} of it was sent`, () => passed >= share * messages, 120_000);
      const measure = (): void => void (mostMb = Math.max(mostMb, chain.memoryMb()));

      const times = ["--from", new Date(from).toISOString(), "--for", `${days}d`, "--speed", String(days * 4_000)];
      const options = ["--send", "bulk", "--bulk-every", "5m", "--troubles", "daily", "--seed", String(seed), ...times];
      const plant = runPlant(chain, ...options);
      await reached(0.2);
      await chain.app.kill();
      await chain.start();
      await reached(0.4);
      measure();
      await chain.global.stop();
      await chain.global.start();
      await reached(0.6);
      measure();
      await chain.local.stop();
      await chain.local.start();
      // A call that is carried out, and of which the program hears nothing.
      chain.thingspeak.fault({ kind: "lostAnswer" }, 1, "/channels/417/bulk_update");
      await reached(0.8);
      measure();
      await chain.app.kill();
      await chain.start();
      expect(await plant.ended).toBe(0);
      await until(
        "all of it is in the channel",
        async () => {
          // Looked at seldom, as the stand-in answers in this process.
          await setTimeout(LOOK_EVERY);
          measure();
          return new Set(chain.entries(1).map(({ at }) => at)).size === entries;
        },
        170_000,
      );
      // None missing, none twice, and each with the value that was made.
      const plantSettings = { seed, troubles: "daily", send: new Set(["bulk"] as const) } as const;
      expect(chain.entries(1)).toEqual(madeBy(plantSettings, from, days * DAY, 1));
      process.stderr.write(`${days} days: ${restMb.toFixed(0)} MB at rest, ${mostMb.toFixed(0)} MB at the most\n`);
      expect(mostMb - restMb).toBeLessThan(60);

      const { caption, drawn } = await plot(chain, `/plot 1 ${days + 1}d`, name);
      expect(caption).toContain("Coil temperature");
      expect(drawn).toEqual(chain.entries(1));
    },
    300_000,
  );

  it("a warning arrives by itself after /start", async () => {
    const chain = await openChain();
    const greeting = await ask(chain, "/start");
    const plant = runPlant(chain, "--send", "warnings,twincat", "--from", "10m", "--speed", "20");
    await until("the plant is connected", () => plant.said().includes("Connected"), 30_000);
    // As somebody in the plant commands it.
    const operator = await mqtt.connectAsync(chain.local.url);
    ends.push(() => operator.endAsync(true));
    const card = (words: string) =>
      until(
        words,
        () =>
          said(chain).find(
            ({ messageId, text, caption }) => messageId > greeting.messageId && (caption ?? text).includes(words),
          ),
        60_000,
      );
    plant.type("overheat");
    await card("Coil temperature above limit");
    plant.type("trip");
    const tripped = await card("Drive tripped");
    expect(tripped.text).toContain("CRITICAL");
    await operator.publishAsync("plants/AMB-1/faults", "sensor dead 2", { qos: 1 });
    await card("no signal from coil current sensor");
  }, 180_000);
});
