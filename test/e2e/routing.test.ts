import { describe, expect, it } from "vitest";
import { HOT, openScene, type Scene } from "../support/scene.ts";
import { until } from "../support/until.ts";
import { ADMIN, GROUP, OTHER } from "../support/world.ts";

const FORUM = -1_001_234;
const THREAD = 7;

const PLANTS = `
chats:
  hall: ${GROUP}
  night: { chat: ${FORUM}, thread: ${THREAD} }
routes:
  - { to: hall, severity: warning, source: "AMB *" }
  - { to: night, severity: error, topic: "lut/+/warnings/#" }
`;

const open = (): Promise<Scene> =>
  openScene({
    plants: PLANTS,
    prepare: (telegram) =>
      telegram.addGroup({
        id: FORUM,
        title: "Works",
        isForum: true,
        threadIds: [THREAD, 8],
        members: [
          { id: ADMIN, firstName: "Aino" },
          { id: OTHER, firstName: "Boris" },
        ],
      }),
  });

describe("routes of the plants file", () => {
  it("take by severity, source and topic; a chat that is added when it gets worse sees it as new", async () => {
    const s = await open();
    await s.warn({ ...HOT, severity: "warning" });
    await s.see(GROUP, "Coil hot");
    await s.warn({ ...HOT, message: "Coil very hot" });
    const card = await s.see(FORUM, "Coil very hot");
    expect(card).toMatchObject({ threadId: THREAD, isSilent: false });
    expect(s.said(FORUM)).toHaveLength(1);
    await s.see(GROUP, "Coil very hot");
    expect(s.said(ADMIN)).toEqual([]);
  });

  it("keep to their thread: the card, what answers it, a board's reply and what people ask there", async () => {
    const s = await open();
    await s.warn({ ...HOT, severity: "critical" });
    const card = await s.see(FORUM, "Coil hot");
    expect(await s.press(card, "Acknowledge", OTHER)).toBe("Acknowledged #1.");
    await s.press(card, "Why?", OTHER);
    expect(await s.see(FORUM, "newest first:")).toMatchObject({ threadId: THREAD });
    await s.warn({ ...HOT, severity: "critical", state: "cleared" });
    expect(await s.see(FORUM, "✅ Cleared")).toMatchObject({ threadId: THREAD, replyTo: card.messageId });
    expect(await s.ask(FORUM, "/alarm 1", { threadId: 8 })).toMatchObject({ threadId: 8 });
    s.say(FORUM, "Fixed", { userId: OTHER, replyTo: card.messageId });
    expect(await s.see(FORUM, "Noted with #1.")).toMatchObject({ threadId: THREAD });
  });

  it("send what they do not take to the admins, as such", async () => {
    const s = await open();
    await s.warn({ ...HOT, id: "pump", message: "Pump leaks", source: "Pump 3", severity: "warning" });
    const card = await s.see(ADMIN, "Pump leaks");
    expect(card.text).toContain("No route takes this alarm, so it comes to the admins.");
    expect(card.isSilent).toBe(false);
    expect([...s.said(GROUP), ...s.said(FORUM)]).toEqual([]);
    expect((await s.ask(GROUP, "/why 1", { userId: OTHER })).text).toContain("in this chat: no route sends it here.");
  });
});

it("a thread that is not there is an alarm that names its routes; what was for it comes to the admins, as such", async () => {
  const s = await openScene({
    plants: `
chats: { hall: ${GROUP}, night: { chat: ${FORUM}, thread: 99 }, day: { chat: ${FORUM}, thread: ${THREAD} } }
routes: [ { to: night, source: "AMB *" }, { to: day, source: "Pump *" } ]
`,
    prepare: (telegram) =>
      telegram.addGroup({ id: FORUM, title: "Works", isForum: true, threadIds: [THREAD], members: [] }),
  });
  await s.warn(HOT);
  const trouble = await s.see(ADMIN, `Thread 99 of chat ${FORUM} gets no alarms`);
  expect(trouble.text).toContain("message thread not found. Routes that reach nobody now: info AMB *");
  expect((await s.see(ADMIN, "Coil hot")).text).toContain("None of the chats that it goes to can be reached");
  // The others of the chat go on.
  await s.warn({ ...HOT, id: "pump", message: "Pump leaks", source: "Pump 3" });
  expect(await s.see(FORUM, "Pump leaks")).toMatchObject({ threadId: THREAD });
});

