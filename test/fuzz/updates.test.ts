import * as fc from "fast-check";
import { expect, it } from "vitest";
import { until } from "../support/until.ts";
import { ADMIN, GROUP } from "../support/world.ts";
import { checkTogether, RUNS, repeated, text } from "./cases.ts";
import { openProgram, type Program } from "./program.ts";

const BATCH = 50;
/** Forty answers are each person's budget at once; plots take three of it. */
const CROWD = Math.ceil(RUNS / 20);
const [ELSEWHERE, CHANNEL] = [-1_777, -1_778];

/** Commands that everybody knows, and those that bring some state; the ones of admins are refused, whatever follows. */
const command = fc.constantFrom(
  "start", "plot", "latest", "stats", "export", "report", "alarms", "shelved", "history", "alarm", "alarm_1", "why", "shelve", "quiet", "routes", "route",
  "unroute", "leave", "people", "invite", "forget", "audit", "timezone", "cancel", "help", "drill", "code", "x".repeat(32),
); // prettier-ignore
const typed = fc.oneof(
  text,
  fc.tuple(command, text).map(([name, rest]) => `/${name} ${rest}`),
  fc
    .tuple(
      command,
      fc.constantFrom("", "@valvomo_demo_bot", "@somebody_bot"),
      fc.constantFrom("", " 1", " 1 4h x", " 24h", " daily 07:00"),
    )
    .map((parts) => `/${parts.join("")}`),
  fc.constantFrom("Get Figure", "Status", "Help", "1", "yesterday", "/start AAAA", "/start =1+1"),
  repeated(4_000),
);

/** What Telegram says is a command, at the start of a text; anything else may be marked as well. */
const entities = (words: string) => {
  const length = /^\/\w+(@\w+)?/.exec(words)?.[0].length;
  return length === undefined ? [] : [{ type: "bot_command" as const, offset: 0, length }];
};

const person = fc.record({
  who: fc.record({ role: fc.constantFrom(null, "viewer" as const, "operator" as const), index: fc.nat(CROWD - 1) }),
  name: text,
});
const content = fc.oneof(
  { weight: 5, arbitrary: typed.map((words) => ({ text: words.slice(0, 4_096), entities: entities(words) })) },
  text.map((caption) => ({ caption, photo: [{ file_id: "f", file_unique_id: "f", width: 1, height: 1 }] })),
  fc.constantFrom<object>(
    { sticker: {} },
    { voice: {} },
    { location: { latitude: 91, longitude: 1e9 } },
    { poll: null },
    {},
  ),
  fc.constantFrom<object>(
    { new_chat_title: "<b>" },
    { migrate_from_chat_id: -5 },
    { pinned_message: { message_id: 1 } },
  ),
);
const message = fc.record({
  person,
  place: fc.constantFrom("private" as const, "group" as const, "elsewhere" as const, "channel" as const),
  content,
  replyTo: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
  date: fc.constantFrom(0, 1, 1_790_000_000, 2 ** 40),
});
type Message = typeof message extends fc.Arbitrary<infer T> ? T : never;

/** The update that Telegram would make of it; with parts that Telegram would never leave out left out. */
function updateOf({ person, place, content, replyTo, date }: Message, { idOf }: Program, serial: number): object {
  const from = { id: idOf(person.who), is_bot: false, first_name: person.name, last_name: person.name };
  const chats = {
    private: { id: from.id, type: "private", first_name: person.name },
    group: { id: GROUP, type: "group", title: person.name },
    elsewhere: { id: ELSEWHERE, type: "supergroup", title: person.name, is_forum: true },
    channel: { id: CHANNEL, type: "channel", title: person.name },
  } as const;
  const chat = chats[place];
  const bot = { id: 417, is_bot: true, first_name: "Valvomo", username: "valvomo_demo_bot" };
  const reply = replyTo === undefined ? {} : { reply_to_message: { message_id: replyTo, date, chat, from: bot } };
  return { message: { message_id: 10_000 + serial, date, chat, from, ...reply, ...content } };
}

