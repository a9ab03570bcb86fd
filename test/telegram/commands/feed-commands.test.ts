import { run } from "@grammyjs/runner";
import { Bot } from "grammy";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTelegram, type Telegram } from "../../../src/demo/telegram/server.ts";
import type { ThingSpeakServer } from "../../../src/demo/thingspeak/server.ts";
import { digestOf } from "../../../src/queries/field-summary.ts";
import { measurementOf, type FieldSetting } from "../../../src/measurements/measurement.ts";
import { FeedCommands } from "../../../src/telegram/commands/feed-commands.ts";
import { silentLog } from "../../support/log.ts";
import { until } from "../../support/until.ts";
import { connect, NOW, startServer } from "../../thingspeak/support.ts";
import { NO_ANCHORS } from "../../../src/queries/time-words.ts";
import { clientOf } from "../../../src/telegram/api/client.ts";
import { outgoing } from "../../support/outgoing.ts";

const TOKEN = "123456:feed-commands-test";
const ADMIN = 11;
const STRANGER = 12;
const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const SETTINGS: readonly FieldSetting[] = [
  { field: 1, unit: "°C", decimals: 1, limits: [{ value: 80, side: "above", severity: "error" }] },
];

/** Members of devices, one of them for certain people. */
const COOLING = { number: 101, label: "AMB cooling", unit: "%", decimals: 1, limits: [] };
const HUMIDITY = { number: 102, label: "Hall humidity", unit: null, decimals: null, limits: [] };

let telegram: Telegram;
let server: ThingSpeakServer;
let stopBot: () => Promise<void>;

/** The bot with the commands alone, over real sockets, and a channel with fields 1 and 4. */
beforeEach(async () => {
  telegram = await startTelegram({ token: TOKEN });
  telegram.addPrivateChat({ id: ADMIN, firstName: "Aino" });
  telegram.addPrivateChat({ id: STRANGER, firstName: "Boris" });
  server = await startServer();
  const channel = connect(server.url);
  const bot = new Bot(TOKEN, { client: clientOf(telegram.url, outgoing) });
  const commands = new FeedCommands({
    measurements: async () => (await channel.fields()).map((field) => measurementOf(field, SETTINGS)),
    read: async (query) =>
      query.field < 100
        ? channel.read(query)
        : { times: Float64Array.of(NOW - 2 * MINUTE, NOW - MINUTE), values: Float64Array.of(54, 55.25) },
    digest: async (request) => digestOf(request),
    latest: channel.latest,
    latestOf: async (number) => (number === COOLING.number ? { value: "55.25", at: NOW - MINUTE } : null),
    members: {
      first: (count, { userId }) => (userId === ADMIN ? [COOLING, HUMIDITY] : [HUMIDITY]).slice(0, count),
      like: (text, { userId }) =>
        [COOLING, HUMIDITY].filter(
          ({ number, label }) => text.includes(label) && (number === HUMIDITY.number || userId === ADMIN),
        ),
    },
    askerIn: (_, caller) => ({ ...caller, isAdmin: false }),
    timeZoneOf: () => "Europe/Helsinki",
    anchorsOf: async () => NO_ANCHORS,
    now: () => NOW,
    log: silentLog,
  }).commands;
  for (const { name, run } of commands) bot.command(name, (ctx, next) => run?.(ctx, ctx.match, next));
  const runner = run(bot);
  stopBot = async () => {
    await runner.stop();
    await until("all updates are handled", () => runner.size() === 0);
  };
});
afterEach(async () => {
  await stopBot();
  await telegram.stop();
});

const answers = () => telegram.messages(ADMIN).filter(({ from }) => from === "bot");
/** What the bot answers. */
async function ask(text: string) {
  const before = answers().length;
  telegram.say({ chatId: ADMIN, text });
  return telegram.waitFor(() => answers()[before]);
}

/** A minute's cadence for two days until now, without the minutes that are lost; field 1 climbs by 10 a day to 75. */
function fill(isLost: (i: number) => boolean = () => false): void {
  const indexes = Array.from({ length: 2_880 }, (_, i) => i).filter((i) => !isLost(i));
  server.load(7, {
    times: indexes.map((i) => NOW - (2_880 - i) * MINUTE),
    columns: { field1: indexes.map((i) => 55 + i / 144), field4: indexes.map(() => 3_000) },
  });
}

