import { afterEach, describe, expect, it } from "vitest";
import { startBroker } from "../../src/demo/broker.ts";
import { hasMosquitto, startMosquitto } from "../support/mosquitto.ts";
import { until } from "../support/until.ts";
import { ADMIN, createWorld, GROUP, OTHER, STRANGER, type World } from "../support/world.ts";

/** What is tried here is the same with any broker; test/mqtt and the proofs try each. */
const openBroker = hasMosquitto
  ? () => startMosquitto().then(({ url, remove }) => ({ url, stop: remove }))
  : startBroker;

describe("warnings", () => {
  const opened: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of opened.splice(0).toReversed()) await close();
  });

  async function world(
    ...options: Parameters<typeof createWorld> extends [string, ...infer Rest] ? Rest : never
  ): Promise<World> {
    const broker = await openBroker();
    opened.push(() => broker.stop());
    const created = await createWorld(broker.url, ...options);
    opened.push(() => created.remove());
    await created.start();
    return created;
  }

  const texts = ({ telegram }: World, chatId: number) => telegram.messages(chatId).map(({ text }) => text);

  it("reach every alarm chat as a card, in whatever form they come", async () => {
    const { telegram, warn, ...rest } = await world();
    await warn({
      message: "Coil <too> hot & rising",
      severity: "critical",
      source: "AMB_1*",
      value: 82.1,
      unit: "°C",
      limit: 80,
      timestamp: "2026-01-22T12:03:07Z",
    });
    await warn("[info] Run-up done");
    await warn(new Uint8Array([0x42, 0xff, 0xfe]));
    await warn('{"message": broken');
    for (const chatId of [ADMIN, GROUP]) {
      await telegram.waitFor(() => telegram.messages(chatId).length === 4, 10_000);
      // The most severe goes first, so the order is not that of their coming.
      const [json, text, bytes, broken] = [1, 2, 3, 4].map((id) =>
        telegram.messages(chatId).find((message) => message.text.endsWith(`#${id}`)),
      );
      expect(json?.text.replaceAll(/\d\d:\d\d:\d\d EES?T/g, "TIME").split("\n")).toEqual([
        "🔴 CRITICAL · AMB_1*",
        "Coil <too> hot & rising",
        "82.1 °C (limit 80 °C)",
        "⏭ Reminder at TIME",
        "🐌 Late: it came only at TIME.",
        "🕒 2026-01-22 TIME · #1",
      ]);
      expect(json?.isSilent).toBe(false);
      expect(text?.text).toMatch(/^ℹ️ INFO · AMBsystem\nRun-up done\n🕒 \d\d:\d\d:\d\d EES?T · #2$/);
      expect(text?.isSilent).toBe(true);
      expect(bytes?.text).toContain("Bÿþ");
      expect(broken?.text).toMatch(/^⚠️ WARNING · .*\nbroken\n/);
    }
    expect(telegram.calls.filter(({ status }) => status !== null && status >= 400)).toEqual([]);
    expect(rest.app.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  });

  it("become one card that counts, and rings again only when it got worse or came back", async () => {
    const w = await world();
    const { telegram, warn } = w;
    const alarm = { id: "coil-hot", message: "Coil hot", severity: "warning", state: "active", unit: "°C" };
    for (const value of [81, 82, 83]) await warn({ ...alarm, value });
    await telegram.waitFor(() => texts(w, ADMIN)[0]?.includes("3× since"), 10_000);
    expect(texts(w, ADMIN)).toHaveLength(1);
    expect(texts(w, ADMIN)[0]).toContain("83 °C");
    await warn({ ...alarm, value: 91, severity: "critical" });
    await telegram.waitFor(() => texts(w, ADMIN).length === 2, 10_000);
    await warn({ ...alarm, state: "cleared", value: 70 });
    await telegram.waitFor(() => texts(w, ADMIN)[1]?.startsWith("✅ CLEARED"), 10_000);
    // It rang as critical, so its end is heard, too.
    const end = await telegram.waitFor(() => telegram.messages(ADMIN)[2], 10_000);
    expect(end).toMatchObject({
      // Where a second went by it says so.
      text: expect.stringMatching(/^✅ Cleared( after \d+ s)?\.$/),
      isSilent: false,
      replyTo: telegram.messages(ADMIN)[1]?.messageId,
    });
    await warn({ ...alarm, value: 81 });
    await telegram.waitFor(() => texts(w, ADMIN).length === 4, 10_000);
    expect(telegram.messages(ADMIN).map(({ isSilent }) => isSilent)).toEqual([false, false, false, false]);
    // The old cards say where it went on, and the new ones answer them.
    await telegram.waitFor(
      () => texts(w, ADMIN).filter((text) => text.startsWith("⤵️ Continued below")).length === 2,
      10_000,
    );
    const [first, second, , third] = telegram.messages(ADMIN);
    expect([second?.replyTo, third?.replyTo]).toEqual([first?.messageId, second?.messageId]);
    expect(third?.text).toMatch(/^⚠️ WARNING/);
    await warn("Bearing 2 noisy 0.5 mm/s");
    await warn("Bearing 2 noisy 0.7 mm/s");
    await telegram.waitFor(() => texts(w, ADMIN)[4]?.includes("2× since"), 10_000);
    expect(texts(w, ADMIN)[4]).toContain("0.7 mm/s");
  });

  it("are not told to strangers, who get silence and one log line", async () => {
    const { telegram, app, warn } = await world();
    telegram.say({ chatId: STRANGER, text: "/start" });
    telegram.say({ chatId: STRANGER, text: "/status" });
    await warn("Coil hot");
    await telegram.waitFor(() => telegram.messages(GROUP).length === 1, 10_000);
    telegram.say({ chatId: ADMIN, text: "/start" });
    await telegram.waitFor(() => telegram.messages(ADMIN).some(({ text }) => text.includes("This is Valvomo")), 10_000);
    expect(telegram.messages(STRANGER).filter(({ from }) => from === "bot")).toEqual([]);
    expect(app.log.filter(({ msg }) => msg === "not served")).toMatchObject([{ userId: STRANGER }]);
  });

  it("wait while Telegram asks to, and come exactly then", async () => {
    const { telegram, warn } = await world();
    telegram.fault({
      method: "sendMessage",
      chatId: ADMIN,
      failure: { status: 429, description: "Too Many Requests: retry after 2", retryAfterSeconds: 2 },
    });
    await warn("Coil hot");
    // The other chat does not wait for it.
    await telegram.waitFor(() => telegram.messages(GROUP).length === 1, 10_000);
    expect(telegram.messages(ADMIN)).toHaveLength(0);
    await telegram.waitFor(() => telegram.messages(ADMIN).length === 1, 10_000);
    const calls = telegram.calls.filter(
      ({ method, params }) => method === "sendMessage" && Number(params["chat_id"]) === ADMIN,
    );
    // It is shown before its answer is written.
    await until("both are answered", () => calls.every(({ status }) => status !== null));
    expect(calls.map(({ status }) => status)).toEqual([429, 200]);
    const waitedMs = (calls[1]?.at ?? 0) - (calls[0]?.at ?? 0);
    expect(waitedMs).toBeGreaterThanOrEqual(2_000);
    expect(waitedMs).toBeLessThan(3_000);
  });

  it("come through when Telegram fails in every way there is", async () => {
    const { telegram, warn } = await world();
    for (const failure of ["drop", "html", { status: 500, description: "Internal Server Error: restart" }] as const) {
      telegram.fault({ method: "sendMessage", failure, times: 2 });
    }
    await warn("Coil hot");
    for (const chatId of [ADMIN, GROUP]) await telegram.waitFor(() => telegram.messages(chatId).length === 1, 15_000);
  });

  it("are shown as plain text when their markup is refused, and sent anew when the card was deleted", async () => {
    const w = await world();
    const { telegram, warn } = w;
    const description = "Bad Request: can't parse entities: Unsupported start tag";
    telegram.fault({ method: "sendMessage", chatId: ADMIN, failure: { status: 400, description } });
    await warn("Coil hot");
    await telegram.waitFor(() => texts(w, ADMIN)[0]?.startsWith("⚠️ WARNING"), 10_000);
    telegram.fault({
      method: "editMessageText",
      chatId: ADMIN,
      failure: { status: 400, description: "Bad Request: message to edit not found" },
    });
    await warn("Coil hot");
    await telegram.waitFor(() => texts(w, ADMIN)[1]?.includes("2× since"), 10_000);
  });

  it("that a chat cannot get wait for it, while the others are told, until it gives a sign of life", async () => {
    const w = await world();
    const { telegram, warn } = w;
    telegram.block(GROUP);
    await warn("Coil hot");
    await warn("Rotor slow");
    await telegram.waitFor(
      () =>
        texts(w, ADMIN).some((text) => text.startsWith("🟠 ERROR · Valvomo\nChat -1009 gets no alarms: Forbidden: ")),
      10_000,
    );
    await telegram.waitFor(() => texts(w, ADMIN).length === 3, 10_000);
    // One call found out; the rest waits without knocking.
    expect(telegram.calls.filter(({ status }) => status === 403)).toHaveLength(1);
    telegram.say({ chatId: ADMIN, text: "/status" });
    const status = await telegram.waitFor(() => texts(w, ADMIN).find((text) => text.includes("Valvomo: 0")), 10_000);
    expect(status).toContain("Cards: 2 waiting");
    telegram.unblock(GROUP);
    await telegram.waitFor(() => telegram.messages(GROUP).length === 2, 10_000);
    await telegram.waitFor(
      () => texts(w, ADMIN).some((text) => /^✅ CLEARED.* · was ERROR · Valvomo/.test(text)),
      10_000,
    );
  });

  it("that Telegram refuses for good are set aside, told by /status, and tried again when the alarm changes", async () => {
    const w = await world();
    const { telegram, warn } = w;
    const failure = { status: 400, description: "Bad Request: chat is odd" };
    telegram.fault({ method: "sendMessage", chatId: GROUP, failure });
    await warn("Coil hot");
    await telegram.waitFor(() => telegram.calls.some(({ status }) => status === 400), 10_000);
    telegram.say({ chatId: ADMIN, text: "/status" });
    const status = await telegram.waitFor(() => texts(w, ADMIN).find((text) => text.includes("Valvomo: 0")), 10_000);
    expect(status).toMatch(/^❌ Cards refused: 1: Telegram says "Bad Request: chat is odd"/);
    await warn("Coil hot");
    await telegram.waitFor(() => texts(w, GROUP).some((text) => text.includes("2× since")), 10_000);
  });

  it.each([["before a warning comes"], ["while one is on its way"]])(
    "follow a group that becomes a supergroup %s",
    async (when) => {
      const w = await world();
      const { telegram, app, warn } = w;
      const supergroup = -1_002_222_222_222;
      if (when === "before a warning comes") {
        telegram.migrate(GROUP, supergroup);
        await until("noticed", () => app.log.some(({ msg }) => msg === "chat migrated"));
      } else {
        telegram.fault({
          method: "sendMessage",
          chatId: GROUP,
          failure: {
            status: 400,
            description: "Bad Request: group chat was upgraded to a supergroup chat",
            migrateToChatId: supergroup,
          },
        });
        telegram.addGroup({ id: supergroup, title: "Hall 6", members: [{ id: OTHER, firstName: "Boris" }] });
      }
      await warn("Coil hot");
      await telegram.waitFor(() => texts(w, supergroup).some((text) => text.includes("Coil hot")), 10_000);
      telegram.say({ chatId: supergroup, userId: OTHER, text: "/alarms" });
      await telegram.waitFor(() => texts(w, supergroup).some((text) => text.includes("1 active")), 10_000);
      await app.kill();
      await w.start();
      await warn("Rotor slow");
      await telegram.waitFor(() => texts(w, supergroup).some((text) => text.includes("Rotor slow")), 10_000);
    },
  );
});
