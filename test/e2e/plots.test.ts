import { readFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startBroker, type DemoBroker } from "../../src/demo/broker.ts";
import { until } from "../support/until.ts";
import { ADMIN, createWorld, GROUP, OTHER, type World } from "../support/world.ts";

let broker: DemoBroker;
let w: World;
beforeEach(async () => {
  broker = await startBroker();
});
afterEach(async () => {
  await w.remove();
  await broker.stop();
});

async function open(settings = {}): Promise<void> {
  w = await createWorld(broker.url, settings);
  await w.start();
}

const answers = (chatId: number) => w.telegram.messages(chatId).filter(({ from }) => from === "bot");
const pictures = (chatId: number) => answers(chatId).filter(({ photo }) => photo !== null);
const say = (chatId: number, text: string, userId = ADMIN) => {
  const lastQuestion = answers(chatId).findLast(({ buttons }) => buttons.length > 0);
  return w.telegram.say({
    chatId,
    userId,
    text,
    ...(chatId < 0 && lastQuestion ? { replyTo: lastQuestion.messageId } : {}),
  });
};
const picture = (chatId: number, count = 1) => w.telegram.waitFor(() => pictures(chatId)[count - 1], 15_000);
const said = (chatId: number, text: string) =>
  w.telegram.waitFor(() => answers(chatId).find((message) => message.text.includes(text)), 10_000);
/** Presses a button of the newest question, once it is there. */
const press = async (chatId: number, label: string, userId = ADMIN) => {
  const question = await w.telegram.waitFor(
    () => answers(chatId).findLast(({ buttons }) => buttons.flat().some(({ text }) => text === label)),
    10_000,
  );
  w.telegram.press({ chatId, userId, messageId: question.messageId, label });
};

function storedDialogue(path: string): string | undefined {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database.prepare("SELECT content FROM dialogues").get()?.["content"] as string | undefined;
  } finally {
    database.close();
  }
}

