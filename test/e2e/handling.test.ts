import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt from "mqtt";
import { afterEach, describe, expect, it } from "vitest";
import { startBroker, type Broker } from "../../src/demo/broker.ts";
import { TOPIC } from "../support/alarms.ts";
import { until } from "../support/until.ts";
import { ADMIN, createWorld, GROUP, OTHER, type World } from "../support/world.ts";

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

let broker: Broker;
let w: World;
async function open(settings: Readonly<Record<string, string>> = {}, plants?: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "valvomo-plants-"));
  opened.push(async () => rmSync(folder, { recursive: true }));
  const path = join(folder, "plants.yaml");
  if (plants !== undefined) writeFileSync(path, plants);
  broker = await startBroker();
  opened.push(() => broker.stop());
  w = await createWorld(broker.url, { ...settings, ...(plants === undefined ? {} : { PLANTS_FILE: path }) });
  opened.push(() => w.remove());
  await w.start();
}

const HOT = { id: "hot", message: "Coil hot", source: "AMB 1", severity: "error", state: "active" };
const answers = (chatId: number) =>
  w.telegram.messages(chatId).filter(({ from, isService }) => from === "bot" && !isService);
const said = (chatId: number, text: string, timeoutMs = 10_000) =>
  w.telegram.waitFor(() => answers(chatId).findLast((message) => message.text.includes(text)), timeoutMs);
const press = (chatId: number, messageId: number, label: string, userId = ADMIN) =>
  w.telegram.press({ chatId, userId, messageId, label });
const toast = async (queryId: string) => (await w.telegram.waitFor(() => w.telegram.answers.get(queryId), 10_000)).text;
const labels = (message: { buttons: readonly (readonly { text: string }[])[] }) =>
  message.buttons.flat().map(({ text }) => text);

describe("shelving", () => {
  it("asks for how long, shows in every chat who did it, and takes the reply for the reason", async () => {
    await open();
    await w.warn(HOT);
    const card = await said(GROUP, "Coil hot");
    await said(ADMIN, "Coil hot");
    press(GROUP, card.messageId, "Shelve…", OTHER);
    await w.telegram.waitFor(() => labels(answers(GROUP)[0]!).includes("4 h"), 10_000);
    expect(labels(answers(GROUP)[0]!)).toEqual(["30 min", "4 h", "Until it clears", "Until the shift ends", "Back"]);
    press(GROUP, card.messageId, "Back", OTHER);
    await w.telegram.waitFor(() => labels(answers(GROUP)[0]!).includes("Acknowledge"), 10_000);
    press(GROUP, card.messageId, "Shelve…", OTHER);
    await w.telegram.waitFor(() => labels(answers(GROUP)[0]!).includes("4 h"), 10_000);
    expect(await toast(press(GROUP, card.messageId, "4 h", OTHER))).toBe(
      "Shelved #1. Reply to the card with the reason.",
    );
    await said(ADMIN, "🗄 Shelved by Boris until");
    w.telegram.say({ chatId: GROUP, userId: OTHER, text: "Bearing is being changed", replyTo: card.messageId });
    await said(ADMIN, "Bearing is being changed");
    w.telegram.say({ chatId: ADMIN, text: "/shelved" });
    expect((await said(ADMIN, "1 shelved")).text).toMatch(/by Boris until .*: Bearing is being changed/);
    // A repeat does not ring, a higher severity does.
    await w.warn(HOT);
    await said(ADMIN, "2× since");
    await w.warn({ ...HOT, severity: "critical" });
    const worse = await said(ADMIN, "🔴 CRITICAL");
    expect(worse.text).not.toContain("Shelved by");
  });

  it("can be typed, taken back, and ends when it clears", async () => {
    await open();
    await w.warn(HOT);
    const card = await said(ADMIN, "Coil hot");
    w.telegram.say({ chatId: ADMIN, text: "/shelve 1 tomorrow" });
    await said(ADMIN, "Write it like /shelve 42 4h");
    w.telegram.say({ chatId: ADMIN, text: "/shelve 1 shift valve stuck" });
    await said(ADMIN, "#1 is shelved until");
    await said(ADMIN, "🗄 Shelved by Aino until");
    expect(await toast(press(ADMIN, card.messageId, "Take from the shelf"))).toBe("Back from the shelf.");
    w.telegram.say({ chatId: ADMIN, text: "/shelve 1 clears" });
    await said(ADMIN, "Shelved by Aino until it clears");
    await w.warn({ ...HOT, state: "cleared" });
    await said(ADMIN, "✅ CLEARED");
    w.telegram.say({ chatId: ADMIN, text: "/shelved" });
    await said(ADMIN, "Nothing is shelved.");
  });
});

