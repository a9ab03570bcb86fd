import mqtt, { type MqttClient } from "mqtt";
import { onTestFinished } from "vitest";
import { startTelegram, type Telegram, type TelegramOptions } from "../../src/demo/telegram/server.ts";
import { startThingSpeak, type ThingSpeakServer } from "../../src/demo/thingspeak/server.ts";
import type { Role } from "../../src/people/role.ts";
import { openPeople } from "../../src/store/people/people.ts";
import { migrate } from "../../src/store/schema.ts";
import { TOPIC } from "./alarms.ts";
import { openDatabaseAt } from "./databases.ts";
import { startMosquitto, type Mosquitto } from "./mosquitto.ts";
import { startProxy, type Proxy } from "./proxy.ts";
import { until } from "./until.ts";
import { createValvomo, type Valvomo } from "./valvomo.ts";

export const TOKEN = "417:token-of-the-stand-in";
export const ADMIN = 11;
export const OTHER = 12;
export const STRANGER = 66;
export const GROUP = -1_009;
const CHANNEL = 9;
export const READ_KEY = "READKEY123456789";

/** Everything around the program, on real sockets. */
export interface World {
  readonly telegram: Telegram;
  readonly thingspeak: ThingSpeakServer;
  readonly app: Valvomo;
  /** Publishes a warning with QoS 1; resolves when the broker has it. */
  readonly warn: (payload: string | object | Uint8Array, topic?: string) => Promise<void>;
  /** Gives somebody a role, as an invitation does; the program must not run. */
  admit(userId: number, name: string, role: Role): Promise<void>;
  /** Starts the program and waits until its subscription is granted and Telegram is polled. */
  start(): Promise<void>;
  remove(): Promise<void>;
}

type Settings = Readonly<Record<string, string>>;

/**
 * Builds a world around a broker: an admin's private chat and a group of two, the admin and an operator, get the alarms, a stranger looks on, and the
 * ThingSpeak channel has two fields with an entry every 15 s of the last two days.
 * @param settings besides the usual ones; or how they are made, once it is known where the stand-ins are
 * @param programOptions see valvomo.ts
 */
export async function createWorld(
  brokerUrl: string,
  settings: Settings | ((stands: Pick<World, "telegram" | "thingspeak">) => Promise<Settings>) = {},
  telegramOptions: Partial<TelegramOptions> = {},
  programOptions: Parameters<typeof createValvomo>[1] = {},
): Promise<World> {
  const telegram = await startTelegram({ token: TOKEN, ...telegramOptions });
  telegram.addPrivateChat({ id: ADMIN, firstName: "Aino" });
  telegram.addPrivateChat({ id: STRANGER, firstName: "Mallory" });
  telegram.addGroup({
    id: GROUP,
    title: "Hall 6",
    members: [
      { id: ADMIN, firstName: "Aino" },
      { id: OTHER, firstName: "Boris" },
    ],
  });
  const thingspeak = await startThingSpeak({ now: Date.now });
  thingspeak.addChannel({
    id: CHANNEL,
    name: "AMB",
    labels: { 1: "Coil temperature (°C)", 4: "Rotor speed (rpm)" },
    readApiKey: READ_KEY,
    writeApiKey: "WRITEKEY12345678",
  });
  // Past the seconds that a test’s own entries get: the service takes none whose second the channel has.
  const end = Math.floor((Date.now() - 2_000) / 15_000) * 15_000;
  const times = Float64Array.from({ length: 11_520 }, (_, i) => end - (11_519 - i) * 15_000);
  thingspeak.load(CHANNEL, {
    times,
    columns: {
      field1: times.map((at) => 60 + 5 * Math.sin(at / 3e6)),
      field4: times.map((at) => 3_000 + (at % 1_000)),
    },
  });
  const app = createValvomo(
    {
      TELEGRAM_BOT_TOKEN: TOKEN,
      TELEGRAM_API_ROOT: telegram.url,
      TELEGRAM_ADMIN_IDS: String(ADMIN),
      TELEGRAM_ALARM_CHAT_IDS: `${ADMIN},${GROUP}`,
      MQTT_URL: brokerUrl,
      THINGSPEAK_URL: thingspeak.url,
      THINGSPEAK_CHANNEL_ID: String(CHANNEL),
      THINGSPEAK_READ_API_KEY: READ_KEY,
      TIME_ZONE: "Europe/Helsinki",
      TELEGRAM_PACE: "off",
      FLOOD_RATE: "off",
      TOGETHER_RATE: "off",
      ALARM_REPEAT_RATE: "off",
      ...(typeof settings === "function" ? await settings({ telegram, thingspeak }) : settings),
    },
    programOptions,
  );
  let plant: Promise<MqttClient> | null = null;

  async function admit(userId: number, name: string, role: Role): Promise<void> {
    const database = await openDatabaseAt(app.databaseUrl);
    await migrate(database);
    const people = await openPeople(database, { adminIds: [], now: Date.now });
    await people.setRole(await people.meet({ userId, name }), role);
    await database.close();
  }
  await admit(OTHER, "Boris", "operator");

  return {
    telegram,
    thingspeak,
    app,
    admit,
    async warn(payload, topic = TOPIC) {
      // The first of many at once connects, not each of them.
      plant ??= mqtt.connectAsync(brokerUrl);
      const isText = typeof payload === "string" || payload instanceof Uint8Array;
      await (await plant).publishAsync(topic, isText ? Buffer.from(payload) : JSON.stringify(payload), { qos: 1 });
    },
    async start() {
      const linesBefore = app.log.length;
      const callsBefore = telegram.calls.length;
      await app.start();
      await telegram.waitFor(
        () => telegram.calls.slice(callsBefore).some(({ method }) => ["getUpdates", "setWebhook"].includes(method)),
        10_000,
      );
      // The log is read from a pipe, so it may come after the call.
      await until("it has subscribed", () => app.log.slice(linesBefore).some(({ msg }) => msg === "subscribed"));
    },
    async remove() {
      await (await plant)?.endAsync(true);
      await app.remove();
      await telegram.stop();
      await thingspeak.stop();
    },
  };
}

type Options = Parameters<typeof createWorld> extends [string, ...infer Rest] ? Rest : never;

/** A world around a mosquitto of its own, as `createWorld` has it; both are removed when the test has finished. */
export async function openMosquittoWorld(
  ...options: Options
): Promise<{ readonly mosquitto: Mosquitto; readonly world: World }> {
  const mosquitto = await startMosquitto();
  onTestFinished(() => mosquitto.remove());
  const world = await createWorld(mosquitto.url, ...options);
  onTestFinished(() => world.remove());
  return { mosquitto, world };
}

/** A world whose Telegram is reached through a proxy; both are removed when the test has finished. */
export async function openProxiedWorld(brokerUrl: string): Promise<{ readonly world: World; readonly link: Proxy }> {
  const { promise: link, resolve } = Promise.withResolvers<Proxy>();
  const world = await createWorld(brokerUrl, async ({ telegram }) => {
    const proxy = await startProxy(Number(new URL(telegram.url).port));
    onTestFinished(() => proxy.close());
    resolve(proxy);
    return { TELEGRAM_API_ROOT: `http://127.0.0.1:${proxy.port}` };
  });
  onTestFinished(() => world.remove());
  return { world, link: await link };
}
