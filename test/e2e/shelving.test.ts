import { describe, expect, it } from "vitest";
import { HOT, labelsOf, openScene } from "../support/scene.ts";
import { ADMIN, GROUP, OTHER } from "../support/world.ts";

const MENU = ["30 min", "4 h", "Until it clears", "Until the shift ends", "Back"];

describe("the Shelve… button", () => {
  it("shelves until the shift ends, in every chat with who and why; the reason is what its owner replies", async () => {
    const s = await openScene({ plants: 'shifts: ["00:00", "08:00", "16:00"]' });
    await s.warn(HOT);
    const card = await s.see(GROUP, "Coil hot");
    const mine = await s.see(ADMIN, "Coil hot");
    expect(await s.press(card, "Shelve…", OTHER)).toBe("For how long?");
    expect(await s.buttonsOf(card, "Back")).toEqual(MENU);
    await s.press(card, "Back", OTHER);
    expect(await s.buttonsOf(card, "Acknowledge")).toEqual(["Acknowledge", "Shelve…", "Why?"]);
    await s.press(card, "Shelve…", OTHER);
    await s.press(card, "Until the shift ends", OTHER);
    const shelved = await s.seeIn(mine, "🗄 SHELVED · ERROR · AMB 1");
    expect(shelved.text).toMatch(/Shelved by Boris until (\d{4}-\d\d-\d\d )?(00|08|16):00:00 EES?T\. Reply/);
    expect(labelsOf(shelved)).toEqual(["Unshelve", "Why?"]);

    s.say(ADMIN, "Who did that?", { replyTo: mine.messageId });
    await s.seeIn(card, "💬 Aino: Who did that?");
    expect((await s.seeIn(card, "🗄 Shelved by Boris")).text).toContain("Reply to this message with the reason.");
    s.say(GROUP, "Bearing is being changed", { userId: OTHER, replyTo: card.messageId });
    const explained = await s.seeIn(mine, "Bearing is being changed");
    expect(explained.text).toMatch(/🗄 Shelved by Boris until .*EES?T\. Bearing is being changed/);
    expect(explained.text.match(/Bearing/g)).toHaveLength(1);
    expect((await s.ask(ADMIN, "/shelved")).text).toContain(": Bearing is being changed");
    expect((await s.ask(ADMIN, "/alarm 1")).text).toContain("shelved by Boris");
  });

  it("is silent while it is on the shelf, and ends early when it gets worse: that rings and asks anew", async () => {
    const s = await openScene();
    await s.warn(HOT);
    const card = await s.see(GROUP, "Coil hot");
    await s.press(card, "Acknowledge", OTHER);
    await s.press(card, "Shelve…", OTHER);
    await s.press(card, "30 min", OTHER);
    await s.seeIn(card, "🗄 Shelved by Boris until");
    await s.warn({ ...HOT, value: 91, unit: "°C" });
    await s.seeIn(card, "91 °C");
    expect(s.said(GROUP)).toHaveLength(1);
    await s.warn({ ...HOT, severity: "critical" });
    const worse = await s.see(GROUP, "🔴 CRITICAL");
    expect(worse).toMatchObject({ isSilent: false, replyTo: card.messageId });
    expect(worse.text).not.toMatch(/Shelved|Acknowledged/);
    expect(labelsOf(worse)).toContain("Acknowledge");
    expect((await s.ask(ADMIN, "/shelved")).text).toContain("Nothing is shelved.");
    await s.seeIn(card, "⤵️ Continued below");
    expect(labelsOf(s.said(GROUP)[0]!)).toEqual([]);
  });

  it("until it clears ends with the clear; a text that never says so is not offered that", async () => {
    const s = await openScene();
    await s.warn(HOT);
    const card = await s.see(GROUP, "Coil hot");
    await s.press(card, "Shelve…", OTHER);
    await s.press(card, "Until it clears", OTHER);
    await s.see(ADMIN, "Shelved by Boris until it clears");
    await s.warn({ ...HOT, state: "cleared" });
    expect((await s.seeIn(card, "✅ CLEARED")).text).not.toContain("Shelved");
    await s.warn(HOT);
    const again = await s.see(GROUP, "🟠 ERROR");
    expect(again.messageId).not.toBe(card.messageId);
    expect(again.isSilent).toBe(false);

    await s.warn("Pump leaks");
    const plain = await s.see(GROUP, "Pump leaks");
    await s.press(plain, "Shelve…", OTHER);
    expect(await s.buttonsOf(plain, "Back")).toEqual(MENU.filter((label) => label !== "Until it clears"));
    expect((await s.ask(GROUP, "/shelve 2 clears", { userId: OTHER })).text).not.toContain(
      "is shelved until it clears",
    );
  });

  it("asks first whether what is critical is to be silent, below the card and after /shelve", async () => {
    const s = await openScene();
    await s.warn({ ...HOT, severity: "critical" });
    const card = await s.see(GROUP, "Coil hot");
    await s.press(card, "Shelve…", OTHER);
    expect(await s.press(card, "4 h", OTHER)).toBe("It is critical: really?");
    expect(await s.buttonsOf(card, "No")).toEqual(["Yes, silence it: 4 h", "No"]);
    await s.press(card, "No", OTHER);
    expect(await s.buttonsOf(card, "Acknowledge")).toEqual(["Acknowledge", "Shelve…", "Why?"]);
    const question = await s.ask(GROUP, "/shelve 1 4h bearing is changed", { userId: OTHER });
    expect(question.text).toMatch(/^🔴 #1 is critical\. Silence it until .*\?\nReason: bearing is changed$/);
    await s.press(question, "No", OTHER);
    await s.seeIn(question, "#1 is not shelved.");
    const made = await s.ask(GROUP, "/shelve 1 4h", { userId: OTHER });
    const [yes] = made.buttons.flat();
    const data = yes && "callback_data" in yes ? yes.callback_data.replace(/\d+$/, "99999999999") : "";
    s.telegram.forge({ chatId: GROUP, userId: OTHER, messageId: made.messageId, data });
    await s.seeIn(made, "#1 is not shelved: that time is over, or more than a week away.");
    const again = await s.ask(GROUP, "/shelve 1 4h bearing is changed", { userId: OTHER });
    await s.press(again, "Yes, silence it", OTHER);
    await s.seeIn(again, "#1 is shelved until");
    expect((await s.seeIn(card, "🗄 Shelved by Boris until")).text).toContain("bearing is changed");
    await s.press(card, "Unshelve", OTHER);
    await s.buttonsOf(card, "Acknowledge");
    await s.press(card, "Shelve…", OTHER);
    await s.press(card, "4 h", OTHER);
    await s.press(card, "Yes, silence it: 4 h", OTHER);
    await s.seeIn(card, "🗄 Shelved by Boris until");
  });

  it("does not count on a card that is older than what the alarm became", async () => {
    const s = await openScene();
    await s.warn(HOT);
    const card = await s.see(GROUP, "Coil hot");
    await s.press(card, "Shelve…", OTHER);
    // The old card stays as it is while the new one cannot be sent.
    const lift = s.telegram.fault({ method: "sendMessage", failure: "drop", times: Infinity });
    await s.warn({ ...HOT, severity: "critical" });
    await s.telegram.waitFor(
      () => s.telegram.calls.filter(({ method }) => method === "sendMessage").length > 2,
      10_000,
    );
    expect(await s.press(card, "4 h", OTHER)).toBe("#1 got worse: see its newest card.");
    lift();
    expect((await s.see(GROUP, "CRITICAL")).text).not.toContain("Shelved");
  });

  it("keeps its menu open while the alarm is repeated: what chatters is what one wants to shelve", async () => {
    const s = await openScene();
    await s.warn({ ...HOT, value: 80 });
    const card = await s.see(GROUP, "Coil hot");
    await s.press(card, "Shelve…", OTHER);
    expect(await s.buttonsOf(card, "Back")).toEqual(MENU);
    await s.warn({ ...HOT, value: 81 });
    expect(labelsOf(await s.seeIn(card, "2× since"))).toEqual(MENU);
  });
});

describe("/shelve", () => {
  it("takes a duration and a reason, says what it cannot read, and what is not there", async () => {
    const s = await openScene();
    await s.warn(HOT);
    await s.see(GROUP, "Coil hot");
    for (const wrong of ["/shelve", "/shelve 1", "/shelve 1 0m", "/shelve 1 8d", "/shelve 1 soon"]) {
      expect((await s.ask(ADMIN, wrong)).text).toContain("Write it like /shelve 42 4h");
    }
    expect((await s.ask(ADMIN, "/shelve 99 4h")).text).toContain("There is no alarm #99.");
    expect((await s.ask(ADMIN, "/shelve #1 2d Part <is> ordered")).text).toContain("#1 is shelved until");
    expect((await s.see(GROUP, "🗄 SHELVED")).text).toMatch(/until \d{4}-\d\d-\d\d .*\. Part <is> ordered/);
    expect((await s.ask(ADMIN, "/alarms")).text).toContain("🗄");
    const card = s.said(GROUP)[0]!;
    expect(await s.press(card, "Unshelve", OTHER)).toBe("Unshelved.");
    expect(labelsOf(await s.seeIn(card, "🟠 ERROR"))).toContain("Acknowledge");
    await s.warn({ ...HOT, state: "cleared" });
    await s.see(ADMIN, "✅ Cleared");
    expect((await s.ask(ADMIN, "/shelve 1 4h")).text).toContain("#1 is not active, so there is nothing to shelve.");
  });
});
