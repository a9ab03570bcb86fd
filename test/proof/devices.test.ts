import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startBroker, type DemoBroker } from "../../src/demo/broker.ts";
import { until } from "../support/until.ts";
import { ADMIN, createWorld, GROUP, OTHER, type World } from "../support/world.ts";

const ROOT = "plants/hall 6/Building 12.3/TcIotCommunicator";
const OPERATOR = OTHER;

let broker: DemoBroker;
let w: World;
let plantsFile: string;
/** What the app told the plant. */
let told: string[];

beforeEach(async () => {
  broker = await startBroker();
  told = [];
  plantsFile = join(mkdtempSync(join(tmpdir(), "valvomo-plants-")), "plants.yaml");
  writeFileSync(plantsFile, "confirm: 1\n");
  w = await createWorld(broker.url, {
    TWINCAT_MAIN_TOPICS: "plants/hall 6, other",
    TWINCAT_WRITE: "on",
    TELEGRAM_ALARM_CHAT_IDS: String(GROUP),
    PLANTS_FILE: plantsFile,
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
      "🌀 Building 12.3",
      expect.stringMatching(/^ {5}🟢 online for \d+ s$/),
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
    expect(plot.caption).toMatch(/^Building 12\.3 Pump temperature\n/);
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
    expect((await ask("/devices")).text).toContain("🔴 offline for");
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

  it("that are for certain people only are told and plotted for them in private, and for nobody else", async () => {
    await w.start();
    await heard();
    const permit = async (users: string, isSeen: boolean) => {
      await describeItself({ PermittedUsers: users });
      await until("it is so", async () => {
        return (await ask("/devices", OPERATOR)).text.includes("Building") === isSeen;
      });
    };
    await permit(`anna, ${OPERATOR}`, true);
    const { messageId: card } = await ask("/live building", OPERATOR);
    w.telegram.press({ chatId: OPERATOR, userId: OPERATOR, messageId: card, label: "📈 Pump temperature" });
    const plot = await w.telegram.waitFor(() => saidIn(OPERATOR).find(({ photo }) => photo !== null), 15_000);
    expect(plot.caption).toMatch(/^Building 12\.3 Pump temperature\n/);
    expect((await ask("/stats building pump 1h", OPERATOR)).text).toContain("last 61.5 °C");
    expect((await ask("/latest building pump", OPERATOR)).text).toContain("Pump temperature: 61.5 °C");
    for (const command of ["/plot building pump 1h", "/stats building pump 1h", "/latest building pump"])
      expect((await ask(command, GROUP, ADMIN)).text).toContain("I cannot find");
    // The button of their plot is an old one now.
    await permit("anna", false);
    const press = w.telegram.press({ chatId: OPERATOR, userId: OPERATOR, messageId: plot.messageId, label: "◀" });
    const { text } = await w.telegram.waitFor(() => w.telegram.answers.get(press), 10_000);
    expect(text).toBe("There is no such value that you may see here.");
    expect((await ask("/plot building pump 1h", OPERATOR)).text).toContain("I cannot find");
  }, 90_000);

  it("take a value after a question, and only what they say of it counts", async () => {
    await w.start();
    await heard();
    let fan = 40;
    let isObedient = true;
    const taken: string[] = [];
    const tellFan = () =>
      say("Json/Tx/Data", {
        GroupName: "Cooling",
        Values: { nFan: fan },
        MetaData: {
          nFan: {
            "iot.DisplayName": "Fan",
            "iot.Unit": "%",
            "iot.ReadOnly": "false",
            "iot.MinValue": "0",
            "iot.MaxValue": "100",
          },
        },
      });
    await broker.listen(`${ROOT}/Json/Rx/Data`, ({ payload }) => {
      taken.push(Buffer.from(payload).toString());
      if (isObedient) fan = (JSON.parse(taken.at(-1) ?? "") as { Values: { nFan: number } }).Values.nFan;
      void tellFan();
    });
    await tellFan();
    await until("the fan is known", async () => (await ask("/live building")).text.includes("Fan: 40 %"), 10_000);

    expect((await ask("/set building pump 50")).text).toContain("does not say that it may be written");
    expect((await ask("/set building fan 150")).text).toContain("must not be above 100");
    expect((await ask("/set building nothing 1")).text).toContain("no such member");
    expect((await ask("/set building fan 40")).text).toContain("that value already");
    const press = (chatId: number, userId: number, messageId: number, label: string) =>
      w.telegram.press({ chatId, userId, messageId, label });
    const says = (chatId: number, messageId: number, words: string) =>
      w.telegram.waitFor(() => textOf(messageId, chatId).includes(words), 25_000);

    const first = await ask("/set building fan 60");
    expect(first.text).toBe("Set Fan of Building 12.3 from 40 % to 60 %?");
    expect(taken).toEqual([]);
    press(ADMIN, ADMIN, first.messageId, "Set it");
    await says(ADMIN, first.messageId, "✅ The plant took it: Fan of Building 12.3: 60 %");
    expect(taken).toEqual(['{"Values":{"nFan":60}}']);

    isObedient = false;
    const second = await ask("/set building fan 70");
    press(ADMIN, ADMIN, second.messageId, "Set it");
    await says(ADMIN, second.messageId, "⚠️ The plant did not take");
    const third = await ask("/set building fan 80");
    press(ADMIN, ADMIN, third.messageId, "No");
    await says(ADMIN, third.messageId, "Not changed");
    expect(taken).toHaveLength(2);

    isObedient = true;
    writeFileSync(plantsFile, "confirm: 2\n");
    await until("the file is read", () => w.app.log.some(({ msg }) => msg.includes("plants file")), 20_000);
    expect((await ask("/set building fan 90")).text).toContain("second person");
    const { messageId } = await ask("/set building fan 90", GROUP, ADMIN);
    const toast = press(GROUP, ADMIN, messageId, "Set it");
    const answer = await w.telegram.waitFor(() => w.telegram.answers.get(toast), 10_000);
    expect([answer.text, taken.length]).toEqual(["Somebody else has to agree.", 2]);
    press(GROUP, OPERATOR, messageId, "Set it");
    await says(GROUP, messageId, "✅ The plant took it");
    const audit = await ask("/audit 1h");
    expect(audit.text).toContain("written: plants/hall 6/Building 12.3 nFan 60 → 90");
    expect(audit.text).toContain("not taken: ");
  }, 120_000);
});
