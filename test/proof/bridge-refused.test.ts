import { expect, it } from "vitest";
import { openScene } from "../support/scene.ts";
import { until } from "../support/until.ts";
import { ADMIN, GROUP, OTHER } from "../support/world.ts";

const WRITE_KEY = "WRITEKEY12345678";
const BULK = { MQTT_BULK_TOPIC: "bulkWrite", THINGSPEAK_WRITE_API_KEY: WRITE_KEY };

const secondOfEntry = (): number => Math.floor(Date.now() / 1_000) % 15;

it("what the plant sends in bulk reaches ThingSpeak; what is refused is told to the admins, and sent again by a press", async () => {
  // The filter of alarms takes everything: what is for ThingSpeak is no alarm all the same.
  const s = await openScene({ settings: { ...BULK, MQTT_ALARM_TOPICS: "#" } });
  await until("the bridge listens", () => s.app.log.some(({ msg, link }) => msg === "subscribed" && link === "bridge"));
  s.thingspeak.fault({ kind: "status", status: 401 });
  // The channel has an entry at each full 15 s: one of the same time would be left out.
  await until("no entry of these has a time that is there", () => [4, 5, 6, 7, 8, 9, 10].includes(secondOfEntry()));
  await s.warn("1,61.5,,,3000,,,,,,,,|15,62.5,,,3001|1,,ON|", "bulkWrite");
  const alarm = await s.see(ADMIN, "Nothing is written to ThingSpeak channel 9");
  expect(alarm.text).toContain("check the write key of this channel");
  await s.see(ADMIN, "A message for ThingSpeak could not be read in full");
  const view = await s.ask(ADMIN, "/bridge");
  expect(view.text).toMatch(/❌ Channel 9: 2 waiting, the oldest from .*\nlast call .*: ThingSpeak answered 401/);
  expect(view.text).toContain("bulkWrite: entry 3: field2 is not a number: “ON”");
  expect((await s.ask(ADMIN, "/status")).text).toMatch(/❌ To ThingSpeak: nothing is written to 9: .*bridge says why/);
  // An operator may look, and not send.
  const theirs = await s.ask(GROUP, "/bridge", { userId: OTHER });
  expect(theirs.buttons.flat()).toEqual([]);
  expect(await s.press(view, "Send again: channel 9")).toBe("Channel 9 is written again.");
  const entries = () => s.thingspeak.entriesOf(9).filter(({ field1 }) => field1 === "61.5" || field1 === "62.5");
  await until("the entries are there", () => entries().length === 2, 30_000);
  expect(entries().map(({ field4 }) => field4)).toEqual(["3000", "3001"]);
  expect((await s.ask(ADMIN, "/bridge")).text).toMatch(/✅ Channel 9: nothing waits\nlast call .*: 2 entries taken/);
  // It is recorded here as well, in its own time, and plotted from here when the channel cannot be had.
  s.thingspeak.fault({ kind: "status", status: 402 }, 10_000);
  s.say(ADMIN, "/plot field1 30 min");
  const plot = await s.telegram.waitFor(() => s.said(ADMIN).findLast(({ photo }) => photo !== null), 60_000);
  expect(plot.caption).toMatch(/\n61\.5 .* to 62\.5 [^]*As recorded here: ThingSpeak /);
  // Nothing of it was taken for an alarm.
  expect(s.said(GROUP).filter(({ text }) => /61\.5|3000/.test(text))).toEqual([]);
  expect(JSON.stringify(s.app.log)).not.toContain(WRITE_KEY);
}, 120_000);

it("without its settings the bridge is off, and says how to turn it on", async () => {
  const s = await openScene();
  expect((await s.ask(ADMIN, "/bridge")).text).toBe(
    "The bridge is off. MQTT_BULK_TOPIC or THINGSPEAK_POINT turns it on.",
  );
  expect((await s.ask(ADMIN, "/status")).text).not.toContain("To ThingSpeak");
});
