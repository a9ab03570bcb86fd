import { expect, it } from "vitest";
import { startBroker } from "../../src/demo/broker.ts";
import { until } from "../support/until.ts";
import { ADMIN, createWorld } from "../support/world.ts";

it("a device that says good-bye is an alarm, which is over when it is back", async () => {
  const broker = await startBroker();
  const desc = "plants/AMB/TcIotCommunicator/Desc";
  const w = await createWorld(broker.url, { MQTT_LIVE_TOPICS: "plants/+/TcIotCommunicator/Desc" });
  try {
    await w.start();
    w.telegram.say({ chatId: ADMIN, text: "/status" });
    const texts = () => w.telegram.messages(ADMIN).map(({ text }) => text);
    await until("the live topic is granted", () => texts().some((text) => text.includes("Live values: plants/+/")));
    await w.warn({ Online: true, Timestamp: new Date().toISOString() }, desc);
    await w.warn({ Online: false }, desc);
    const card = await w.telegram.waitFor(
      () => texts().find((text) => text.startsWith("🔴 CRITICAL · Valvomo")),
      25_000,
    );
    expect(card).toContain("AMB");
    await w.warn({ Online: true, Timestamp: new Date().toISOString() }, desc);
    await w.telegram.waitFor(() => texts().some((text) => text.startsWith("✅ CLEARED")), 25_000);
    // What is only listened to is no warning.
    expect(texts().filter((text) => text.includes("Online"))).toEqual([]);
  } finally {
    await w.remove();
    await broker.stop();
  }
}, 60_000);
