import mqtt from "mqtt";
import { describe, expect, it, onTestFinished } from "vitest";
import { TOPIC } from "../support/alarms.ts";
import { hasMosquitto, startMosquitto } from "../support/mosquitto.ts";
import { until } from "../support/until.ts";
import { ADMIN, createWorld, STRANGER, type World } from "../support/world.ts";

const BROKER_DROPS = "$SYS/broker/publish/messages/dropped";

/** The program before a mosquitto, and what /status says. */
async function open(lines: readonly string[] = []) {
  const broker = await startMosquitto({ lines });
  onTestFinished(() => broker.remove());
  const world = await createWorld(broker.url, { MQTT_LIVE_TOPICS: BROKER_DROPS });
  onTestFinished(() => world.remove());
  await world.start();
  return { ...world, broker, status: () => statusOf(world) };
}

/** The same for who is on the machine, as often as one likes: a person has a budget. */
const statusPage = (url: string): Promise<string> => fetch(`${url}/status.json`).then((response) => response.text());

async function statusOf({ telegram }: World): Promise<string> {
  const asked = telegram.say({ chatId: ADMIN, text: "/status" });
  const answer = () => telegram.messages(ADMIN).find(({ messageId, from }) => from === "bot" && messageId > asked);
  return (await telegram.waitFor(answer, 10_000)).text;
}

describe.skipIf(!hasMosquitto)("what is dropped", () => {
  it("by a broker whose queue is full while the program is away is counted and said", async () => {
    const { app, broker, status, ...world } = await open(["max_queued_messages 10", "sys_interval 1"]);
    expect(await status()).not.toContain("Dropped");
    await app.stop();
    const plant = await mqtt.connectAsync(broker.url);
    onTestFinished(() => plant.endAsync());
    const all = Array.from({ length: 100 }, (_, i) => `Pump ${i} stands still`);
    await Promise.all(all.map((text) => plant.publishAsync(TOPIC, text, { qos: 1 })));
    await world.start();
    // What came is what it kept, so what it says that it dropped is the rest.
    const said = await until("it says so", async () =>
      /(\d+) messages by the broker/.exec(await statusPage(app.url())),
    );
    const dropped = Number(said[1]);
    expect(dropped).toBeGreaterThan(50);
    await until("all that it kept is told", () => {
      const told = world.telegram.messages(ADMIN).filter(({ text }) => text.includes("stands still"));
      return told.length === all.length - dropped;
    });
  });

  it("of payloads too long, and of strangers' updates, too; whoever is known is answered meanwhile", async () => {
    const { telegram, app, warn, status } = await open();
    for (let i = 0; i < 1_000; i++) telegram.say({ chatId: STRANGER, text: `let me in ${i}` });
    const askedAt = Date.now();
    await status();
    expect(Date.now() - askedAt).toBeLessThan(2_000);
    await warn("x".repeat(1_000_000));
    await until("the card is there", () => telegram.messages(ADMIN).some(({ text }) => text.includes("1000000 bytes")));
    const text = await status();
    expect(text).toContain("Dropped: 1 messages over 64 KiB");
    expect(text).toContain("Dropped: 999 updates of people without a role");
    expect(app.log.filter(({ msg }) => msg === "not served")).toHaveLength(1);
    expect(telegram.messages(STRANGER).filter(({ from }) => from === "bot")).toEqual([]);
  });
});