describe("/latest", () => {
  it("tells value, unit, age and curve of each field", async () => {
    fill();
    expect((await ask("/latest")).text.split("\n")).toEqual([
      "Newest values",
      "Coil temperature: 75.0 °C",
      "▁▂▂▃▄▄▅▅▆▇▇█ 1 min ago",
      "Rotor speed: 3,000",
      "▅▅▅▅▅▅▅▅▅▅▅▅ 1 min ago",
    ]);
  });

  it("says which field never had a value, and shows text as text", async () => {
    server.append(7, { at: NOW - 3 * DAY, field4: "<b>off</b> & on" });
    const { text, entities } = await ask("/latest");
    expect(text.split("\n")).toEqual([
      "Newest values",
      "Coil temperature: no value yet",
      "Rotor speed: “<b>off</b> & on”, 3 d ago",
    ]);
    expect(entities.filter(({ type }) => type === "bold")).toHaveLength(3);
  });
});

describe("a device's member", () => {
  it("is told as a field is, by its device's name and its own", async () => {
    expect((await ask("/latest AMB cooling")).text.split("\n")).toEqual([
      "Newest values",
      "AMB cooling: 55.3 %",
      expect.stringMatching(/^\s+▅ 1 min ago$/),
    ]);
    expect((await ask("/stats AMB cooling 7d")).text).toMatch(
      /^Statistics\n.*\n\nAMB cooling\s+▅\nmin 54\.0 % .*\nmean .*\nlast 55\.3 %/,
    );
    const { document } = await ask("/export AMB cooling 1h");
    expect(document?.fileName).toMatch(/\.csv$/);
    expect((await ask("/latest Hall humidity")).text).toBe("Newest values\nHall humidity: no value yet");
  });

  it("is told when the channel cannot be had, too", async () => {
    server.fault({ kind: "status", status: 404 }, 9);
    expect((await ask("/stats AMB cooling")).text).toContain("AMB cooling");
    expect((await ask("/stats coil")).text).toContain("ThingSpeak does not know this channel");
  });

  it("is not found by whom it is not for", async () => {
    const before = telegram.messages(STRANGER).length;
    for (const command of ["/stats", "/export", "/latest"])
      telegram.say({ chatId: STRANGER, text: `${command} AMB cooling` });
    const told = () =>
      telegram
        .messages(STRANGER)
        .slice(before)
        .filter(({ from }) => from === "bot");
    await until("all are answered", () => told().length === 3);
    for (const { text } of told()) expect(text).toContain("I cannot find “amb cooling” among the fields.");
    for (const { text } of told()) expect(text).not.toContain(COOLING.label);
  });

  it("is offered beside the fields where nothing is found", async () => {
    const { text } = await ask("/stats gibberish 7d");
    expect(text).toContain(`Type one of these: 1 Coil temperature`);
    expect(text).toContain(`${COOLING.number} ${COOLING.label}, ${HUMIDITY.number} ${HUMIDITY.label}.`);
  });
});

describe("/stats", () => {
  it("tells of the last day what each field did, what is missing, and where it goes", async () => {
    fill((i) => i >= 2_000 && i < 2_028);
    expect((await ask("/stats")).text.split("\n")).toEqual([
      "Statistics",
      "2026-11-21 14:00 → 11-22 14:00",
      "",
      "Coil temperature ▁▂▂▃▃▄▅▅▆▇▇█",
      "min 65.0 °C (14:00) · max 75.0 °C (13:59)",
      "mean over time 70.0 °C · median 70.1 °C · sd 2.9 °C",
      "last 75.0 °C (13:59)",
      "1,412 of 1,440 entries",
      "📈 At this rate it reaches 80.0 °C in 12 h.",
      "",
      "Rotor speed ▅▅▅▅▅▅▅▅▅▅▅▅",
      "min 3,000 (14:00) · max 3,000 (14:00)",
      "mean over time 3,000 · median 3,000 · sd 0",
      "last 3,000 (13:59)",
      "1,412 of 1,440 entries",
    ]);
  });

  it("takes a field and a period, and says nothing of what comes after a period long past", async () => {
    fill();
    const { text } = await ask("/stats coil 2026-11-21");
    expect(text).toContain("Statistics · 2026-11-21\n");
    expect(text).toContain("1,440 entries");
    expect(text).not.toMatch(/Rotor|At this rate/);
  });

  it("says so when there is nothing, and what cannot be read", async () => {
    fill();
    expect((await ask("/stats 2020-01-01")).text).toContain("Coil temperature\n0 entries");
    expect((await ask("/stats pressure 7d")).text).toContain("I cannot find “pressure” among the fields.");
  });

  it("explains what goes wrong with ThingSpeak", async () => {
    server.fault({ kind: "status", status: 404 }, 9);
    expect((await ask("/stats")).text).toBe(
      "ThingSpeak does not know this channel. An admin must correct THINGSPEAK_CHANNEL_ID.",
    );
  });

  it("does not hold up what is asked meanwhile, and shows that it works", async () => {
    fill();
    server.fault({ kind: "slow", delayMs: 400 });
    telegram.say({ chatId: ADMIN, text: "/stats" });
    telegram.say({ chatId: ADMIN, text: "/stats pressure" });
    await telegram.waitFor(() => answers()[1]);
    expect(telegram.calls.map(({ method }) => method)).toContain("sendChatAction");
  });
});

