import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { HOT, labelsOf, openScene } from "../support/scene.ts";
import { until } from "../support/until.ts";
import { ADMIN, GROUP } from "../support/world.ts";

const ZONE = "Europe/Helsinki";
const timeOfDay = (at: number): string =>
  new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, hour: "2-digit", minute: "2-digit" }).format(at);
/** From two hours ago to two hours ahead, as the chat's clock shows them. */
const aroundNow = (): string => `${timeOfDay(Date.now() - 7_200_000)}-${timeOfDay(Date.now() + 7_200_000)}`;

it("holds what is not critical for one digest that says how each ended; other chats are told at once", async () => {
  const s = await openScene();
  expect((await s.ask(GROUP, "/quiet")).text).toContain("This chat has no quiet hours: every alarm rings.");
  const set = await s.ask(GROUP, `/quiet ${aroundNow()}`);
  expect(set.text).toMatch(/^Quiet hours: \d\d:\d\d–\d\d:\d\d \(Europe\/Helsinki\)\. .* It is quiet until /);
  const before = s.said(GROUP).length;

  const fan = { ...HOT, id: "fan", message: "Fan stuck", source: "Fan 2" };
  const pump = { ...HOT, id: "pump", message: "Pump leaks", source: "Pump 3", severity: "warning" };
  for (const alarm of [HOT, fan, pump]) await s.warn(alarm);
  for (const { message } of [HOT, fan, pump]) await s.see(ADMIN, message);
  await s.warn({ ...fan, state: "cleared" });
  await s.see(ADMIN, "✅ Cleared");
  await s.press(await s.see(ADMIN, "Pump leaks"), "Acknowledge");
  // Critical breaks through, also what becomes it, and by itself.
  await s.warn({ ...HOT, severity: "critical" });
  const critical = await s.see(GROUP, "🔴 CRITICAL");
  expect(critical).toMatchObject({ isSilent: false });
  await s.warn({ ...HOT, severity: "critical", state: "cleared" });
  await s.see(GROUP, "✅ Cleared");
  expect(
    s
      .said(GROUP)
      .slice(before)
      .map(({ text }) => text.split("\n")[1]),
  ).toEqual(["Coil hot", undefined]);
  expect((await s.ask(GROUP, "/why 3")).text).toContain("left it to the board, because it was quiet hours");

  expect((await s.ask(GROUP, "/quiet off")).text).toContain("no quiet hours");
  const digest = await s.see(GROUP, "🌅 While it was quiet");
  expect(digest.isSilent).toBe(false);
  expect(digest.text).toMatch(/✅ \/alarm_2 · Fan 2\n +Fan stuck\n +.*, \d+ s/);
  expect(digest.text).toMatch(/⚠️ \/alarm_3 · Pump 3\n +Pump leaks\n +since .* · 👤 Aino/);
  expect(digest.text).toMatch(/✅ \/alarm_1 · .*\n +Coil hot\n/);
  expect(digest.text).toContain("3 alarms: 1 active, 2 came and went");
  // Nobody has acknowledged yet what came and went.
  expect(labelsOf(digest)).toContain("I'm on it");
  // And all is as by day again.
  await s.warn({ ...HOT, id: "day", message: "Day has come" });
  expect((await s.see(GROUP, "Day has come")).isSilent).toBe(false);
});

it("keeps what was held over a crash, follows it on the digest, and wakes nobody when all is over", async () => {
  const s = await openScene();
  await s.ask(GROUP, `/quiet ${aroundNow()}`);
  await s.warn(HOT);
  await s.see(ADMIN, "Coil hot");
  await s.app.kill();
  await s.start();
  await s.warn({ ...HOT, state: "cleared" });
  await s.see(ADMIN, "✅ Cleared");
  s.say(GROUP, "/quiet off");
  const digest = await s.see(GROUP, "🌅 While it was quiet");
  expect(digest.isSilent).toBe(true);
  expect(digest.text).toContain("nothing is left to do");
  await s.warn(HOT);
  expect((await s.see(GROUP, "🟠 ERROR")).isSilent).toBe(false);
});

it("moves the digest when the hours change, or the chat's clock", async () => {
  const s = await openScene();
  const clock = (inMs: number): string => timeOfDay(Date.now() + inMs);
  const showAt = (): number => {
    const database = new DatabaseSync(s.app.databasePath, { readOnly: true });
    const row = database.prepare("SELECT show_at FROM boards WHERE chat_id = ?").get(GROUP);
    database.close();
    return Number(row?.["show_at"] ?? 0);
  };
  await s.ask(GROUP, `/quiet ${clock(-7_200_000)}-${clock(3_600_000)}`);
  await s.warn(HOT);
  await s.see(ADMIN, "Coil hot");
  const early = await until("the digest waits", showAt);
  await s.ask(GROUP, `/quiet ${clock(-7_200_000)}-${clock(7_200_000)}`);
  expect(showAt() - early).toBeGreaterThan(3_000_000);
  expect(s.said(GROUP).filter(({ text }) => text.includes("While it was quiet"))).toEqual([]);
  s.say(GROUP, "/timezone Pacific/Honolulu");
  await s.see(GROUP, "🌅 While it was quiet");
});

it("is not set by what cannot be read, and the digest does not come while it is still quiet", async () => {
  const s = await openScene();
  for (const wrong of ["/quiet 25:00-06:00", "/quiet 22:00", "/quiet 06:00-06:00", "/quiet 22:00-06:00 someday"]) {
    expect((await s.ask(ADMIN, wrong)).text).toContain("Write them like 22:00-06:00");
  }
  await s.ask(ADMIN, `/quiet ${aroundNow()}`);
  await s.warn(HOT);
  await s.see(GROUP, "Coil hot");
  expect((await s.ask(ADMIN, `/quiet ${aroundNow()} mon-sun`)).text).toContain("It is quiet until");
  expect((await s.ask(ADMIN, "/alarms")).text).toContain("Coil hot");
  expect(s.said(ADMIN).filter(({ text }) => text.includes("While it was quiet"))).toEqual([]);
});
