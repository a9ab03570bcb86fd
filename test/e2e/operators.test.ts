import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startBroker, type DemoBroker } from "../../src/demo/broker.ts";
import { until } from "../support/until.ts";
import { ADMIN, createWorld, GROUP, OTHER, STRANGER, TOKEN, type World } from "../support/world.ts";

let broker: DemoBroker;
let w: World;
beforeEach(async () => {
  broker = await startBroker();
  w = await createWorld(broker.url);
  await w.start();
});
afterEach(async () => {
  await w.remove();
  await broker.stop();
});

const HOT = {
  id: "coil-hot",
  message: "Coil hot",
  source: "AMB 1",
  severity: "error",
  state: "active",
  value: 82,
  unit: "°C",
};

const answers = (chatId: number) => w.telegram.messages(chatId).filter(({ from }) => from === "bot");
const said = (chatId: number, text: string) =>
  w.telegram.waitFor(() => answers(chatId).findLast((message) => message.text.includes(text)), 10_000);
const labels = (message: { buttons: readonly (readonly { text: string }[])[] }) =>
  message.buttons.flat().map(({ text }) => text);
const toast = async (queryId: string) => (await w.telegram.waitFor(() => w.telegram.answers.get(queryId), 10_000)).text;

/** Rows that the program has on disk, seen from outside. */
function count(table: "decisions" | "events"): number {
  const database = new DatabaseSync(w.app.databasePath, { readOnly: true });
  try {
    return Number(database.prepare(`SELECT COUNT(*) AS n FROM ${table}`).get()?.["n"]);
  } finally {
    database.close();
  }
}

describe("acknowledging", () => {
  it("shows in every chat's card who did it, once, and is taken back when the alarm gets worse or returns", async () => {
    await w.warn(HOT);
    const card = await said(GROUP, "Coil hot");
    await said(ADMIN, "Coil hot");
    expect(labels(card)).toEqual(["Acknowledge", "Shelve…", "Why?"]);

    const first = w.telegram.press({ chatId: GROUP, userId: OTHER, messageId: card.messageId, label: "Acknowledge" });
    expect(await toast(first)).toBe("Acknowledged #1.");
    for (const chatId of [GROUP, ADMIN]) {
      const seen = await said(chatId, "👤 Acknowledged by Boris · ");
      expect(labels(seen)).toEqual([expect.stringMatching(/^✓ Boris \d\d:\d\d$/), "Take back", "Shelve…", "Why?"]);
      expect(seen.edits).toBe(1);
    }

    await w.warn({ ...HOT, severity: "critical" });
    const worse = await said(GROUP, "CRITICAL");
    expect(worse.text).not.toContain("Acknowledged");
    expect(labels(worse)).toContain("Acknowledge");
  });

  it("works after any downtime, and only once", async () => {
    await w.warn(HOT);
    await said(ADMIN, "Coil hot");
    const card = await said(GROUP, "Coil hot");
    await until("both cards are noted", () => count("decisions") === 2);
    await w.app.kill();
    const [mine, theirs] = [ADMIN, OTHER].map((userId) =>
      w.telegram.press({ chatId: GROUP, userId, messageId: card.messageId, label: "Acknowledge" }),
    );
    await w.start();
    await said(GROUP, "Acknowledged by Aino");
    const toasts = await Promise.all([toast(mine ?? ""), toast(theirs ?? "")]);
    expect(toasts).toEqual(["Acknowledged #1.", "Already acknowledged by Aino."]);
  });

  it("does not count for an occurrence that came later", async () => {
    await w.warn(HOT);
    const card = await said(ADMIN, "Coil hot");
    await until("both cards are noted", () => count("decisions") === 2);
    await w.app.kill();
    const press = w.telegram.press({ chatId: ADMIN, messageId: card.messageId, label: "Acknowledge" });
    await w.warn({ ...HOT, state: "cleared" });
    await w.warn(HOT);
    // The press is not heard before the second occurrence is known.
    const lift = w.telegram.fault({ method: "getUpdates", failure: "drop", times: Infinity });
    await w.app.start();
    await until("all is stored", () => count("events") === 3);
    lift();
    expect(await toast(press)).toBe("#1 came again: see its newest card.");
    await w.telegram.waitFor(() => answers(ADMIN).length === 2, 10_000);
    expect(labels(answers(ADMIN)[1] ?? { buttons: [] })).toContain("Acknowledge");
  });

  it("does not count for what it became since", async () => {
    await w.warn(HOT);
    const card = await said(ADMIN, "Coil hot");
    await until("both cards are noted", () => count("decisions") === 2);
    const lift = w.telegram.fault({ method: "sendMessage", failure: "drop", times: Infinity });
    await w.warn({ ...HOT, severity: "critical" });
    await until("stored", () => count("events") === 2);
    const press = w.telegram.press({ chatId: ADMIN, messageId: card.messageId, label: "Acknowledge" });
    expect(await toast(press)).toBe("#1 got worse: see its newest card.");
    lift();
    expect(labels(await said(ADMIN, "CRITICAL"))).toContain("Acknowledge");
  });

  it("is not for strangers, and not by made-up data", async () => {
    await w.warn(HOT);
    await said(ADMIN, "Coil hot");
    // Whoever gets hold of a card's data can make a button of it in a chat of their own.
    const forged = await fetch(`${w.telegram.url}/bot${TOKEN}/sendMessage`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        chat_id: STRANGER,
        text: "forged",
        reply_markup: { inline_keyboard: [[{ text: "Acknowledge", callback_data: "ack:1:1:3" }]] },
      }),
    });
    expect(forged.status).toBe(200);
    w.telegram.press({ chatId: STRANGER, label: "Acknowledge" });
    await until("the stranger was turned away", () => w.app.log.some(({ msg }) => msg === "not served"));
    w.telegram.say({ chatId: ADMIN, text: "/alarm 999999999999999999999" });
    await said(ADMIN, "Which alarm?");
    w.telegram.say({ chatId: ADMIN, text: "/alarm 1" });
    expect((await said(ADMIN, "Newest first")).text).not.toContain("cknowledged");
  });
});

