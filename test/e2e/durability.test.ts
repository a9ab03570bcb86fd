import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, it } from "vitest";
import { hasMosquitto, startMosquitto, type Mosquitto } from "../support/mosquitto.ts";
import { until } from "../support/until.ts";
import { ADMIN, createWorld, type World } from "../support/world.ts";

describe.skipIf(!hasMosquitto)("nothing is lost", () => {
  const opened: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of opened.splice(0).toReversed()) await close();
  });

  async function world(settings = {}): Promise<World & { mosquitto: Mosquitto }> {
    const mosquitto = await startMosquitto();
    opened.push(() => mosquitto.remove());
    const created = await createWorld(mosquitto.url, { TELEGRAM_ALARM_CHAT_IDS: String(ADMIN), ...settings });
    opened.push(() => created.remove());
    await created.start();
    return { ...created, mosquitto };
  }

  /** What the program has on disk, seen from outside. */
  function storedEvents(path: string): number {
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      return Number(database.prepare("SELECT COUNT(*) AS n FROM events").get()?.["n"]);
    } finally {
      database.close();
    }
  }

  const cards = ({ telegram }: World) => telegram.messages(ADMIN).map(({ text }) => text);

  it("when it is killed between storing and sending: the card comes after the restart", async () => {
    const w = await world();
    const lift = w.telegram.fault({ method: "sendMessage", failure: "hang", times: Infinity });
    await w.warn("Coil hot");
    await w.warn("Rotor slow");
    await until("both are stored", () => storedEvents(w.app.databasePath) === 2);
    await w.app.kill();
    lift();
    expect(cards(w)).toEqual([]);
    await w.start();
    await w.telegram.waitFor(() => cards(w).length === 2, 10_000);
    expect(
      cards(w)
        .toSorted()
        .map((text) => text.split("\n")[1]),
    ).toEqual(["Coil hot", "Rotor slow"]);
  });

  it("when it is killed after Telegram took the card and before it knew: at most one is told again", async () => {
    const w = await world();
    w.telegram.fault({ method: "sendMessage", failure: "dropAfter" });
    await w.warn("Coil hot");
    await w.telegram.waitFor(() => cards(w).length === 1, 10_000);
    await w.app.kill();
    await w.start();
    await w.warn("Rotor slow");
    await w.telegram.waitFor(() => cards(w).some((text) => text.includes("Rotor slow")), 10_000);
    expect(cards(w).filter((text) => text.includes("Coil hot")).length).toBeLessThanOrEqual(2);
  });

  it("when it is away: the broker keeps what comes, and all of it is shown", async () => {
    const w = await world();
    await w.app.kill();
    for (let i = 0; i < 100; i++) await w.warn(`Machine ${i} stopped`);
    await w.start();
    await w.telegram.waitFor(() => cards(w).length === 100, 10_000);
    expect(new Set(cards(w).map((text) => text.split("\n")[1])).size).toBe(100);
  });

  it("when it is killed again and again while warnings pour in", async () => {
    const w = await world();
    const count = 300;
    const pouring = (async () => {
      for (let i = 0; i < count; i++) await w.warn({ id: `a${i}`, message: `Alarm ${i}`, timestamp: Date.now() });
    })();
    for (let kills = 1; kills <= 3; kills++) {
      await w.telegram.waitFor(() => cards(w).length >= kills * 20, 10_000);
      await w.app.kill();
      await w.start();
    }
    await pouring;
    const told = () => new Set(cards(w).map((text) => text.split("\n")[1])).size;
    await w.telegram.waitFor(() => told() === count, 15_000);
    // At least once: a kill between Telegram's answer and our commit may repeat one card, never more.
    expect(cards(w).length - count).toBeLessThanOrEqual(3);
    expect(storedEvents(w.app.databasePath)).toBe(count);
  });

  it("when the broker restarts: subscribed again, and what came meanwhile is shown", async () => {
    const w = await world();
    await w.mosquitto.stop();
    await until("the link is seen to be down", () => w.app.log.some(({ msg }) => msg === "broker connection lost"));
    w.telegram.say({ chatId: ADMIN, text: "/status" });
    const status = await w.telegram.waitFor(() => cards(w).find((text) => text.includes("Valvomo:")), 10_000);
    expect(status).toMatch(/^❌ Broker: 127\.0\.0\.1:\d+ not connected since .*: .+/);
    await w.mosquitto.start();
    await w.warn("Coil hot");
    await w.telegram.waitFor(() => cards(w).some((text) => text.includes("Coil hot")), 10_000);
  });

  it("when it is stopped in order: it ends with code 0, and goes on where it was", async () => {
    const w = await world();
    await w.warn({ id: "a", message: "Coil hot" });
    await w.telegram.waitFor(() => cards(w).length === 1, 10_000);
    expect(await w.app.stop()).toBe(0);
    await w.warn({ id: "a", message: "Coil hot" });
    await w.start();
    await w.telegram.waitFor(() => cards(w)[0]?.includes("2× since"), 10_000);
    expect(cards(w)).toHaveLength(1);
  });

  it("when it starts without a broker and without Telegram, which come later", async () => {
    const mosquitto = await startMosquitto();
    opened.push(() => mosquitto.remove());
    const w = await createWorld(mosquitto.url, { TELEGRAM_ALARM_CHAT_IDS: String(ADMIN) });
    opened.push(() => w.remove());
    await mosquitto.stop();
    const lift = w.telegram.fault({ method: "*", failure: "drop", times: Infinity });
    await w.app.start();
    await until("both were missed", () =>
      ["Telegram polling ended; trying again", "broker link"].every((text) =>
        w.app.log.some(({ msg }) => msg === text),
      ),
    );
    await mosquitto.start();
    lift();
    await until("subscribed", () => w.app.log.some(({ msg }) => msg === "subscribed"));
    await w.warn("Coil hot");
    await w.telegram.waitFor(() => cards(w).length === 1, 15_000);
  });
});
