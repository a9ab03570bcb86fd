import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import mqtt from "mqtt";
import { describe, expect, it, onTestFinished } from "vitest";
import { TOPIC } from "../support/alarms.ts";
import { HOT, openScene } from "../support/scene.ts";
import { until } from "../support/until.ts";
import { ADMIN, GROUP } from "../support/world.ts";

/** Somebody else at the broker: the plant, a siren. */
async function connect(url: string): Promise<mqtt.MqttClient> {
  const client = await mqtt.connectAsync(url);
  onTestFinished(() => client.endAsync(true));
  return client;
}

describe("what goes back to the plant", () => {
  it("is each acknowledgement, kept while the broker is away, and no alarm of our own", async () => {
    const s = await openScene({ settings: { MQTT_ACK_SUFFIX: "/ack", MQTT_ALARM_TOPICS: "lut/#" } });
    const plant = await connect(s.broker.url);
    const got: { topic: string; content: Record<string, unknown> }[] = [];
    plant.on("message", (topic, payload) =>
      got.push({ topic, content: JSON.parse(payload.toString()) as Record<string, unknown> }),
    );
    await plant.subscribeAsync("lut/+/warnings/chatbot/ack", { qos: 1 });
    await s.warn(HOT);
    const card = await s.see(ADMIN, "Coil hot");
    await s.press(card, "Acknowledge");
    await until("the plant is told", () => got.length === 1);
    expect(got[0]).toMatchObject({ topic: `${TOPIC}/ack`, content: { alarm: 1, by: "Aino", text: "Coil hot" } });
    await s.warn("Pump leaks");
    await s.see(ADMIN, "Pump leaks");
    expect(s.said(ADMIN)).toHaveLength(2);
  });

  it("is an acknowledgement in TwinCAT's slot, as the phone app writes it", async () => {
    const s = await openScene({ settings: { MQTT_ALARM_TOPICS: "plants/+/TcIotCommunicator/Messages/+" } });
    const slot = "plants/AMB/TcIotCommunicator/Messages/7";
    const plant = await connect(s.broker.url);
    const got: unknown[] = [];
    plant.on("message", (_, payload) => got.push(JSON.parse(payload.toString())));
    const content = { Timestamp: new Date().toISOString().slice(0, 23), Message: "Coil hot", Type: "Error" };
    await plant.publishAsync(slot, JSON.stringify(content), { qos: 1, retain: true });
    const card = await s.see(ADMIN, "Coil hot");
    await plant.subscribeAsync(slot, { qos: 1 });
    await s.press(card, "Acknowledge");
    await until("the slot is marked", () => got.length === 2);
    expect(got[1]).toEqual({ ...content, sent: false, Acknowledgement: "Aino" });
    expect(s.said(ADMIN)).toHaveLength(1);
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
  onTestFinished(() => new Promise<void>((resolve) => void hook.close(() => resolve())));
  const s = await openScene({
    settings: {
      SECOND_PATH_AFTER: "1s",
      SECOND_PATH_TOPIC: "siren",
      SECOND_PATH_URL: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/alarm`,
    },
  });
  const siren = await connect(s.broker.url);
  const heard: string[] = [];
  siren.on("message", (_, payload) => heard.push(payload.toString()));
  await siren.subscribeAsync("siren", { qos: 1 });
  const lift = s.telegram.fault({ method: "sendMessage", failure: "html", times: Infinity });
  await s.warn({ ...HOT, severity: "critical" });
  await s.warn({ ...HOT, id: "mild", severity: "error" });
  await until("both paths were used", () => posted.length === 1 && heard.length === 1);
  expect(posted[0]).toMatchObject({ alarm: 1, severity: "critical", message: "Coil hot" });
  expect(JSON.parse(heard[0] ?? "")).toEqual(posted[0]);
  lift();
  expect((await s.see(GROUP, "Coil hot", 20_000)).text).toMatch(/^🔴 CRITICAL.*\nCoil hot/);
  await s.see(GROUP, "📣 The second path was used at", 20_000);
  expect([posted.length, heard.length]).toEqual([1, 1]);
}, 40_000);

it("holds a chattering alarm open, counts in place, and says at the end how often it came", async () => {
  const s = await openScene({ settings: { ALARM_CHATTER_RATE: "3/2s" } });
  for (let i = 0; i < 8; i++) {
    await s.warn({ ...HOT, value: i });
    await s.warn({ ...HOT, state: "cleared" });
  }
  await s.see(ADMIN, "〰️ Chattering, over for now: came 8× since");
  await s.see(ADMIN, "✅ Cleared");
  expect((await s.see(ADMIN, "✅ CLEARED")).text).toContain("〰️ Chattered: came 8× from");
  // Four rings at the most: three times, and the one with which it began to chatter.
  expect(
    s.said(ADMIN).filter(({ text }) => text.includes("#1") && !text.includes("answered")).length,
  ).toBeLessThanOrEqual(4);
});

it("rings no more for what comes back again and again, counts it on the card, and says why; but for what gets worse", async () => {
  const s = await openScene({ settings: { ALARM_REPEAT_RATE: "2/1h" } });
  const cards = () => s.said(ADMIN).filter(({ text }) => text.includes("#1") && !text.includes("below"));
  for (const times of [1, 2, 3, 4]) {
    await s.warn({ ...HOT, severity: "warning" });
    await until("the time is counted", () => times < 3 || cards().some(({ text }) => text.includes(`${times} times`)));
    await s.warn({ ...HOT, severity: "warning", state: "cleared" });
  }
  const card = await s.see(ADMIN, "🔁 Repeating: 4 times since");
  const rings = cards().length;
  await s.press(card, "Why?");
  await s.see(ADMIN, "because it came back, but repeats, so it rings once in a while and when it gets worse");
  await s.warn({ ...HOT, severity: "critical" });
  await until("it rings", () => cards().length > rings);
});

it("keeps what came and went to be acknowledged: on its card, in /alarms, one by one or all of a page; and takes it back", async () => {
  const s = await openScene();
  for (const id of ["hot", "cold"]) {
    await s.warn({ ...HOT, id, message: `Coil ${id}` });
    await s.see(GROUP, `Coil ${id}`);
    await s.warn({ ...HOT, id, state: "cleared" });
  }
  const card = await s.see(GROUP, "Coil hot");
  expect(await s.buttonsOf(await s.seeIn(card, "Not acknowledged"), "Acknowledge")).toContain("Acknowledge");
  await until(
    "both are said to be over",
    () => s.said(ADMIN).filter(({ text }) => text.startsWith("✅ Cleared")).length === 2,
  );
  const list = await s.ask(ADMIN, "/alarms");
  expect(list.text).toContain("None active, 2 came and went, not acknowledged");
  expect(await s.press(list, "Acknowledge these 2")).toBe("2 of 2 acknowledged.");
  await s.seeIn(list, "✅ No alarm is active.");
  await s.seeIn(card, "👤 Acknowledged by Aino");
  expect(await s.press(card, "Take back")).toBe("Nobody has acknowledged #1 now.");
  await s.seeIn(card, "Not acknowledged");
  expect((await s.ask(ADMIN, "/alarms")).text).toContain("None active, 1 came and went, not acknowledged");
});

it("keeps the answer to /alarm up to date, whatever its card is told", async () => {
  const s = await openScene();
  await s.warn(HOT);
  const card = await s.see(GROUP, "Coil hot");
  const answer = await s.ask(ADMIN, "/alarm 1");
  expect(await s.buttonsOf(answer, "Acknowledge")).toContain("Shelve…");
  const copies = (): number =>
    s.said(ADMIN).flatMap(({ buttons }) => buttons.flat().filter((button) => "copy_text" in button)).length;
  expect(copies()).toBe(2);
  await s.press(answer, "Shelve…");
  await s.buttonsOf(answer, "Back");
  await s.press(answer, "Back");
  await s.buttonsOf(answer, "Acknowledge");
  expect(copies()).toBe(2);
  await s.press(card, "Acknowledge");
  await s.seeIn(answer, "👤 Acknowledged by Aino", 20_000);
  expect(await s.buttonsOf(answer, "Take back")).not.toContain("Acknowledge");
}, 40_000);