describe("looking at alarms", () => {
  it("lists what is active, page by page, the most severe first", async () => {
    w.telegram.say({ chatId: ADMIN, text: "/alarms" });
    await said(ADMIN, "No alarm is active.");
    for (let i = 1; i <= 20; i++) {
      await w.warn({
        id: `a${i}`,
        message: `Machine ${i}`,
        severity: i === 13 ? "critical" : "warning",
        state: "active",
      });
    }
    await w.telegram.waitFor(() => answers(ADMIN).length === 21, 10_000);
    w.telegram.say({ chatId: ADMIN, text: "/alarms" });
    const list = await said(ADMIN, "20 active · 1–8");
    expect(list.text.split("\n").slice(1, 3)).toEqual(["🔴 /alarm_13 · AMBsystem", "     Machine 13"]);
    expect(labels(list)).toEqual(["▶"]);
    w.telegram.press({ chatId: ADMIN, messageId: list.messageId, label: "▶" });
    const second = await said(ADMIN, "20 active · 9–16");
    expect(labels(second)).toEqual(["◀", "▶"]);
    w.telegram.press({ chatId: ADMIN, messageId: list.messageId, label: "▶" });
    const third = await said(ADMIN, "20 active · 17–20");
    expect([third.messageId, labels(third)]).toEqual([list.messageId, ["◀"]]);
    // Twice, before the first press was answered: the second has nothing to change.
    const presses = [1, 2].map(() => w.telegram.press({ chatId: ADMIN, messageId: list.messageId, label: "◀" }));
    await w.telegram.waitFor(() => presses.every((id) => w.telegram.answers.get(id)), 10_000);
    w.telegram.say({ chatId: ADMIN, text: "/alarms" });
    await said(ADMIN, "20 active · 1–8");
    expect(w.app.log.filter(({ msg }) => msg === "an update was not handled")).toEqual([]);
  });

  it("tells one alarm's history, and why this chat was told", async () => {
    await w.warn(HOT);
    const card = await said(GROUP, "Coil hot");
    w.telegram.press({ chatId: GROUP, userId: OTHER, messageId: card.messageId, label: "Acknowledge" });
    await said(GROUP, "Acknowledged by Boris");
    await w.warn({ ...HOT, state: "cleared", value: 70 });
    await said(GROUP, "✅ Cleared");
    w.telegram.say({ chatId: GROUP, userId: OTHER, text: "/alarm 1" });
    const { text } = await said(GROUP, "Newest first");
    expect(
      text
        .replaceAll(/\d\d:\d\d:\d\d/g, "TIME")
        .split("\n")
        .slice(-3),
    ).toEqual(["TIME: cleared, 70 °C", "TIME: acknowledged by Boris", "TIME: active as error, 82 °C"]);
    w.telegram.press({ chatId: GROUP, userId: OTHER, messageId: card.messageId, label: "Why?" });
    const why = await said(GROUP, "newest first:");
    expect(why.text.replaceAll(/\d\d:\d\d:\d\d/g, "TIME").replaceAll(/EES?T/g, "ZONE")).toBe(
      [
        "#1 Coil hot",
        "🔔 It rang here at TIME ZONE, because it was new here.",
        "What was shown here (ZONE), newest first:",
        "TIME: answered the card, silently, because it was cleared",
        "TIME: edited the card, because it was cleared",
        "TIME: edited the card, because somebody acknowledged it",
        "TIME: sent a card, because it was new here",
      ].join("\n"),
    );
    w.telegram.say({ chatId: GROUP, userId: OTHER, text: "/why 7" });
    await said(GROUP, "There is no alarm #7.");
  });
});