it("keeps a reply and a photo with the alarm, and shows them again", async () => {
  await open();
  await w.warn(HOT);
  const card = await said(GROUP, "Coil hot");
  w.telegram.say({ chatId: GROUP, userId: OTHER, text: "Fan <is> broken", replyTo: card.messageId });
  await said(ADMIN, "💬 Boris: Fan <is> broken");
  const photo = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  );
  w.telegram.sendPhoto({ chatId: GROUP, userId: OTHER, photo, caption: "See?", replyTo: card.messageId });
  await said(ADMIN, "💬 Boris: 📷 See?");
  await w.app.kill();
  await w.start();
  w.telegram.say({ chatId: ADMIN, text: "/alarm_1" });
  const history = await said(ADMIN, "Newest first");
  expect(history.text).toMatch(/note by Boris 📷: See\?\n.*note by Boris: Fan <is> broken/);
  await w.telegram.waitFor(() => answers(ADMIN).some((message) => message.photo !== null), 10_000);
});

describe("escalation and routes from the plants file", () => {
  const PLANTS = `
chats: { hall: ${GROUP}, boris: ${OTHER} }
routes:
  - { to: hall, severity: error, source: "AMB *" }
escalation:
  error: { remind: 1s, then: [ { after: 2s, to: boris } ], owner: 2s }
`;
  it("reminds, tells the next, and reminds the owner; the card shows who is next", async () => {
    await open({}, PLANTS);
    w.telegram.addPrivateChat({ id: OTHER, firstName: "Boris" });
    await w.warn(HOT);
    expect((await said(GROUP, "Coil hot")).text).toContain("⏭ Reminder at");
    const reminder = await said(GROUP, "⏰ Nobody has acknowledged this for 1 s.");
    expect(reminder.text).toContain("⏭ Next: boris at");
    const passed = await said(OTHER, "it is passed on to you");
    press(OTHER, passed.messageId, "Acknowledge", OTHER);
    await said(GROUP, "👤 Acknowledged by Boris");
    await said(OTHER, "⏰ Boris, this is still active.");
    expect(answers(ADMIN)).toEqual([]);
  });

  it("sends what no route takes to the admins, as such; an admin adds a route in a chat, nobody else", async () => {
    await open({}, PLANTS);
    await w.warn({ ...HOT, id: "pump", message: "Pump leaks", source: "Pump 3" });
    expect((await said(ADMIN, "Pump leaks")).text).toContain("No route takes this alarm, so it comes to the admins.");
    w.telegram.say({ chatId: GROUP, userId: OTHER, text: '/route warning "Pump *" here' });
    await said(GROUP, "admin");
    w.telegram.say({ chatId: GROUP, userId: ADMIN, text: '/route warning "Pump *" here' });
    await said(GROUP, "Added:");
    await w.warn({ id: "pump4", message: "Pump 4 leaks", source: "Pump 4" });
    await said(GROUP, "Pump 4 leaks");
    expect(answers(ADMIN).filter(({ text }) => text.includes("Pump 4"))).toEqual([]);
  });
});

