import { beforeEach, expect, it } from "vitest";
import { InputFile, type Api } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import type { Telegram } from "../../../src/demo/telegram/server.ts";
import { onlyTo } from "../../../src/telegram/access/addressees.ts";
import { acknowledge } from "../../../src/alarms/lifecycle/handling.ts";
import { advance } from "../../../src/alarms/lifecycle/lifecycle.ts";
import { cardButtons, copyButtons } from "../../../src/telegram/access/card-buttons.ts";
import { toPlain } from "../../../src/telegram/api/render.ts";
import { alarmView } from "../../../src/telegram/cards/alarm-views.ts";
import { cardView } from "../../../src/telegram/cards/card-view.ts";
import { whyView } from "../../../src/telegram/cards/why-view.ts";
import { withOlderMeans } from "../../../src/telegram/api/older-means.ts";
import { eventOf, NOW } from "../../support/alarms.ts";
import { RULES } from "../../support/rules.ts";
import { annaId, png, refusedWith, setUp } from "../../demo/telegram/support.ts";

let telegram: Telegram;
let api: Api;

beforeEach(async () => {
  ({ telegram, api } = await setUp());
  api.config.use(withOlderMeans());
});

const NEWER: InlineKeyboardButton[][] = [
  [{ text: "✓ Boris 14:05", disabled: {}, style: "success" }],
  [
    { text: "Acknowledge", callback_data: "ack:1", style: "danger" },
    { text: "Copy #1", copy_text: { text: "#1" } },
  ],
];
const send = (text = "Hot") =>
  api.sendMessage(annaId, text, { parse_mode: "HTML", reply_markup: { inline_keyboard: NEWER } });
const last = () => telegram.messages(annaId).at(-1);
const refuse = (description: string, times = 1) =>
  telegram.fault({
    method: "sendMessage",
    times,
    failure: { status: 400, description: `Bad Request: ${description}` },
  });
const calls = () => telegram.calls.filter(({ method }) => method === "sendMessage").length;

it("shows newer means where they are known", async () => {
  await send();
  expect(last()?.buttons).toEqual(NEWER);
  expect(calls()).toBe(1);
});

it("leaves buttons out that a server does not know, and their colours, and tries them no more", async () => {
  refuse("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard");
  await send();
  const older = [[{ text: "Acknowledge", callback_data: "ack:1" }]];
  expect(last()?.buttons).toEqual(older);
  await send("Hotter");
  expect(last()).toMatchObject({ text: "Hotter", buttons: older });
  expect(calls()).toBe(3);
});

it("writes times and quotations as an older server knows them", async () => {
  refuse('can\'t parse entities: Unsupported start tag "tg-time" at byte offset 3');
  const text =
    '🕒 <tg-time unix="1" format="T">02:00:01</tg-time><blockquote expandable><b>a</b></blockquote>&lt;tg-time&gt;';
  await send(text);
  expect(last()?.text).toBe("🕒 02:00:01a<tg-time>");
  // What it knows, it shows.
  expect(last()?.entities.map(({ type }) => type)).toEqual(["bold", "expandable_blockquote"]);
  // Its buttons are as before.
  expect(last()?.buttons).toEqual(NEWER);
});

const parse = (words: string) => `can't parse entities: ${words} at byte offset 3`;
const NO_BUTTON = "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard";

it.each([
  ["<tg-time", parse('Unsupported start tag "tg-time"')],
  ["<blockquote", parse('Unsupported start tag "blockquote"')],
  ["<blockquote expandable", parse('Expected equal sign in declaration of an attribute of the tag "blockquote"')],
  ["disabled", NO_BUTTON],
  ["copy_text", NO_BUTTON],
  ["style", "BUTTON_TYPE_INVALID"],
])("says the same on a card, to /alarm and to /why where a server does not know %s", async (mentions, description) => {
  const event = eventOf({ id: "a", message: "Coil hot", severity: "critical", state: "active" });
  const by = { userId: 7, name: "Boris", chatId: annaId };
  const alarm = acknowledge(advance(null, event, 7, RULES), by, NOW);
  const context = { timeZone: "UTC", now: NOW + 60_000, next: null, orphaned: null, lateAfterMs: 60_000 };
  const decided = {
    alarmId: 7,
    chatId: annaId,
    decidedAt: NOW,
    version: 1,
    reason: "first",
    action: "send",
    result: "ok",
  } as const;
  const events = [{ at: NOW, state: "active", value: null, severity: "critical" }] as const;
  const buttons = [...cardButtons(alarm, context), ...copyButtons(alarm)];
  const asked = [
    cardView(alarm, context),
    alarmView(alarm, { events, actions: [] }, context),
    whyView(alarm, [decided], { isForHere: true, moment: context }),
  ];
  telegram.fault({ mentions, times: Infinity, failure: { status: 400, description: `Bad Request: ${description}` } });
  for (const view of asked) {
    await api.sendMessage(annaId, view.html, { parse_mode: "HTML", reply_markup: { inline_keyboard: buttons } });
    expect(last()?.text).toBe(toPlain(view));
    expect(last()?.buttons.flat()).toContainEqual(expect.objectContaining({ text: "Shelve…" }));
  }
  // It was found out once.
  expect(calls()).toBe(asked.length + 1);
});

it("holds where a server knows neither, and says so one after the other", async () => {
  refuse('can\'t parse entities: Unsupported start tag "tg-time" at byte offset 0');
  refuse("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard");
  const time = '<tg-time unix="1" format="T">02:00:01</tg-time>';
  const older = { text: "02:00:01", entities: [], buttons: [[{ text: "Acknowledge", callback_data: "ack:1" }]] };
  await send(time);
  expect(last()).toMatchObject(older);
  await send(time);
  expect(last()).toMatchObject(older);
  expect(calls()).toBe(4);
});

it("tries no other form of what is refused for another reason, and forgets nothing for what is refused in both", async () => {
  refuse("chat not found");
  expect(await refusedWith(send())).toContain("chat not found");
  expect(calls()).toBe(1);
  refuse("BUTTON_DATA_INVALID", 2);
  expect(await refusedWith(send())).toContain("BUTTON_DATA_INVALID");
  await send();
  expect(last()?.buttons).toEqual(NEWER);
});

it("says why a picture is refused before it is on its way", async () => {
  ({ telegram, api } = await setUp());
  api.config.use(
    onlyTo(() => false),
    withOlderMeans(),
  );
  expect(await refusedWith(api.sendPhoto(annaId, new InputFile(png(10, 10), "trend.png")))).toContain(
    "nobody is served",
  );
});
