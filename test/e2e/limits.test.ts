import { expect, it } from "vitest";
import { openScene } from "../support/scene.ts";
import { until } from "../support/until.ts";
import { ADMIN, GROUP } from "../support/world.ts";

const PLANTS = `
fields:
  - field: 1
    name: Coil
    unit: "°C"
    topic: plant/coil
    limits:
      - { above: 75, alarm: false }
      - { above: 80, severity: error, for: 1s }
`;
const NO_CHANNEL = { THINGSPEAK_CHANNEL_ID: "", THINGSPEAK_READ_API_KEY: "" };

it("a limit that is passed is an alarm with value, limit and trend, over a restart and until the value is back; one with alarm: false is none", async () => {
  const s = await openScene({ settings: NO_CHANNEL, plants: PLANTS });
  await until("the topic is listened to", async () => /plant\/coil/.test((await s.ask(ADMIN, "/status")).text));
  await s.warn("77.5", "plant/coil");
  await s.warn("84.5", "plant/coil");
  const card = await s.see(GROUP, "Coil above 80 °C");
  const pictured = await s.telegram.waitFor(
    () => s.said(GROUP).find(({ messageId, photo }) => messageId === card.messageId && photo !== null),
    15_000,
  );
  expect(pictured.caption).toMatch(/^🟠 ERROR/);
  expect(pictured.caption).toMatch(/84\.5 °C/);
  await s.app.stop();
  await s.start();
  await until("the topic is listened to again", async () => /plant\/coil/.test((await s.ask(ADMIN, "/status")).text));
  // Within the hysteresis of 2 %, then below it.
  await s.warn("79", "plant/coil");
  await s.warn("78", "plant/coil");
  await s.seeIn(card, "✅ CLEARED");
  expect(s.said(GROUP).filter(({ text, caption }) => /above 75/.test(caption ?? text))).toEqual([]);
  expect(s.said(GROUP).filter(({ text, caption }) => (caption ?? text).startsWith("🟠"))).toEqual([]);
}, 60_000);
