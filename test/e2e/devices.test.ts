import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startBroker, type Broker } from "../../src/demo/broker.ts";
import { until } from "../support/until.ts";
import { ADMIN, createWorld, GROUP, OTHER, type World } from "../support/world.ts";

const ROOT = "plants/hall 6/Building 12.3/TcIotCommunicator";
const OPERATOR = OTHER;

let broker: Broker;
let w: World;
/** What the app told the plant. */
let told: string[];

beforeEach(async () => {
  broker = await startBroker();
  told = [];
  w = await createWorld(broker.url, {
    TWINCAT_MAIN_TOPICS: "plants/hall 6, other",
    TELEGRAM_ALARM_CHAT_IDS: String(GROUP),
  });
  w.telegram.addPrivateChat({ id: OPERATOR, firstName: "Boris" });
  await broker.listen(`${ROOT}/Communicator/#`, ({ topic, payload }) => {
    told.push(`${topic.slice(`${ROOT}/Communicator/`.length)} ${Buffer.from(payload).toString()}`);
  });
});
afterEach(async () => {
  await w.remove();
  await broker.stop();
});

const say = (rest: string, content: object, retain = false) =>
  broker.publish({
    topic: `${ROOT}/${rest}`,
    payload: Buffer.from(`${JSON.stringify(content)}${"\0".repeat(100)}`),
    qos: 1,
    retain,
  });
const describeItself = (more: object = {}) =>
  say("Desc", { Timestamp: "x", Online: true, Icon: "Fan", PermittedUsers: "*", ...more }, true);
const temperature = (value: number) =>
  say("Json/Tx/Data", {
    Timestamp: new Date().toISOString(),
    GroupName: "Line1",
    Values: { "stPump.fTemp": value },
    MetaData: {
      "stPump.fTemp": { "iot.DisplayName": "Pump temperature", "iot.Unit": "°C", "iot.DecimalPrecision": "1" },
    },
  });
const saidIn = (chatId: number) => w.telegram.messages(chatId).filter(({ from }) => from === "bot");
async function ask(text: string, chatId = ADMIN, userId = chatId) {
  const asked = w.telegram.say({ chatId, userId, text });
  return w.telegram.waitFor(() => saidIn(chatId).find(({ messageId }) => messageId > asked), 10_000);
}
const labelsOf = (buttons: readonly (readonly { readonly text: string }[])[]) => buttons.flat().map(({ text }) => text);
const textOf = (messageId: number, chatId = ADMIN) =>
  saidIn(chatId).find((message) => message.messageId === messageId)?.text ?? "";

/** Says it until it is heard: what is only listened to is not kept for us. */
async function heard(): Promise<void> {
  await until(
    "the device is heard",
    async () => {
      await describeItself();
      await temperature(61.54);
      return (await ask("/devices")).text.includes("61.5 °C");
    },
    20_000,
  );
}

describe("TwinCAT's devices", () => {
  it("are listed, shown live, told that somebody looks on, and gone on with after a restart", async () => {
    await w.start();
    expect((await ask("/devices")).text).toContain("No device has described itself");
    await heard();
    const list = await ask("/devices");
    expect(list.text.split("\n").slice(1)).toEqual([
      expect.stringMatching(/^🌀 Building 12\.3 · 🟢 online since /),
      expect.stringContaining("Pump temperature 61.5 °C"),
    ]);
    await until("the plant is told", () => told.includes("valvomo/active 1") && told.includes("valvomo/heartbeat 1"));

    const { messageId } = await ask("/live building");
    expect(textOf(messageId)).toContain("Pump temperature: 61.5 °C");
    await temperature(70);
    await w.telegram.waitFor(() => textOf(messageId).includes("70.0 °C"), 15_000);

    // Its values are recorded, and are plotted like a field of the channel.
    const asked = w.telegram.say({ chatId: ADMIN, text: "/plot building pump 1h" });
    const plot = await w.telegram.waitFor(
      () => saidIn(ADMIN).find((message) => message.messageId > asked && message.photo !== null),
      15_000,
    );
    expect(plot.caption).toMatch(/^Building 12\.3 Pump temperature · /);
    expect((await ask("/plot no such thing")).text).toContain("I cannot find");
    const before = saidIn(ADMIN).length;
    w.telegram.press({ chatId: ADMIN, userId: ADMIN, messageId, label: "📈 Pump temperature" });
    await w.telegram.waitFor(
      () =>
        saidIn(ADMIN)
          .slice(before)
          .some(({ photo }) => photo !== null),
      15_000,
    );
    expect(labelsOf((await ask("Get Figure")).buttons)).toContain("Building 12.3 Pump temperature");
    await ask("/cancel");

    told = [];
    await w.app.stop();
    expect(told).toContain("valvomo/active 0");
    await w.start();
    await until(
      "the card goes on",
      async () => {
        await describeItself();
        await temperature(75);
        return textOf(messageId).includes("75.0 °C");
      },
      20_000,
    );
    w.telegram.press({ chatId: ADMIN, userId: ADMIN, messageId, label: "⏹ Stop" });
    await w.telegram.waitFor(() => textOf(messageId).includes("Not kept up to date"), 10_000);

    await say("Desc", { Online: false }, true);
    await w.telegram.waitFor(
      () => saidIn(GROUP).some(({ text }) => text.startsWith("🔴 CRITICAL") && text.includes("Building 12")),
      25_000,
    );
    expect((await ask("/devices")).text).toContain("🔴 off line since");
  }, 90_000);

  it("that are for certain people only are shown to them in private, and to nobody in a group", async () => {
    await w.start();
    await heard();
    expect((await ask("/devices", OPERATOR)).text).toContain("Pump temperature");
    const { messageId } = await ask("/live", GROUP, OPERATOR);
    await describeItself({ PermittedUsers: "anna" });
    // Only admins, where nobody else reads it.
    await w.telegram.waitFor(() => textOf(messageId, GROUP) === "This device is not shown here any more.", 30_000);
    expect((await ask("/devices", OPERATOR)).text).not.toContain("Building");
    expect((await ask("/live building", OPERATOR)).text).toContain("no such device");
    expect((await ask("/devices", GROUP, ADMIN)).text).not.toContain("Building");
    expect((await ask("/devices", ADMIN)).text).toContain("Building");
  }, 60_000);
});
