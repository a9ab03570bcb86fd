import { Secret, TOTP } from "otpauth";
import { expect, it } from "vitest";
import { until } from "../support/until.ts";
import { HOT, labelsOf, openScene, type Scene } from "../support/scene.ts";
import { ADMIN, GROUP, OTHER, STRANGER } from "../support/world.ts";

const NEW_GROUP = -1_050;
const BORIS = { id: OTHER, firstName: "Boris" };
const prepare = (telegram: Scene["telegram"]): void => telegram.addPrivateChat(BORIS);

/** The number that somebody has in a list of people or an audit log. */
const numberOf = (name: string, text: string): string => new RegExp(`(\\d+) ${name}`).exec(text)?.[1] ?? "";

it("ends at once what somebody began: nothing more is shown to him, and what led to him goes", async () => {
  const s = await openScene({ prepare });
  await s.ask(OTHER, "/report daily 07:00", { userId: OTHER });
  expect((await s.ask(ADMIN, `/route critical ${OTHER}`)).text).toContain("1: critical");
  expect((await s.ask(ADMIN, "/route info -1009")).text).toContain("2: all alarms");
  const question = await s.ask(OTHER, "Get Figure", { userId: OTHER });
  // ThingSpeak takes its time, as for a long export.
  s.thingspeak.fault({ kind: "slow", delayMs: 400 }, 20);
  const asked = s.thingspeak.requests.length;
  s.say(OTHER, "/export 1h", { userId: OTHER });
  s.say(OTHER, "/plot 1h", { userId: OTHER });
  await s.telegram.waitFor(() => s.telegram.calls.some(({ method }) => method === "sendChatAction"));
  const number = numberOf("Boris", (await s.ask(ADMIN, "/people")).text);
  const gone = await s.ask(ADMIN, `/people ${number} remove`);
  expect(gone.text).toBe("Boris has no role any more. Removed with it: route 1.");
  const before = s.said(OTHER);
  await s.warn({ ...HOT, severity: "critical" });
  await s.see(GROUP, "Coil hot");
  s.telegram.press({ chatId: OTHER, userId: OTHER, messageId: question.messageId, label: labelsOf(question)[0] ?? "" });
  await until(
    "ThingSpeak has answered",
    () => s.app.log.filter(({ msg }) => /numbers could not|failed plot/.test(msg)).length >= 2,
  );
  expect(s.thingspeak.requests.length).toBeGreaterThan(asked);
  expect(s.said(OTHER)).toEqual(before);
  expect((await s.ask(ADMIN, "/routes")).text).not.toContain(String(OTHER));
  // And whoever is gone can be forgotten: the audit log has their number.
  expect(numberOf("Boris", (await s.ask(ADMIN, "/audit 1d")).text)).toBe(number);
  const forget = await s.ask(ADMIN, `/forget ${number}`);
  await s.press(forget, `Forget person ${number}`);
  await s.seeIn(forget, "is forgotten");
  expect((await s.ask(ADMIN, `/forget ${number}`)).text).toContain("Whom?");
});

it("is noted as what it was, whether it could be told or not", async () => {
  const s = await openScene({ prepare });
  const number = numberOf("Boris", (await s.ask(ADMIN, "/people")).text);
  const lift = s.telegram.fault({
    chatId: ADMIN,
    times: Number.POSITIVE_INFINITY,
    failure: { status: 500, description: "Internal Server Error" },
  });
  s.say(ADMIN, `/people ${number} viewer`);
  s.say(ADMIN, "/people 99 admin");
  s.say(ADMIN, "/people Boris Bezukhov");
  // The log says the same once in a minute.
  await until("all three failed", () => s.telegram.calls.filter(({ status }) => status === 500).length === 3);
  lift();
  const audit = (await s.ask(ADMIN, "/audit 1h")).text;
  for (const line of [`/people ${number} viewer → viewer now`, "/people 99 admin → not done", "/people → not done"])
    expect(audit).toContain(line);
  expect(audit).not.toContain("Bezukhov");
  expect((await s.ask(OTHER, "/shelve 1 4h", { userId: OTHER })).text).toContain("Only an operator may do that");
});