describe("/route", () => {
  it("is for admins: for this chat, this thread, a name, an id; shown to all by /routes, and taken back", async () => {
    const s = await open();
    for (const command of ['/route warning "Pump *" here', "/unroute 1"]) {
      expect((await s.ask(GROUP, command, { userId: OTHER })).text).toContain("Only an admin may do that");
    }
    const added = await s.ask(FORUM, "/route warning “Pump *” here", { threadId: 8 });
    expect(added).toMatchObject({ text: "Added: 1: warning and worse, from “Pump *” → Works (thread 8)", threadId: 8 });
    const pump = { id: "pump", message: "Pump leaks", source: "pump 3" };
    await s.warn(pump);
    expect(await s.see(FORUM, "Pump leaks")).toMatchObject({ threadId: 8 });
    expect((await s.ask(GROUP, "/routes", { userId: OTHER })).text.split("\n")).toEqual([
      "An alarm goes to every chat whose route takes it",
      "plants file: warning and worse, from “AMB *” → hall",
      "plants file: error and worse, on lut/+/warnings/# → night (thread 7)",
      "1: warning and worse, from “Pump *” → Works (thread 8)",
    ]);
    expect((await s.ask(ADMIN, '/route info "Fan *" hall')).text).toContain(
      "Added: 2: all alarms, from “Fan *” → hall",
    );
    for (const wrong of ["/route", "/route error nowhere", "/route loud here", "/route lut/#/x here"]) {
      expect((await s.ask(ADMIN, wrong)).text).toContain("· /route error lut/# here");
    }
    expect((await s.ask(ADMIN, "/unroute 1")).text).toBe("Route 1 is removed.");
    expect((await s.ask(ADMIN, "/unroute 1")).text).toContain("There is no route 1.");
    // What it was told before it still follows; what comes new goes elsewhere.
    await s.warn({ ...pump, state: "cleared" });
    await s.see(FORUM, "✅ CLEARED");
    await s.warn({ ...pump, message: "Pump leaks again" });
    await s.see(ADMIN, "Pump leaks again");
    expect(s.said(FORUM).filter(({ text }) => text.includes("again"))).toEqual([]);
  });

  it("without a plants file the first one changes who gets the rest, and says so; it is kept over a crash", async () => {
    const s = await openScene();
    expect((await s.ask(ADMIN, "/routes")).text).toBe("There are no routes: each alarm goes to every alarm chat.");
    const added = await s.ask(GROUP, "/route critical here");
    expect(added.text).toContain("from now on, alarms that no route takes go to the admins only");
    await s.app.kill();
    await s.start();
    await s.warn({ ...HOT, severity: "critical" });
    await s.see(GROUP, "Coil hot");
    await s.warn({ ...HOT, id: "mild", message: "Mild" });
    expect((await s.see(ADMIN, "Mild")).text).toContain("No route takes this alarm");
    expect(s.said(ADMIN).filter(({ text }) => text.includes("Coil hot"))).toEqual([]);
  });
});

it("follows the plants file when it changes, and says where it is wrong", async () => {
  const s = await open();
  await s.warn({ ...HOT, id: "pump", message: "Pump leaks", source: "Pump 3", severity: "warning" });
  await s.see(ADMIN, "Pump leaks");
  s.writePlants(PLANTS.replace('source: "AMB *"', 'source: "Pump *"'));
  await until("the file is followed", () => s.app.log.some(({ msg }) => msg === "the plants file was read again"));
  // What is active is told where it goes only now.
  await s.see(GROUP, "Pump leaks");
  expect((await s.ask(GROUP, "/routes", { userId: OTHER })).text).toContain("Pump *");
  await s.warn({ ...HOT, id: "pump4", message: "Pump 4 leaks", source: "Pump 4", severity: "warning" });
  await s.see(GROUP, "Pump 4 leaks");
  s.writePlants("routes: [{ to: nowhere }]");
  expect((await s.see(ADMIN, "stays in force", 20_000)).text).toMatch(/plants\.\u2060?yaml line 1: .*nowhere/);
  s.writePlants(PLANTS);
  await s.see(ADMIN, "✅ CLEARED", 20_000);
});
