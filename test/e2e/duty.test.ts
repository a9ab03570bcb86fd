import { describe, expect, it } from "vitest";
import { HOT, openScene, type Scene } from "../support/scene.ts";
import { ADMIN, GROUP } from "../support/world.ts";

const [ANNA, BEN] = [901, 902];
const rotaOf = (who: string): string => `
chats: { anna: ${ANNA}, ben: ${BEN}, hall: ${GROUP} }
routes:
  - { to: duty, severity: warning }
  - { to: [anna, ben], topic: lut/AMBsystem/warnings/#, severity: critical, acknowledge: 2 }
duty:
  zone: Europe/Helsinki
  week:
    - { from: "00:00", to: "24:00", who: ${who} }
`;

const open = (plants: string): Promise<Scene> =>
  openScene({
    plants,
    prepare(telegram) {
      for (const [id, firstName] of [
        [ANNA, "Anna"],
        [BEN, "Ben"],
      ] as const)
        telegram.addPrivateChat({ id, firstName });
    },
    people: [
      { id: ANNA, name: "Anna", role: "operator" },
      { id: BEN, name: "Ben", role: "operator" },
    ],
  });

describe("whoever is on duty", () => {
  it("gets the alarms, and nobody else; another has them once both agreed, also after a restart", async () => {
    const s = await open(rotaOf("anna"));
    await s.warn(HOT);
    await s.see(ANNA, "Coil hot");
    const shown = await s.ask(ANNA, "/duty", { userId: ANNA });
    expect(shown.text).toContain("On duty: anna for two weeks at least");
    const asked = await s.ask(BEN, "/duty", { userId: BEN });
    await s.press(asked, "Take over", BEN);
    const question = await s.see(ANNA, "Ben offers to take over from you");
    await s.see(BEN, "anna is asked");
    await s.warn({ ...HOT, id: "two", message: "Pump leaks" });
    await s.see(ANNA, "Pump leaks");
    await s.press(question, "Agree", ANNA);
    await s.see(BEN, "Agreed by Ben and anna");
    // What is active is told to whoever comes on.
    await s.see(BEN, "Coil hot");
    await s.warn({ ...HOT, id: "three", message: "Fan stopped" });
    await s.see(BEN, "Fan stopped");
    expect(s.said(ANNA).some(({ text }) => text.includes("Fan stopped"))).toBe(false);
    expect([...s.said(GROUP), ...s.said(ADMIN)]).toEqual([]);
    await s.warn({ ...HOT, id: "grave", message: "Rotor touches", severity: "critical" });
    const [anna, ben] = [await s.see(ANNA, "Rotor touches"), await s.see(BEN, "Rotor touches")];
    expect(await s.press(anna, "Acknowledge", ANNA)).toContain("Another person has to acknowledge it, too.");
    await s.seeIn(ben, "Seen by Anna");
    expect(await s.press(anna, "Acknowledge", ANNA)).toContain("Another person has to acknowledge it, too.");
    expect(await s.press(ben, "Acknowledge", BEN)).toContain("Acknowledged #");
    await s.seeIn(anna, "Acknowledged by Anna and Ben");
    for (const state of ["active", "cleared"]) {
      await s.warn({ ...HOT, id: "brief", message: "Rotor shook", severity: "critical", state });
      await s.see(ANNA, "Rotor shook");
    }
    await s.see(ANNA, "✅ Cleared");
    expect(await s.press(await s.ask(ANNA, "/alarms", { userId: ANNA }), "Acknowledge #5", ANNA)).toBe(
      "0 of 1 acknowledged. Still open: 1 that another person has to acknowledge, too.",
    );
    const card = await s.see(BEN, "🔁 Handover · anna → Ben");
    expect(card.text).toContain("Pump leaks");
    s.say(BEN, "Pump 3 is noisy", { userId: BEN, replyTo: card.messageId });
    await s.see(BEN, "Noted for whoever comes next.");
    s.say(BEN, "x".repeat(1_001), { userId: BEN, replyTo: card.messageId });
    await s.see(BEN, "It was longer than 1,000 characters: the rest is not kept.");
    expect(await s.press(card, "Taken over", BEN)).toBe("You have taken over.");
    await s.see(ANNA, "Ben has taken over from you.");
    expect((await s.ask(BEN, "/handover", { userId: BEN })).text).toContain("Pump 3 is noisy");
    await s.app.kill();
    await s.start();
    expect((await s.ask(ANNA, "/duty", { userId: ANNA })).text).toContain("On duty: Ben");
    expect((await s.ask(ADMIN, "/audit 1h")).text).toContain("agreed: take");
  });
});