describe("what goes back to the plant", () => {
  it("is each acknowledgement, kept while the broker is away, and no alarm of our own", async () => {
    await open({ MQTT_ACK_SUFFIX: "/ack", MQTT_ALARM_TOPICS: "lut/#" });
    const plant = await mqtt.connectAsync(broker.url);
    opened.push(() => plant.endAsync(true));
    const got: { topic: string; content: Record<string, unknown> }[] = [];
    plant.on("message", (topic, payload) =>
      got.push({ topic, content: JSON.parse(payload.toString()) as Record<string, unknown> }),
    );
    await plant.subscribeAsync("lut/+/warnings/chatbot/ack", { qos: 1 });
    await w.warn(HOT);
    const card = await said(ADMIN, "Coil hot");
    press(ADMIN, card.messageId, "Acknowledge");
    await until("the plant is told", () => got.length === 1);
    expect(got[0]).toMatchObject({ topic: `${TOPIC}/ack`, content: { alarm: 1, by: "Aino", text: "Coil hot" } });
    await w.warn("Pump leaks");
    await said(ADMIN, "Pump leaks");
    expect(answers(ADMIN)).toHaveLength(2);
  });

  it("is an acknowledgement in TwinCAT's slot, as the phone app writes it", async () => {
    await open({ MQTT_ALARM_TOPICS: "plants/+/TcIotCommunicator/Messages/+" });
    const slot = "plants/AMB/TcIotCommunicator/Messages/7";
    const plant = await mqtt.connectAsync(broker.url);
    opened.push(() => plant.endAsync(true));
    const got: unknown[] = [];
    plant.on("message", (_, payload) => got.push(JSON.parse(payload.toString())));
    const content = { Timestamp: new Date().toISOString().slice(0, 23), Message: "Coil hot", Type: "Error" };
    await plant.publishAsync(slot, JSON.stringify(content), { qos: 1, retain: true });
    const card = await said(ADMIN, "Coil hot");
    await plant.subscribeAsync(slot, { qos: 1 });
    press(ADMIN, card.messageId, "Acknowledge");
    await until("the slot is marked", () => got.length === 2);
    expect(got[1]).toEqual({ ...content, sent: false, Acknowledgement: "Aino" });
    expect(answers(ADMIN)).toHaveLength(1);
  });
});

it("takes the second path when no chat can be told of a critical alarm, and says so later", async () => {
  const posted: Record<string, unknown>[] = [];
  const hook = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      posted.push(JSON.parse(body) as Record<string, unknown>);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, "127.0.0.1", resolve));
  opened.push(() => new Promise((resolve) => hook.close(resolve)));
  await open({
    SECOND_PATH_AFTER: "1s",
    SECOND_PATH_TOPIC: "siren",
    SECOND_PATH_URL: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/alarm`,
  });
  const siren = await mqtt.connectAsync(broker.url);
  opened.push(() => siren.endAsync(true));
  const heard: string[] = [];
  siren.on("message", (_, payload) => heard.push(payload.toString()));
  await siren.subscribeAsync("siren", { qos: 1 });
  const lift = w.telegram.fault({ method: "sendMessage", failure: "html", times: Infinity });
  await w.warn({ ...HOT, severity: "critical" });
  await w.warn({ ...HOT, id: "mild", severity: "error" });
  await until("both paths were used", () => posted.length === 1 && heard.length === 1);
  expect(posted[0]).toMatchObject({ alarm: 1, severity: "critical", message: "Coil hot" });
  expect(JSON.parse(heard[0] ?? "")).toEqual(posted[0]);
  lift();
  expect((await said(GROUP, "Coil hot", 20_000)).text).toBeDefined();
  await said(GROUP, "📣 The second path was used at", 20_000);
  expect([posted.length, heard.length]).toEqual([1, 1]);
}, 40_000);

it("holds a chattering alarm open, counts in place, and says at the end how often it came", async () => {
  await open({ ALARM_CHATTER_RATE: "3/2s" });
  for (let i = 0; i < 8; i++) {
    await w.warn({ ...HOT, value: i });
    await w.warn({ ...HOT, state: "cleared" });
  }
  await said(ADMIN, "〰️ Chatters: came 8× since");
  await said(ADMIN, "✅ Cleared");
  expect((await said(ADMIN, "✅ CLEARED")).text).toContain("〰️ Chattered: came 8× from");
  // Four rings at the most: three times, and the one with which it began to chatter.
  expect(
    answers(ADMIN).filter(({ text }) => text.includes("#1") && !text.includes("answered")).length,
  ).toBeLessThanOrEqual(4);
});
