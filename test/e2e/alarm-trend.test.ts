import { describe, expect, it } from "vitest";
import { HOT, labelsOf, openScene, type Scene, type Shown } from "../support/scene.ts";
import { ADMIN, GROUP } from "../support/world.ts";

const COIL = { ...HOT, field: 1, value: 71, limit: 70, unit: "°C" };

/** Waits until a message shows a picture, and words below it. */
const seePicture = (s: Scene, { chatId, messageId }: Shown, words: string, before = ""): Promise<Shown> =>
  s.telegram.waitFor(() => {
    const message = s.said(chatId).find((one) => one.messageId === messageId);
    const isIt = message?.photo && message.caption?.includes(words) && bytesOf(message) !== before;
    return isIt ? message : undefined;
  }, 15_000);
const bytesOf = ({ photo }: Pick<Shown, "photo">): string => Buffer.from(photo?.bytes ?? []).toString("base64");

describe("an alarm brings its own trend", () => {
  it("in its card, which goes on as before, and once more when it is over", async () => {
    const s = await openScene();
    await s.warn(COIL);
    const card = await s.see(GROUP, "Coil hot");
    const pictured = await seePicture(s, card, "Coil hot");
    expect(pictured.caption).toMatch(/^🟠 ERROR/);
    expect(labelsOf(pictured)).toEqual(["Acknowledge", "Shelve…", "Trend", "Why?"]);
    await seePicture(s, await s.telegram.waitFor(() => s.said(ADMIN)[0], 10_000), "Coil hot");

    await s.press(pictured, "Acknowledge");
    const acknowledged = await seePicture(s, card, "Acknowledged by Aino");
    expect(bytesOf(acknowledged)).toBe(bytesOf(pictured));
    await s.warn({ ...COIL, value: 73 });
    await seePicture(s, card, "2× since");
    await s.warn({ ...COIL, state: "cleared", value: 65 });
    const over = await seePicture(s, card, "✅ CLEARED", bytesOf(pictured));
    expect(over.caption).toContain("#1");
    expect((await s.ask(ADMIN, "/why 1")).text).toContain("its trend was drawn");
    // The card, and the word that it is over.
    expect(s.said(GROUP).map(({ text, caption }) => (caption ?? text).slice(0, 9))).toEqual(
      ["✅ CLEARED", "✅ Cleared"].map((text) => text.slice(0, 9)),
    );
  });

  it("comes at once without it when ThingSpeak is slow, and gets it later", async () => {
    const s = await openScene();
    s.thingspeak.fault({ kind: "slow", delayMs: 1_500 }, 3);
    await s.warn(COIL);
    const card = await s.see(GROUP, "Coil hot", 1_200);
    expect(card.photo).toBeNull();
    await seePicture(s, card, "Coil hot");
  });

  it("keeps its picture and its words after a restart, and when it goes on in a new message", async () => {
    const s = await openScene();
    await s.warn(COIL);
    const card = await s.see(GROUP, "Coil hot");
    await seePicture(s, card, "Coil hot");
    await s.app.kill();
    await s.start();
    await s.warn({ ...COIL, value: 72 });
    await seePicture(s, card, "2× since");
    await s.warn({ ...COIL, severity: "critical", message: "Coil very hot. ".repeat(70) });
    const worse = await s.see(GROUP, "🔴 CRITICAL");
    await seePicture(s, card, "⤵️ Continued below");
    const captioned = await seePicture(s, worse, "🔴 CRITICAL");
    expect(captioned.caption?.length).toBeLessThanOrEqual(1_024);
  });
});
