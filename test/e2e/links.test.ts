import { expect, it } from "vitest";
import { MAX_ENTITIES } from "../../src/telegram/api/render.ts";
import { JOINER, rejoined } from "../../src/telegram/api/unlinked.ts";
import { openScene, type Scene } from "../support/scene.ts";
import { ADMIN, GROUP, OTHER, READ_KEY } from "../support/world.ts";

/** What somebody outside wrote is to be read, and to do nothing at a tap: neither command nor mention, tag nor address. */

const BAIT =
  "/leave @evil_bot #now $UPM t.me/x http://evil.example/a tg://resolve?domain=x a@b.fi 10.0.0.1 evil.example";
const LINKED = new Set(["bot_command", "mention", "hashtag", "cashtag", "url", "email", "phone_number"]);
const CHANNEL = 10;
/** The topic of a plant whose parts would be linked. */
const TOPIC = "lut/AMBsystem/warnings/-/leave";

/** All that can be tapped in what the bot said, besides buttons. */
function tappable(s: Scene): string[] {
  return [ADMIN, GROUP, OTHER].flatMap((chatId) =>
    s
      .said(chatId)
      .flatMap(({ text, caption, entities }) =>
        entities
          .filter(({ type }) => LINKED.has(type))
          .map(({ offset, length }) => (caption ?? text).slice(offset, offset + length)),
      ),
  );
}

it("of the plant, of people, of fields and of chats: nothing of it is linked anywhere, and links of ours have no preview", async () => {
  const people = [{ id: OTHER, firstName: "/leave t.me/boris" }];
  const s = await openScene({
    settings: { THINGSPEAK_CHANNEL_ID: String(CHANNEL) },
    people: [{ id: OTHER, name: "/leave t.me/boris", role: "operator" }],
    prepare(telegram) {
      telegram.addPrivateChat({ id: OTHER, firstName: "/leave t.me/boris" });
      telegram.addGroup({ id: -1_077, title: "/leave t.me/hall", members: people });
    },
  });
  s.thingspeak.addChannel({
    id: CHANNEL,
    name: "t.me/channel",
    labels: { 1: "/leave t.me/coil (t.me/x)", 4: "evil.example/y" },
    readApiKey: READ_KEY,
    writeApiKey: "WRITEKEY12345678",
  });
  const times = Float64Array.from({ length: 240 }, (_, i) => Date.now() - (239 - i) * 15_000);
  s.thingspeak.load(CHANNEL, { times, columns: { field1: times.map((_, i) => 60 + (i % 9)), field4: times } });
  await s.warn(
    {
      id: "t.me/id",
      message: BAIT,
      source: BAIT,
      unit: "t.me",
      value: 81,
      limit: 80,
      severity: "error",
      state: "active",
      field: 1,
    },
    TOPIC,
  );
  await s.warn(`CRITICAL: ${BAIT}`, TOPIC);
  await s.see(GROUP, "CRITICAL");
  const card = await s.see(GROUP, "ERROR");
  await s.press(card, "Acknowledge", OTHER);
  await s.seeIn(card, "Acknowledged by");
  s.say(GROUP, `It is ${BAIT}`, { userId: OTHER, replyTo: card.messageId });
  await s.see(GROUP, "Noted with #");
  // In private the stand-in knows them by that name.
  await s.ask(OTHER, "/alarms", { userId: OTHER });
  for (const text of [
    "/alarms",
    "/history 1h",
    "/alarm 1",
    "/alarm 2",
    "/why 1",
    "/shelve 2 4h t.me/reason",
    "/shelved",
    `/route "t.me/x" -1077`,
    "/route error t.me/x evil.example",
    "/route error a/+/b here",
    "/routes",
    "/latest",
    "/stats 1h",
    "/plot 1 1h",
    "/plot t.me/x",
    "/plot",
    "/export 1h",
    "/timezone t.me/x",
    "/quiet t.me/x",
    "/report t.me/x",
    "/status",
    "/people",
    "/audit 1h",
  ])
    await s.ask(ADMIN, text);
  const known =
    /^\/(alarm_\d+|alarms|status|audit|invite|people|routes|history|latest|quiet|report|unroute|plot|help|route|shelve|timezone|stats)$/;
  expect(tappable(s).filter((word) => !known.test(word))).toEqual([]);

  // It looks as it was written, and what people copy is as the plant knows it.
  expect(rejoined(card.text)).toContain(BAIT);
  expect(card.text).toContain(`/${JOINER}leave`);
  expect((await s.see(ADMIN, TOPIC)).text).toContain("CRITICAL");
  expect((await s.ask(ADMIN, "/routes")).text).toContain("a/+/b");

  // Our own words can be tapped, as before; and Telegram's servers fetch nothing.
  const help = await s.ask(ADMIN, "/help all");
  expect(help.entities.filter(({ type }) => type === "bot_command").length).toBeGreaterThan(20);
  // With room for the commands of devices, which this plant has none of.
  expect(help.entities.length).toBeLessThan(MAX_ENTITIES - 20);
  await s.ask(ADMIN, "/invite viewer 1h");
  expect(tappable(s)).toContainEqual(expect.stringMatching(/^https:\/\/t\.me\/valvomo_demo_bot\?start=/));
  const said = s.telegram.calls.filter(({ method }) => ["sendMessage", "editMessageText"].includes(method));
  expect(said.length).toBeGreaterThan(20);
  for (const { params } of said) expect(params["link_preview_options"]).toEqual({ is_disabled: true });
});

it("what is copied from a card is understood as it was before", async () => {
  const s = await openScene();
  expect((await s.ask(ADMIN, `/route error a/+/${JOINER}b here`)).text).toContain("a/+/b");
  await s.ask(ADMIN, "/routes");
  expect((await s.see(ADMIN, "a/+/b")).text).not.toContain(JOINER);
});
