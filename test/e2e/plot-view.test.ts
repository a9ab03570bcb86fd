import { describe, expect, it } from "vitest";
import { decodeView } from "../../src/plots/view.ts";
import { HOT, labelsOf, openScene, type Scene, type Shown } from "../support/scene.ts";
import { ADMIN, GROUP, OTHER } from "../support/world.ts";

const PLANTS = `
fields:
  - { field: 1, unit: "°C", decimals: 1, limits: [{ above: 66, severity: error }] }
`;

/** Asks for a plot; resolves with the message that shows it. */
async function plot(s: Scene, typed: string, chatId = ADMIN): Promise<Shown> {
  s.say(chatId, `/plot ${typed}`);
  return s.telegram.waitFor(() => s.said(chatId).findLast(({ photo }) => photo !== null), 15_000);
}
const now = (s: Scene, { chatId, messageId }: Shown): Shown =>
  s.said(chatId).find((message) => message.messageId === messageId)!;
/** Presses a button below a plot; resolves with the message when the picture is another one. */
async function move(s: Scene, card: Shown, label: string): Promise<Shown> {
  const before = now(s, card).edits;
  await s.press(card, label);
  return s.telegram.waitFor(() => {
    const message = now(s, card);
    return message.edits > before && message;
  }, 15_000);
}
const bytesOf = ({ photo }: Shown): string => Buffer.from(photo?.bytes ?? []).toString("base64");
/** The view that a plot shows, as the button that leaves it as it is tells. */
const viewOf = ({ buttons }: Shown) => {
  const more = buttons.flat().find(({ text }) => text === "More…");
  return decodeView(String((more as { callback_data?: string } | undefined)?.callback_data).split(":")[2] ?? "")!;
};
/** Opens a menu below a plot. */
async function open(s: Scene, card: Shown, menu: "Period…" | "Fields…" | "More…"): Promise<void> {
  await s.press(card, menu);
  await s.buttonsOf(card, "‹ Back");
}
/** Opens a menu and presses a button of it; resolves with the message when the picture is another one, below which are the first buttons again. */
async function choose(s: Scene, card: Shown, menu: Parameters<typeof open>[2], label: string): Promise<Shown> {
  await open(s, card, menu);
  await move(s, card, label);
  await s.buttonsOf(card, "◀");
  return now(s, card);
}
const HOUR = 3_600_000;

