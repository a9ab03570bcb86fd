import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { labelsOf, openScene } from "../support/scene.ts";
import { until } from "../support/until.ts";
import { ADMIN } from "../support/world.ts";

const NO_CHANNEL = { THINGSPEAK_CHANNEL_ID: "", THINGSPEAK_READ_API_KEY: "" };

it("a plant without ThingSpeak has plots of what came over the broker, over a restart; a topic that is added is listened to", async () => {
  const s = await openScene({ settings: NO_CHANNEL, plants: "fields: []" });
  const nothing = await s.ask(ADMIN, "Get Figure");
  expect(nothing.text).toMatch(/^There is nothing to plot\. An admin must set/);
  expect((await s.ask(ADMIN, "/stats")).text).toBe(nothing.text);
  s.writePlants(`
fields:
  - { field: 1, name: Coil, unit: "°C", decimals: 1, topic: "remote/thingspeak/9/publish/fields/field1/+" }
  - { field: 2, name: Pump, unit: bar, topic: "plants/+/TcIotCommunicator/Json/Tx/Data", value: stPump.fPressure }
`);
  const status = async (): Promise<string> => (await s.ask(ADMIN, "/status")).text;
  await until("the file is read", () => s.app.log.some(({ msg }) => msg === "the plants file was read again"));
  await until("the topics are listened to", async () => /Live values: plants\/\+\//.test(await status()));
  await s.warn("58.5", "remote/thingspeak/9/publish/fields/field1/KEY");
  await s.warn({ GroupName: "G", Values: { stPump: { fPressure: 4.5 } } }, "plants/AMB/TcIotCommunicator/Json/Tx/Data");
  await s.warn("61.5", "remote/thingspeak/9/publish/fields/field1/KEY");
  const latest = await until("the newest value is there", async () => {
    const { text } = await s.ask(ADMIN, "/latest");
    return text.includes("61.5 °C") && text;
  });
  expect(latest).toMatch(/Coil: 61\.5 °C\n.* \d+ s ago\nPump: 4\.5 bar/);
  await s.app.stop();
  await s.start();
  s.say(ADMIN, "/plot coil 1h");
  const plot = await s.telegram.waitFor(() => s.said(ADMIN).findLast(({ photo }) => photo !== null), 15_000);
  expect(plot.caption).toMatch(/^Coil\n.*\n58\.5 °C \(.* to 61\.5 °C \(/);
  // The channel is asked for nothing: there is none.
  expect(s.thingspeak.requests).toEqual([]);
}, 60_000);

it("a CSV file is plotted in the place of a channel; what is wrong with it is said with its line", async () => {
  const folder = mkdtempSync(join(tmpdir(), "valvomo-feed-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "hall6.csv");
  const rows = Array.from({ length: 600 }, (_, i) => {
    const at = new Date(Date.now() - (600 - i) * 15_000).toISOString().slice(0, 19);
    return `${at}+00:00,${i + 1},${50 + (i % 7)},,,,\n`;
  });
  const header = "created_at,entry_id,field3,latitude,longitude,elevation,status\n";
  writeFileSync(path, `${header}${rows.join("")}`);
  const plants = "fields: [{ field: 3, name: Hall, unit: °C, limits: [{ above: 55 }] }]";
  const s = await openScene({ settings: { ...NO_CHANNEL, FEED_FILE: path }, plants });
  s.say(ADMIN, "/plot 2h");
  const plot = await s.telegram.waitFor(() => s.said(ADMIN).findLast(({ photo }) => photo !== null), 15_000);
  expect(plot.caption).toMatch(/^Hall\n.*\n50 °C \(.* to 56 °C [^]*\n4(79|80) entries$/);
  expect((await s.ask(ADMIN, "/latest")).text).toMatch(/Hall: 5\d °C\n.* \d+ s ago/);
  writeFileSync(path, `${header}${rows.join("")}2026-11-23T03:00:00+00:00,601,21,5,,,,\n`);
  expect((await s.ask(ADMIN, "/stats 2h")).text).toMatch(
    // With what keeps Telegram from making a link of the file's name.
    /^hall6\.\u2060csv: line 602: 8 cells where the header has 7 .*An admin must mend FEED_FILE\.$/,
  );
  expect((await s.ask(ADMIN, "/status")).text).toMatch(/Measurements: hall6\.\u2060csv: line 602/);
}, 60_000);

it("an admin says in the chat what the columns of a file hold; nobody else may, and until then it is said why there is no plot", async () => {
  const folder = mkdtempSync(join(tmpdir(), "valvomo-feed-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "hall6.csv");
  const shown = (at: number): string => new Date(at).toISOString().slice(0, 19).replace("T", " ");
  const rows = Array.from({ length: 60 }, (_, i) => `${i},${shown(Date.now() - (60 - i) * 60_000)},${50 + (i % 7)}\n`);
  writeFileSync(path, `No,Zeit,Kühler (°C)\n${rows.join("")}`);
  const s = await openScene({ settings: { ...NO_CHANNEL, FEED_FILE: path, TIME_ZONE: "Europe/Helsinki" } });
  const unknown = /nobody has said yet which column is the time .*\(No, Zeit, Kühler \(°C\)\).*\/\u2060?columns/;
  expect((await s.ask(ADMIN, "/plot 1 2h")).text).toMatch(unknown);
  await until("the admins are told", () =>
    s.said(ADMIN).some(({ text }) => /^⚠️[^]*which column is the time/.test(text)),
  );
  const question = await s.ask(ADMIN, "/columns");
  expect(question.text).toBe("hall6.\u2060csv: which column is the time?");
  const zeit = labelsOf(question).find((label) => label.startsWith("Zeit")) ?? "";
  await s.press(question, zeit);
  await s.seeIn(question, "Which columns are field 1, 2 … 8?");
  await s.press(question, "1 ✓ No · 0");
  await s.press(question, (await s.buttonsOf(question, "1 ✓ Kühler (°C) · 50")).at(-1) ?? "");
  await s.seeIn(question, "names no zone. Whose clock is it?");
  await s.press(question, "UTC");
  await s.seeIn(question, "Field 1 is Kühler (°C).");
  s.say(ADMIN, "/plot 1 2h");
  const plot = await s.telegram.waitFor(() => s.said(ADMIN).findLast(({ photo }) => photo !== null), 15_000);
  expect(plot.caption).toMatch(/^Kühler\n.*50 °C/s);
  expect((await s.ask(ADMIN, "/audit 1h")).text).toMatch(/time Zeit, fields Kühler \(°C\)/);
  await s.app.stop();
  await s.start();
  expect((await s.ask(ADMIN, "/latest")).text).toMatch(/Kühler: 5\d °C/);
}, 60_000);

it("a channel that cannot be had is plotted from what came here, and the caption says so; /status keeps the trouble", async () => {
  const plants = `fields: [{ field: 1, name: Coil, unit: "°C", topic: plant/coil }]`;
  const s = await openScene({ plants });
  await until("the topic is listened to", async () => /plant\/coil/.test((await s.ask(ADMIN, "/status")).text));
  for (const value of [41.5, 43.5, 42.5]) await s.warn(String(value), "plant/coil");
  await until("it is recorded", async () => /Recorded: 1 measurement/.test((await s.ask(ADMIN, "/status")).text));
  s.thingspeak.fault({ kind: "status", status: 402 }, 10_000);
  s.say(ADMIN, "/plot coil 30 min");
  const plot = await s.telegram.waitFor(() => s.said(ADMIN).findLast(({ photo }) => photo !== null), 60_000);
  expect(plot.caption).toMatch(/^Coil\n[^]*\n41\.5 °C .* to 43\.5 °C [^]*As recorded here: ThingSpeak /);
  expect((await s.ask(ADMIN, "/stats coil 30 min")).text).toMatch(/min 41\.5 °C[^]*As recorded here: ThingSpeak /);
  expect((await s.ask(ADMIN, "/latest")).text).toMatch(/Coil: 42\.5 °C\n.* \d+ s ago[^]*As recorded here: ThingSpeak /);
  expect((await s.ask(ADMIN, "/status")).text).toMatch(/❌? ?.*Measurements: ThingSpeak/);
}, 90_000);