it("never tells the bot's token, however the network fails: in no chat, in no log, not on the disk", async () => {
  for (const failure of ["html", "drop"] as const) w.telegram.fault({ method: "sendMessage", failure, times: 2 });
  await w.warn(HOT);
  await said(ADMIN, "Coil hot");
  w.telegram.say({ chatId: ADMIN, text: "/why 1" });
  expect((await said(ADMIN, "newest first")).text).toContain("unavailable: ");
  w.telegram.say({ chatId: ADMIN, text: "/status" });
  await said(ADMIN, "Valvomo: ");
  expect(JSON.stringify(answers(ADMIN).map(({ text }) => text))).not.toContain(TOKEN);
  expect(JSON.stringify(w.app.log)).not.toContain(TOKEN);
  await w.app.stop();
  expect(readFileSync(w.app.databasePath).includes(TOKEN)).toBe(false);
});

describe("a drill", () => {
  const asks = (userId: number) => w.telegram.say({ chatId: GROUP, userId, text: "/drill" });

  it("goes the whole way into the chat that asks, marked, and says how long each hop took", async () => {
    asks(ADMIN);
    const report = await said(GROUP, "Drill passed");
    expect(report.text).toMatch(
      /confirmed by the broker: \d+ ms\n.*received from the broker: \d+ ms\n.*stored: \d+ ms/,
    );
    const card = await said(GROUP, "CLEARED");
    expect(card.text).toContain("DRILL: a test of the whole way. Nothing has happened.");
    expect(answers(ADMIN)).toEqual([]);
    // A second one rings again.
    asks(ADMIN);
    await w.telegram.waitFor(
      () => answers(GROUP).filter(({ text }) => text.includes("Drill passed")).length === 2,
      10_000,
    );
  });

  it("is for admins only", async () => {
    asks(OTHER);
    await said(GROUP, "Only an admin may do that here; you are an operator.");
    expect(count("events")).toBe(0);
  });

  it("says what is wrong when the test does not come back", async () => {
    await broker.stop();
    await until("noticed", () => w.app.log.some(({ msg }) => msg === "broker connection lost"));
    asks(ADMIN);
    await said(GROUP, "Drill failed: the broker did not take it");
    broker = await startBroker();
  });
});
