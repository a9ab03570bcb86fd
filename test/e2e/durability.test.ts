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

  const cards = ({ telegram }: World) => telegram.messages(ADMIN).map(({ text }) => text);

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
      ["Telegram updates do not come; trying again", "broker link"].every((text) =>
        w.app.log.some(({ msg }) => msg === text),
      ),
    );
    await mosquitto.start();
    lift();
    await until("subscribed", () => w.app.log.some(({ msg }) => msg === "subscribed"));
    await w.warn("Coil hot");
    await w.telegram.waitFor(() => cards(w).length === 1, 15_000);
  });

  it("when Telegram refuses the token: /healthz is red, the plant is listened to, and the cards come later", async () => {
    const w = await world();
    const health = async () => (await fetch(`${w.app.url()}/healthz`)).status;
    expect(await health()).toBe(200);
    const failure = { status: 401, description: "Unauthorized" };
    const lift = w.telegram.fault({ method: "*", failure, times: Infinity });
    await w.warn("Coil hot");
    await until("the log says so", () => w.app.log.some(({ msg }) => msg.startsWith("Telegram refuses the token")));
    expect(await health()).toBe(503);
    lift();
    await w.telegram.waitFor(() => cards(w).length === 1, 15_000);
    expect(await health()).toBe(200);
  });
});
