import mqtt, { type MqttClient } from "mqtt";
import { afterEach, describe, expect, it } from "vitest";
import { startBroker } from "../../src/demo/broker.ts";
import { hasMosquitto, startMosquitto } from "../support/mosquitto.ts";
import { createWorld, GROUP, type World } from "../support/world.ts";

const RING = "plants/Building 6/TcIotCommunicator/Messages";
const ZONE = "Europe/Helsinki";

const brokers = [
  ["aedes", startBroker],
  ...(hasMosquitto
    ? [["mosquitto", async () => startMosquitto().then(({ url, remove }) => ({ url, stop: remove }))] as const]
    : []),
] as const;

/** What the PLC's clock, which shows Helsinki's time, writes. */
function stamp(at: number): string {
  const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE, dateStyle: "short", timeStyle: "medium" });
  return `${clock.format(at).replace(" ", "T")}.250`;
}

describe.each(brokers)("TwinCAT IoT Communicator messages through %s", (_, openBroker) => {
  const opened: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of opened.splice(0).toReversed()) await close();
  });

  async function open(): Promise<{ world: World; plc: MqttClient }> {
    const broker = await openBroker();
    opened.push(() => broker.stop());
    const plc = await mqtt.connectAsync(broker.url);
    opened.push(() => plc.endAsync(true));
    const settings = { MQTT_ALARM_TOPICS: "plants/+/TcIotCommunicator/Messages/+", TWINCAT_TIME_ZONE: ZONE };
    const world = await createWorld(broker.url, settings);
    opened.push(() => world.remove());
    return { world, plc };
  }

  it("ring once, whatever the broker hands out again; are acknowledged and cleared in their slots", async () => {
    const { world, plc } = await open();
    const { telegram, app } = world;
    const cards = () =>
      telegram
        .messages(GROUP)
        .map(({ text }) => text)
        .filter((text) => text.includes("#"));
    const card = (message: string, says: string) => () =>
      cards().filter((text) => text.includes(message) && text.includes(says)).length === 1;
    const publish = (n: number, payload: string | Buffer) =>
      plc.publishAsync(`${RING}/${n}`, payload, { qos: 1, retain: true });
    /** As a PLC does: in its code page, the rest of its buffer being NUL. */
    const put = (n: number, content: object) =>
      publish(n, Buffer.concat([Buffer.from(JSON.stringify(content), "latin1"), Buffer.alloc(300)]));

    const now = Date.now();
    const coil = { Timestamp: stamp(now - 1_000), Message: "Coil 82.1 °C", Type: "Error" };
    const pump = { Timestamp: stamp(now), Message: "Pump 3 stopped", Type: "Critical" };
    // Raised before the first start, and while it runs.
    await put(7, coil);
    await world.start();
    await telegram.waitFor(card("Coil 82.1 °C", "🟠 ERROR · Building 6"), 10_000);
    await put(8, pump);
    await telegram.waitFor(card("Pump 3 stopped", "🔴 CRITICAL · Building 6"), 10_000);

    // Each start subscribes anew, so the broker hands out both again, before what is new.
    await app.stop();
    await world.start();
    await put(9, { Timestamp: stamp(now), Message: "Door open" });
    await telegram.waitFor(card("Door open", "⚠️ WARNING"), 10_000);
    expect(cards()).toHaveLength(3);
    expect(cards().filter((text) => text.includes("× since"))).toEqual([]);

    // By another program, which writes UTF-8.
    await publish(8, JSON.stringify({ ...pump, sent: false, Acknowledgement: "On my way" }));
    await telegram.waitFor(card("Pump 3 stopped", "👤 Acknowledged by IoT Communicator: “On my way”"), 10_000);
    await publish(8, "");
    await telegram.waitFor(card("Pump 3 stopped", "✅ CLEARED"), 10_000);
    await publish(7, '""');
    await telegram.waitFor(card("Coil 82.1 °C", "✅ CLEARED"), 10_000);
    expect(cards()).toHaveLength(3);
  });
});