it("of a group is final, also for who presses on what was asked before, and where the bot is not any more", async () => {
  const s = await openScene({
    prepare(telegram) {
      prepare(telegram);
      telegram.addGroup({ id: NEW_GROUP, title: "Hall 7", members: [{ id: ADMIN, firstName: "Aino" }, BORIS] });
    },
  });
  const first = await s.ask(NEW_GROUP, "/status");
  const second = await s.ask(NEW_GROUP, "/status");
  await s.press(first, "Join");
  await s.seeIn(first, "has joined");
  expect(await s.press(second, "No, leave")).toBe("This group has joined meanwhile. /leave ends that.");
  await s.telegram.waitFor(() =>
    s.telegram.calls.some(
      ({ method, params }) => method === "setMyCommands" && JSON.stringify(params).includes(String(NEW_GROUP)),
    ),
  );
  await s.ask(NEW_GROUP, "/report daily 07:00");
  s.telegram.block(NEW_GROUP);
  await until("its throwing the bot out is noted", async () =>
    (await s.ask(ADMIN, "/audit 1h")).text.includes(`in group ${NEW_GROUP}: bot thrown out → done`),
  );
  expect((await s.ask(OTHER, `/leave ${NEW_GROUP}`, { userId: OTHER })).text).toContain("Only an admin may do that");
  const question = await s.ask(ADMIN, `/leave ${NEW_GROUP}`);
  expect(question.text).toBe(`Stop all alarms to the group ${NEW_GROUP}?`);
  // The question alone ends nothing, and who may not ask it may not answer it: anybody's client can send any data.
  expect(await s.press(question, "Cancel")).toBe("");
  await s.seeIn(question, "Alarms come as before.");
  const again = await s.ask(ADMIN, `/leave ${NEW_GROUP}`);
  await s.press(again, "No more alarms");
  await s.seeIn(again, "No alarms go there any more.");
  expect((await s.ask(ADMIN, `/leave ${NEW_GROUP}`)).text).toBe("No group of that number has joined.");
  expect((await s.ask(ADMIN, `/leave ${GROUP}`)).text).toBe(
    "It is named in TELEGRAM_ALARM_CHAT_IDS: it gets alarms until you change that.",
  );
  s.telegram.addBot(NEW_GROUP, ADMIN);
  await s.see(NEW_GROUP, "Send alarms to this group?");
});

it("needs the second factor where it is set up, as all that only admins may do, in groups too", async () => {
  const secret = new Secret({ size: 20 });
  const s = await openScene({ prepare, settings: { TELEGRAM_ADMIN_TOTP: `${ADMIN}:${secret.base32}` } });
  const missing = "your six digits in private first";
  for (const text of [
    "/timezone UTC",
    "/quiet off",
    "/report off",
    "/route info here",
    "/unroute 1",
    "/leave",
    "/drill",
  ])
    expect(`${text}: ${(await s.ask(GROUP, text)).text}`).toContain(missing);
  for (const text of [
    "/people 1 remove",
    "/invite admin",
    "/forget 1",
    "/audit",
    `/leave ${GROUP}`,
    "/route info here",
  ])
    expect(`${text}: ${(await s.ask(ADMIN, text)).text}`).toContain(missing);
  expect((await s.ask(ADMIN, `/code ${new TOTP({ secret }).generate()}`)).text).toContain("Right.");
  expect((await s.ask(GROUP, "/timezone UTC")).text).toContain("UTC");
  expect((await s.ask(ADMIN, "/audit 1h")).text).toContain("/code → right");
  // A role that is taken ends it; and a wrong code is noted as one.
  await s.ask(ADMIN, "/code 000000");
  expect((await s.ask(ADMIN, "/audit 1h")).text).toContain("/code → wrong");
});

it("of what is kept of strangers is possible, too", async () => {
  const s = await openScene();
  s.say(STRANGER, "hello", { userId: STRANGER });
  await until("he is noted", () => s.app.log.some(({ msg }) => msg === "not served"));
  const number = numberOf("Mallory", (await s.ask(ADMIN, "/audit 1h")).text);
  const question = await s.ask(ADMIN, `/forget ${number}`);
  expect(question.text).toContain("Forget Mallory?");
  await s.press(question, `Forget person ${number}`);
  await s.seeIn(question, "is forgotten");
  expect((await s.ask(ADMIN, "/audit 1h")).text).toContain(`person ${number}: stranger a message → silence`);
});