describe("a plot is a view to move in", () => {
  it("back, forth, closer, wider and by presets, always in the same message", async () => {
    const s = await openScene({ plants: PLANTS });
    const card = await plot(s, "1 24h");
    expect(labelsOf(card)).toEqual(["◀", "−", "+", "▶", "Period…", "Fields…", "More…"]);
    expect(viewOf(card)).toMatchObject({ fields: [1], endAt: null, spanMs: 24 * HOUR });
    const back = await move(s, card, "◀");
    expect(bytesOf(back)).not.toBe(bytesOf(card));
    expect(viewOf(back).endAt).toBeLessThan(Date.now() - 11 * HOUR);
    expect(viewOf(await move(s, card, "+")).spanMs).toBe(12 * HOUR);
    expect(viewOf(await move(s, card, "−")).spanMs).toBe(24 * HOUR);
    expect(viewOf(await move(s, card, "▶")).endAt).toBeNull();
    const hour = await choose(s, card, "Period…", "1 h");
    expect(viewOf(hour)).toMatchObject({ endAt: null, spanMs: HOUR });
    expect(hour.caption).toMatch(/^Coil temperature\n/);
    expect(s.said(ADMIN)).toHaveLength(1);
  });

  it("with more fields, another day, limits, and by night", async () => {
    const s = await openScene({ plants: PLANTS });
    const card = await plot(s, "1 1h");
    const two = await choose(s, card, "Fields…", "☐ Rotor speed");
    expect(two.caption).toMatch(/^Coil temperature, Rotor speed\n/);
    expect(two.caption).toContain("Rotor speed: ");
    const one = await choose(s, card, "Fields…", "☑ Coil temperature");
    expect(viewOf(one).fields).toEqual([4]);
    // The last one stays.
    await open(s, card, "Fields…");
    expect(labelsOf(now(s, card))).toContain("☐ Coil temperature");
    await s.press(card, "☑ Rotor speed");
    await s.buttonsOf(card, "◀");
    expect(viewOf(await choose(s, card, "More…", "Compare")).compared).toBe("yesterday");
    expect(viewOf(await choose(s, card, "More…", "vs yesterday")).compared).toBe("last week");
    expect(viewOf(await choose(s, card, "More…", "Limits")).limits).toBe("all");
    const night = await choose(s, card, "More…", "🌙");
    expect(viewOf(night).theme).toBe("dark");
    await open(s, card, "More…");
    expect(labelsOf(now(s, card))).toContain("☀️");
    await s.press(card, "‹ Back");
    expect(await s.buttonsOf(card, "◀")).toEqual(labelsOf(night));
  });

  it("ends in files, on request: the picture in full size, and the numbers", async () => {
    const s = await openScene({ plants: PLANTS });
    // An hour that does not move on between picture and file.
    const card = await plot(s, "1 yesterday 8:00-9:00");
    await open(s, card, "More…");
    expect(await s.press(card, "File")).toBe("Picture and numbers come as files…");
    const [png, csv] = await s.telegram.waitFor(() => {
      const documents = s.said(ADMIN).filter(({ document }) => document !== null);
      return documents.length === 2 && documents;
    }, 15_000);
    expect(png?.document?.fileName).toMatch(/^valvomo-.*\.png$/);
    const text = Buffer.from(csv?.document?.bytes ?? []).toString();
    expect(text).toMatch(/^created_at,field1: Coil temperature \(°C\)\n\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ,\d+/);
    const entries = Number(/(\d+)(?: of \d+)? entries/.exec(card.caption ?? "")?.[1]);
    expect(text.trim().split("\n")).toHaveLength(entries + 1);
  });

  it("works after a restart, says what goes wrong below the picture, and goes on", async () => {
    const s = await openScene();
    const card = await plot(s, "1 24h");
    await s.app.kill();
    await s.start();
    expect(viewOf(await choose(s, card, "Period…", "7 d")).spanMs).toBe(7 * 24 * HOUR);
    s.thingspeak.fault({ kind: "html" }, 20);
    expect((await choose(s, card, "Period…", "30 d")).caption).toContain("ThingSpeak");
    expect(labelsOf(now(s, card))).toContain("◀");
  });

  it("shows what the newest of many presses asked for", async () => {
    const s = await openScene();
    const card = await plot(s, "1 24h");
    await open(s, card, "Period…");
    for (const label of ["7 d", "30 d", "1 h", "24 h", "1 h"]) {
      s.telegram.press({ chatId: ADMIN, userId: ADMIN, messageId: card.messageId, label });
    }
    const isHour = () => labelsOf(now(s, card)).includes("More…") && viewOf(now(s, card)).spanMs === HOUR;
    await s.telegram.waitFor(isHour, 15_000);
    await s.ask(ADMIN, "/help");
    expect(viewOf(now(s, card)).spanMs).toBe(HOUR);
    expect(now(s, card).edits).toBeLessThanOrEqual(5);
  });

  it("marks the alarms of the field", async () => {
    const s = await openScene({ plants: PLANTS });
    const plain = await plot(s, "1 1h", GROUP);
    await s.warn({ ...HOT, field: 1, value: 71 });
    await s.see(GROUP, "Coil hot");
    await s.press(plain, "Period…", OTHER);
    await s.buttonsOf(plain, "‹ Back");
    await s.press(plain, "24 h", OTHER);
    await s.buttonsOf(plain, "◀");
    expect(viewOf(now(s, plain)).spanMs).toBe(24 * HOUR);
    const withBand = bytesOf(now(s, plain));
    await s.warn({ ...HOT, field: 1, state: "cleared" });
    await s.see(GROUP, "✅ CLEARED");
    const after = await choose(s, plain, "Period…", "1 h");
    expect(bytesOf(after)).not.toBe(withBand);
  });
});
