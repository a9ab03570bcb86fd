import { expect, it, onTestFinished } from "vitest";
import { hasMosquitto, passwordLine, startMosquitto } from "../support/mosquitto.ts";
import { until } from "../support/until.ts";
import { ADMIN, createWorld, GROUP } from "../support/world.ts";

const READ = "topic read lut/AMBsystem/warnings/#";
const WRITE = "topic write lut/AMBsystem/warnings/#";
/** Three tries in a row, ten seconds each, and room to spare. */
const WITHIN_MS = 70_000;

it.skipIf(!hasMosquitto)(
  "a read right that is taken away at a running broker is an alarm with the line that is missing, also after a restart, and over when it is back",
  async () => {
    const acl = (...lines: string[]): string => ["user valvomo", ...lines, ""].join("\n");
    const broker = await startMosquitto({
      listener: "allow_anonymous false\npassword_file $DIR/passwords\nacl_file $DIR/acl",
      files: { passwords: passwordLine("valvomo", "right"), acl: acl(READ) },
    });
    onTestFinished(() => broker.remove());
    const world = await createWorld(broker.url, {
      MQTT_USERNAME: "valvomo",
      MQTT_PASSWORD: "right",
      MQTT_LOOP_TEST: "5s",
    });
    onTestFinished(() => world.remove());
    const { telegram, app } = world;
    const cards = (chatId: number, text: string) =>
      telegram.messages(chatId).filter((message) => message.text.includes(text));
    const read = (path: string) => fetch(app.url() + path).then((response) => response.text());
    const told = (text: string, count = 1) => telegram.waitFor(() => cards(ADMIN, text).length === count, WITHIN_MS);

    // A site that never gave the right to write is told once, without a sound, what is missing.
    await world.start();
    await told("INFO");
    expect(cards(ADMIN, "topic write lut/AMBsystem/warnings/valvomo-loop")).toHaveLength(1);
    expect(await read("/status.json")).toContain("does not come back");

    broker.change("acl", acl(READ, WRITE));
    await told("CLEARED");
    expect(await read("/status.json")).toMatch(/through the broker and back in \d+ ms/);

    broker.change("acl", acl(WRITE));
    await told("CRITICAL");
    expect(cards(ADMIN, "CRITICAL")[0]?.text).toContain(READ);
    await app.stop();
    await world.start();
    await until("it is lost again", async () => (await read("/status.json")).includes("nothing comes by"), WITHIN_MS);

    broker.change("acl", acl(READ, WRITE));
    await told("CLEARED", 2);
    expect(await read("/metrics")).toContain('valvomo_broker_loop_up{filter="lut/AMBsystem/warnings/#"} 1');
    // It is no alarm of the plant, and no business of others.
    expect(telegram.messages(GROUP)).toEqual([]);
  },
  300_000,
);