describe("/plot", () => {
  it("draws what one line asks for", async () => {
    await open();
    say(ADMIN, "/plot 24h");
    const { photo, caption, isSilent } = await picture(ADMIN);
    expect([photo?.width, photo?.height]).toEqual([1280, 720]);
    expect(caption).toMatch(
      /^Coil temperature\n\d{4}-\d\d-\d\d \d\d:\d\d → (?:\d{4}-)?\d\d-\d\d \d\d:\d\d\n5\d(\.\d+)? °C \(\d\d:\d\d\) to /,
    );
    expect(caption).toMatch(
      / to 6\d(\.\d+)? °C \(.*, mean over time [56]\d(\.\d+)? °C, last .* °C \(.*\n5,7(59|60) entries$/,
    );
    expect(isSilent).toBe(true);
    expect(w.telegram.calls.map(({ method }) => method)).toContain("sendChatAction");

    say(ADMIN, "/plot rotor 1h");
    expect((await picture(ADMIN, 2)).caption).toMatch(/^Rotor speed\n.*\n3,000 rpm/);
    say(ADMIN, "/plot 4 yesterday");
    expect((await picture(ADMIN, 3)).caption).toMatch(/^Rotor speed · \d{4}-\d\d-\d\d\n[^]*\n5,760 entries$/);
  });

  it("answers every trouble with one plain sentence, and goes on", async () => {
    await open();
    say(ADMIN, "/plot 2018-08-20");
    await said(ADMIN, "No data in this period.");
    say(ADMIN, "/plot yesterdya");
    await said(ADMIN, "I cannot find “yesterdya” among the fields.");
    say(ADMIN, "/plot 2999-01-01");
    await said(ADMIN, "is not past yet");
    w.thingspeak.fault({ kind: "status", status: 500 }, 10);
    say(ADMIN, "/plot 1h");
    await said(ADMIN, "ThingSpeak has a problem of its own.");
    say(ADMIN, "/status");
    await said(ADMIN, "Valvomo:");
  });

  it("tells a wrong key, an unknown channel and a ThingSpeak that is away apart", async () => {
    await open({ THINGSPEAK_READ_API_KEY: "WRONG" });
    say(ADMIN, "/plot 1h");
    await said(ADMIN, "ThingSpeak refuses the read key.");
    await w.remove();
    await open({ THINGSPEAK_CHANNEL_ID: "404" });
    say(ADMIN, "/plot 1h");
    await said(ADMIN, "ThingSpeak does not know this channel.");
    await w.remove();
    await open({ THINGSPEAK_URL: "http://127.0.0.1:1" });
    say(ADMIN, "/plot 1h");
    await said(ADMIN, "ThingSpeak cannot be reached.");
    say(ADMIN, "/status");
    expect((await said(ADMIN, "Valvomo:")).text).toMatch(/^❌ Measurements: ThingSpeak cannot be reached/);
    await w.remove();
    await open({ THINGSPEAK_CHANNEL_ID: "" });
    say(ADMIN, "Get Figure");
    await said(ADMIN, "There is nothing to plot.");
  });

  it("does not keep anybody waiting while ThingSpeak is slow", async () => {
    await open();
    say(ADMIN, "/plot 1h");
    await picture(ADMIN);
    w.thingspeak.fault({ kind: "hang" });
    say(ADMIN, "/plot 2h");
    await w.telegram.waitFor(() => w.thingspeak.requests.length > 2, 10_000);
    say(ADMIN, "/help");
    await said(ADMIN, "What would you like to know?");
    await w.warn("Coil hot");
    await said(ADMIN, "Coil hot");
    expect(pictures(ADMIN)).toHaveLength(1);
  });
});

describe("Get Figure", () => {
  it("asks for field, start and end, and draws", async () => {
    await open();
    say(ADMIN, "/start");
    await said(ADMIN, "This is Valvomo");
    expect(w.telegram.composer(ADMIN)?.rows.flat()).toEqual(["Get Figure", "Status", "Help"]);
    say(ADMIN, "Get Figure");
    await press(ADMIN, "Rotor speed (rpm)");
    await press(ADMIN, "Last 24 h");
    expect((await picture(ADMIN)).caption).toMatch(/^Rotor speed\n/);
    // What was asked has no buttons any more; the picture has its own.
    expect(
      answers(ADMIN)
        .filter(({ photo }) => photo === null)
        .flatMap(({ buttons }) => buttons),
    ).toEqual([]);
  });

  it("never mixes two people in one group, nor one person in two chats", async () => {
    await open();
    const ask = async (chatId: number, userId: number) => {
      const before = answers(chatId).length;
      w.telegram.say({ chatId, userId, text: "/plot" });
      return w.telegram.waitFor(() => answers(chatId)[before], 10_000);
    };
    const aino = await ask(GROUP, ADMIN);
    const boris = await ask(GROUP, OTHER);
    await ask(ADMIN, ADMIN);
    w.telegram.press({ chatId: GROUP, userId: ADMIN, messageId: aino.messageId, label: "Coil temperature (°C)" });
    w.telegram.press({ chatId: GROUP, userId: OTHER, messageId: boris.messageId, label: "Rotor speed (rpm)" });
    await press(ADMIN, "Rotor speed (rpm)");
    for (const { messageId } of [aino, boris]) {
      await w.telegram.waitFor(
        () =>
          answers(GROUP).find(
            (m) => m.messageId === messageId && m.buttons.flat().some(({ text }) => text === "Yesterday"),
          ),
        10_000,
      );
    }
    w.telegram.press({ chatId: GROUP, userId: OTHER, messageId: boris.messageId, label: "Last 24 h" });
    w.telegram.press({ chatId: GROUP, userId: ADMIN, messageId: aino.messageId, label: "Yesterday" });
    await press(ADMIN, "Last hour");
    await picture(GROUP, 2);
    const captions = pictures(GROUP).map(({ caption }) => caption ?? "");
    expect(captions.filter((caption) => /^Coil temperature · \d{4}-\d\d-\d\d\n/.test(caption))).toHaveLength(1);
    expect(captions.filter((caption) => /^Rotor speed\n.* → /.test(caption))).toHaveLength(1);
    expect((await picture(ADMIN)).caption).toMatch(/^Rotor speed\n.* → /);
  });

  it("goes on after a restart in mid-dialogue", async () => {
    await open();
    say(ADMIN, "Get Figure");
    const asked = await until("the first question is on disk", () => storedDialogue(w.app.databasePath));
    await press(ADMIN, "Coil temperature (°C)");
    await until("the second question is on disk", () => storedDialogue(w.app.databasePath) !== asked);
    await w.app.kill();
    say(ADMIN, "rubbish");
    await w.start();
    await said(ADMIN, "I cannot read “rubbish” as a time.");
    await press(ADMIN, "Last hour");
    expect((await picture(ADMIN)).caption).toMatch(/^Coil temperature\n/);
  });

  it("is left by /cancel, and not disturbed by /status", async () => {
    await open();
    say(ADMIN, "Get Figure");
    await press(ADMIN, "Coil temperature (°C)");
    say(ADMIN, "/status");
    await said(ADMIN, "Valvomo:");
    say(ADMIN, "/cancel");
    await said(ADMIN, "Cancelled.");
    say(ADMIN, "24h");
    await said(ADMIN, "I did not understand that.");
    expect(pictures(ADMIN)).toEqual([]);
  });
});

describe("the menu", () => {
  it("and /help all show the same commands, which the guides name", async () => {
    await open();
    const call = await w.telegram.waitFor(
      () =>
        w.telegram.calls.find(
          ({ method, params }) => method === "setMyCommands" && JSON.stringify(params).includes(`${ADMIN}`),
        ),
      10_000,
    );
    const commands = JSON.parse(JSON.stringify(call.params["commands"])) as { command: string; description: string }[];
    expect(commands.map(({ command }) => command)).toEqual([
      "start",
      "plot",
      "status",
      "latest",
      "stats",
      "export",
      "columns",
      "report",
      "quality",
      "alarms",
      "shelved",
      "history",
      "alarm",
      "why",
      "shelve",
      "close",
      "duty",
      "handover",
      "quiet",
      "drill",
      "bridge",
      "routes",
      "route",
      "unroute",
      "leave",
      "people",
      "forget",
      "invite",
      "audit",
      "timezone",
      "cancel",
      "help",
    ]);
    say(ADMIN, "/help all");
    const help = await said(ADMIN, "What you can do here");
    const pages = ["operators", "admins"].map((name) => new URL(`../../docs/${name}.md`, import.meta.url));
    const guides = (await Promise.all(pages.map((page) => readFile(page, "utf8")))).join("\n");
    for (const { command, description } of commands) {
      expect(help.text).toContain(description);
      expect(guides).toContain(`/${command}`);
    }
  });

  it("has the chat's own time zone", async () => {
    await open();
    say(ADMIN, "/timezone Mars/Olympus");
    await said(ADMIN, "I do not know the time zone “Mars/Olympus”.");
    say(ADMIN, "/timezone America/New_York");
    await said(ADMIN, "Times in this chat are in America/New_York");
    await w.warn({ message: "Coil hot", timestamp: "2026-01-22T12:00:00Z" });
    expect((await said(ADMIN, "Coil hot")).text).toMatch(/2026-01-22 07:00:00 \S+ · #1$/);
    await w.telegram.waitFor(() => answers(GROUP).some(({ text }) => text.includes("2026-01-22 14:00:00 EET")));
  });
});