describe("one field that fails", () => {
  const BROKEN = "ThingSpeak has a problem of its own. Try again in a few minutes.";
  const ROTOR = "/channels/7/fields/4";

  it.each([
    [{ kind: "status", status: 502 } as const, BROKEN],
    [{ kind: "html" } as const, "ThingSpeak's answer cannot be read. Try another period, and tell an admin."],
  ])("is told in its line of /latest, beside the others: %j", async (fault, sentence) => {
    fill();
    server.fault(fault, 9, `${ROTOR}/last.json`);
    expect((await ask("/latest")).text.split("\n")).toEqual([
      "Newest values",
      "Coil temperature: 75.0 °C",
      "▁▂▂▃▄▄▅▅▆▇▇█ 1 min ago",
      `Rotor speed: ⚠️ ${sentence}`,
    ]);
  });

  it("leaves its newest value without a curve where only that cannot be read", async () => {
    fill();
    server.fault({ kind: "denied" }, 9, `${ROTOR}.csv`);
    expect((await ask("/latest")).text).toMatch(/Rotor speed: 3,000, 1 min ago$/);
  });

  it("is told in its place of /stats", async () => {
    fill();
    server.fault({ kind: "denied" }, 9, ROTOR);
    const { text } = await ask("/stats");
    expect(text).toContain("mean over time 70.0 °C");
    expect(text).toMatch(/Rotor speed: ⚠️ ThingSpeak refuses the read key\. .*$/);
  });

  it("is missing from the file of /export, whose caption says so", async () => {
    fill();
    server.fault({ kind: "status", status: 502 }, 9, ROTOR);
    const { document, caption } = await ask("/export 3m");
    expect(new TextDecoder().decode(document?.bytes).split("\n")[0]).toBe("created_at,field1: Coil temperature (°C)");
    expect(caption).toContain(`\nRotor speed is missing: ${BROKEN}`);
  });

  it("fails them all only where each of them does", async () => {
    fill();
    server.fault({ kind: "status", status: 502 }, 99, "/channels/7/fields");
    expect((await ask("/latest")).text).toBe(BROKEN);
    expect((await ask("/stats")).text).toBe(BROKEN);
    expect((await ask("/export")).text).toBe(BROKEN);
  });
});

describe("/export", () => {
  it("sends the numbers of all fields as a file", async () => {
    fill((i) => i === 2_879);
    server.append(7, { at: NOW - 30_000, field4: "3001" });
    const { document, caption, isSilent } = await ask("/export 3m");
    expect(document?.fileName).toBe("valvomo-2026-11-22-1157-to-2026-11-22-1200.csv");
    expect(new TextDecoder().decode(document?.bytes).trimEnd().split("\n")).toEqual([
      "created_at,field1: Coil temperature (°C),field4: Rotor speed",
      "2026-11-22T11:57:00Z,74.97916666666667,3000",
      "2026-11-22T11:58:00Z,74.98611111111111,3000",
      "2026-11-22T11:59:30Z,,3001",
    ]);
    expect(caption).toBe(
      [
        "2026-11-22 13:57 → 14:00. Times in the file are UTC.",
        "Coil temperature: 1 of 3 entries hold no number (text, or nothing); their cells are empty.",
      ].join("\n"),
    );
    expect(isSilent).toBe(true);
  });

  it("sends one field alone", async () => {
    fill();
    const { document } = await ask("/export rotor");
    const rows = new TextDecoder().decode(document?.bytes).trimEnd().split("\n");
    expect(rows[0]).toBe("created_at,field4: Rotor speed");
    expect(rows).toHaveLength(1_441);
  });

  it("says so when there is nothing", async () => {
    expect((await ask("/export")).text).toContain("No data in this period.");
  });
});