/** What asks for an answer; of wrong codes even who is known hears no more after some. */
const isQuestion = (content: object): boolean =>
  "photo" in content || ("text" in content && content.text !== "" && !/^\/start\S* \S+$/.test(String(content.text)));

/** What no client can send; the program must not end for it. */
const ODD: readonly object[] = [
  { message: {} },
  { message: { message_id: 1, date: 0, chat: { id: 1e300, type: "private" }, text: "x" } },
  { message: { message_id: -1, date: -1, chat: { id: 0, type: "__proto__" }, from: null, text: null } },
  { callback_query: {} },
  { callback_query: { id: "x", from: { id: 5 }, chat_instance: "1", inline_message_id: "1", data: "ack:1:1:2" } },
  { callback_query: { id: "x", from: { id: ADMIN }, message: { chat: { id: ADMIN } }, data: null } },
  { my_chat_member: { chat: { id: GROUP, type: "group", title: "" }, from: { id: 5 }, date: 0 } },
  { my_chat_member: {} },
];

it("whatever people send leaves the program as it was: known people are answered, strangers are not", async () => {
  const program = await openProgram(CROWD);
  const { telegram, app, rows } = program;
  for (const id of [ELSEWHERE, CHANNEL]) telegram.addGroup({ id, title: "Elsewhere", members: [] });
  const settings = () => [
    rows("SELECT user_id, role FROM people WHERE role IS NOT NULL ORDER BY id"),
    rows("SELECT * FROM routes"),
    rows("SELECT * FROM invitations"),
    rows("SELECT * FROM chats WHERE chat_id < 0"),
  ];
  const before = settings();
  const everybody = (["viewer", "operator"] as const).flatMap((role) =>
    Array.from({ length: CROWD }, (_, index) => program.idOf({ role, index })),
  );
  let serial = 0;

  await checkTogether(BATCH, message, async (messages) => {
    const askers = messages
      .filter(({ place, content }) => place === "private" && isQuestion(content))
      .map(({ person }) => ({ ...person.who, chatId: program.idOf(person.who) }));
    const said = (chatId: number): number => telegram.messages(chatId).length;
    /** What each chat is to hold afterwards: an answer to each question, unless a stranger asks. */
    const wanted = new Map(askers.map(({ chatId }) => [chatId, said(chatId)]));
    for (const { role, chatId } of askers) if (role !== null) wanted.set(chatId, (wanted.get(chatId) ?? 0) + 1);
    for (const one of messages) telegram.push(updateOf(one, program, ++serial));
    await until("each is answered", () => [...wanted].every(([chatId, count]) => said(chatId) >= count));
    await program.settled();
    expect(askers.filter(({ role, chatId }) => role === null && said(chatId) > 0)).toEqual([]);
    expect(settings()).toEqual(before);
    const refusals = telegram.calls.map(({ description }) => description ?? "");
    expect(refusals.filter((words) => /parse|too long|must be encoded|empty/i.test(words))).toEqual([]);
  });
  const filesOf = (chatId: number): string[] =>
    telegram.messages(chatId).flatMap(({ document }) => (document ? [document.fileName] : []));
  telegram.say({ chatId: everybody[0]!, text: "/export 24h" });
  await until("there is a file", () => filesOf(everybody[0]!).length > 0);
  expect(everybody.flatMap(filesOf).filter((name) => !/^[\w.-]{1,80}$/.test(name))).toEqual([]);
  // Nor is anything of that an error; a line of the log that is no line of JSON would have ended this test.
  const errors = app.log.filter(({ level }) => Number(level) >= 50).map((line) => JSON.stringify(line));
  // But that a made-up group, of which an admin of ours is said to write there, cannot be answered.
  expect(errors.filter((line) => !line.includes("chat not found"))).toEqual([]);

  for (const update of ODD) {
    telegram.push(update);
    await program.settled();
  }
}, 7_200_000);
