import { describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { HOT, labelsOf, openScene } from "../support/scene.ts";
import { ADMIN, GROUP, OTHER } from "../support/world.ts";

const OIL = "ERROR: Oil level low";

describe("an alarm whose end the plant never tells", () => {
  it("is closed on its card with a reason, in every chat, and is back by a press", async () => {
    const s = await openScene();
    await s.warn(OIL);
    const card = await s.see(GROUP, "Oil level low");
    const mine = await s.see(ADMIN, "Oil level low");
    expect(labelsOf(card)).toEqual(["Acknowledge", "Shelve…", "Close…", "Why?"]);
    expect(await s.press(card, "Close…", OTHER)).toBe("Why is it over?");
    expect(await s.buttonsOf(card, "Back")).toEqual([
      "Repaired",
      "False alarm",
      "It was a test",
      "Another reason",
      "Back",
    ]);
    expect(await s.press(card, "Repaired", OTHER)).toBe("Closed #1.");
    const closed = await s.seeIn(mine, "✅ CLOSED");
    expect(closed.text).toMatch(/· was ERROR · .*\nOil level low\n👤 Closed by Boris · .*\. Repaired$/m);
    expect(labelsOf(closed)).toEqual(["Reopen", "Why?"]);
    expect((await s.ask(ADMIN, "/alarms")).text).toBe("✅ No alarm is active.");
    expect((await s.ask(ADMIN, "/history")).text).toContain("closed by Boris");
    expect((await s.ask(ADMIN, "/alarm 1")).text).toContain("closed by Boris: Repaired");
    const why = (await s.ask(ADMIN, "/why 1")).text;
    expect(why).toMatch(/Closed by Boris · .*\. Repaired/);
    expect(why).toContain("edited the card, because somebody closed it");

    expect(await s.press(closed, "Reopen")).toBe("#1 is active again.");
    const back = await s.seeIn(card, "🟠 ERROR");
    expect(back.text).toContain("↩️ Reopened by Aino");
    expect(labelsOf(back)).toEqual(["Acknowledge", "Shelve…", "Close…", "Why?"]);
    expect((await s.ask(ADMIN, "/why 1")).text).toContain("because somebody reopened it");
    // Nothing of it made a sound.
    expect(s.said(GROUP)).toHaveLength(1);

    const audit = (await s.ask(ADMIN, "/audit 1h")).text;
    expect(audit).toMatch(/Boris in group -\d+: button close #1 repaired → done/);
    expect(audit).toMatch(/Aino in private: button reopen #1 → done|Aino: button reopen #1 → done/);
  });

  it("is raised again by the plant's next message, and then an old button closes nothing", async () => {
    const s = await openScene();
    await s.warn(OIL);
    const card = await s.see(GROUP, "Oil level low");
    const list = await s.ask(ADMIN, "/alarms");
    await s.press(list, "Close…");
    await s.buttonsOf(list, "False alarm");
    await s.press(list, "False alarm");
    await s.seeIn(list, "Which are over?");
    await s.press(card, "Close…", OTHER);
    await s.buttonsOf(card, "Repaired");
    await s.press(card, "Repaired", OTHER);
    await s.seeIn(card, "✅ CLOSED");
    await s.warn(OIL);
    const again = await s.telegram.waitFor(() =>
      s.said(GROUP).find(({ messageId, text }) => messageId > card.messageId && text.includes("🟠 ERROR")),
    );
    expect(again.isSilent).toBe(false);
    expect(await s.press(list, "Close #1")).toBe("0 of 1 closed.");
    expect((await s.seeIn(list, "Not closed")).text).toContain("#1 came again: see its newest card.");
    expect((await s.ask(ADMIN, "/alarms")).text).toContain("1 active");
  });

  it("is closed for a whole list: those that it showed, as they were; the others are named", async () => {
    const s = await openScene();
    await s.warn(HOT);
    for (const name of ["Oil", "Water", "Air"]) await s.warn(`ERROR: ${name} is low`);
    for (const name of ["Coil hot", "Oil", "Water", "Air"]) await s.see(ADMIN, name);
    const list = await s.ask(ADMIN, "/alarms");
    expect(list.text).toContain("4 active");
    await s.press(list, "Close…");
    await s.buttonsOf(list, "Repaired");
    await s.press(list, "Repaired");
    const which = await s.seeIn(list, "Which are over?");
    expect(which.text).not.toContain("Coil hot");
    const ids = labelsOf(which).filter((label) => label.startsWith("Close #"));
    expect(ids).toHaveLength(3);
    expect(labelsOf(which)).toContain("Close all 3 of these");

    // Meanwhile one gets worse, one is closed by somebody else, and one is new.
    await s.warn("CRITICAL: Oil is low");
    await s.see(ADMIN, "🔴 CRITICAL");
    const water = await s.see(GROUP, "Water is low");
    await s.press(water, "Close…", OTHER);
    await s.buttonsOf(water, "It was a test");
    await s.press(water, "It was a test", OTHER);
    await s.seeIn(water, "✅ CLOSED");
    await s.warn("ERROR: Steam is low");
    await s.see(ADMIN, "Steam is low");

    expect(await s.press(list, "Close all 3 of these")).toBe("1 of 3 closed.");
    const done = await s.seeIn(list, "Closed: 2.");
    expect(done.text).toContain("Air is low");
    expect(done.text).toContain("got worse: see its newest card.");
    expect(done.text).toMatch(/Water is low\n.*closed by Boris/);
    const left = (await s.ask(ADMIN, "/alarms")).text;
    for (const name of ["Coil hot", "Oil is low", "Steam is low"]) expect(left).toContain(name);
    expect(left).toContain("3 active");
    expect((await s.ask(ADMIN, "/audit 1h")).text).toMatch(/button closes 0:repaired:all → closed #\d+\b/);

    expect(await s.press(done, "Reopen all 2")).toMatch(/^Active again: #\d+, #\d+\.$/);
    expect(await s.press(done, "Reopen all 2")).toBe("Nothing is closed by hand any more.");
    await s.press(done, "Back to the list");
    expect((await s.seeIn(list, "5 active")).text).toContain("Air is low");
  });

  it("is closed once by two quick presses, and can still be taken back", async () => {
    const s = await openScene();
    for (const name of ["Oil", "Water"]) await s.warn(`ERROR: ${name} is low`);
    for (const name of ["Oil", "Water"]) await s.see(ADMIN, name);
    const list = await s.ask(ADMIN, "/alarms");
    await s.press(list, "Close…");
    await s.buttonsOf(list, "It was a test");
    await s.press(list, "It was a test");
    await s.buttonsOf(list, "Close all 2 of these");
    const presses = [1, 2].map(() => s.press(list, "Close all 2 of these"));
    expect(await Promise.all(presses)).toEqual(["2 closed.", "Closed already."]);
    const done = await s.seeIn(list, "Closed: 2. It was a test");
    expect(labelsOf(done)).toContain("Reopen all 2");
    const one = await s.ask(ADMIN, "/alarm 1");
    expect(one.text.match(/closed by Aino/g)).toHaveLength(1);
    // What is no card shows what came of a press, too.
    await s.press(one, "Reopen");
    await s.buttonsOf(one, "Close…");
    await s.press(one, "Close…");
    await s.buttonsOf(one, "Repaired");
    await s.press(one, "Repaired");
    expect(await s.buttonsOf(one, "Reopen")).toEqual(["Reopen", "Why?"]);
  });

  it("is closed by /close with words, which says what it was; what cannot be closed is said why", async () => {
    const s = await openScene();
    await s.warn(OIL);
    await s.see(ADMIN, "Oil level low");
    expect((await s.ask(ADMIN, "/close")).text).toContain("Write it like /close 42 sensor was replaced");
    expect((await s.ask(ADMIN, "/close 99")).text).toContain("There is no alarm #99.");
    const done = await s.ask(ADMIN, "/Close #1 2 litres were filled up");
    expect(done.text).toBe("✅ #1 is closed. It was ERROR: Oil level low");
    await s.see(GROUP, "2 litres were filled up");
    expect((await s.ask(ADMIN, "/close 1")).text).toBe("#1 was closed by Aino already.");
    expect(await s.press(done, "Reopen")).toBe("#1 is active again.");
    await s.buttonsOf(done, "Close…");
    await s.warn(HOT);
    await s.see(ADMIN, "Coil hot");
    expect((await s.ask(ADMIN, "/close 2")).text).toContain("The plant says itself when #2 is over.");
    expect((await s.ask(ADMIN, "/audit 1h")).text).toMatch(/\/close #1 → done/);
    expect((await s.ask(ADMIN, "/audit 1h")).text).not.toContain("litres");
  });

  it("can be closed after a restart, too; the reason is what its closer replies", async () => {
    const s = await openScene();
    await s.warn(OIL);
    const card = await s.see(GROUP, "Oil level low");
    const why = () => s.ask(GROUP, "/why 1", { userId: OTHER });
    await until("the card is known", async () => (await why()).text.includes("sent a card"));
    await s.app.kill();
    await s.start();
    expect(await s.press(card, "Close…", OTHER)).toBe("Why is it over?");
    await s.buttonsOf(card, "Another reason");
    expect(await s.press(card, "Another reason", OTHER)).toBe("Closed #1.");
    // What was shown a moment before the end may be shown once more.
    const closed = await s.see(GROUP, "✅ CLOSED");
    expect(closed.text).toContain("Reply to this message with the reason.");
    s.say(GROUP, "A leaf lay on the sensor", { userId: OTHER, replyTo: closed.messageId });
    expect((await s.seeIn(closed, "A leaf lay on the sensor")).text).toMatch(
      /Closed by Boris · .*\. A leaf lay on the sensor/,
    );
  });
});
