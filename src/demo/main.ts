import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createProgram } from "../app/program.ts";
import { readConfig } from "../config/read-config.ts";
import { ConfigError } from "../lib/errors.ts";
import { startBroker } from "./broker.ts";
import { PLANT_FIELDS } from "../simulator/fields.ts";
import { LIMITS } from "../simulator/limits.ts";
import { createSimulatedPlant, USUAL_PLANT } from "../simulator/plant.ts";
import { runPlant } from "../simulator/run.ts";
import { startTelegram, type Telegram } from "./telegram/server.ts";
import { triesOf } from "./tries.ts";
import { startThingSpeak } from "./thingspeak/server.ts";

/**
 * `npm run demo`: the whole plant in one process. The app is the real one, pointed at the stand-ins by ordinary
 * configuration. With TELEGRAM_BOT_TOKEN (and TELEGRAM_ADMIN_IDS) set, Telegram is the real one and only the plant is not.
 */

const WEEK_MS = 7 * 24 * 3_600_000;
const CHANNEL_ID = 417;
const BULK_TOPIC = "bulkWrite";
const READ_API_KEY = "DEMOREADKEY00001";
const WRITE_API_KEY = "DEMOWRITEKEY0001";
const DEMO_TOKEN = "4170417:demo-token-of-the-stand-in";
const YOU = { id: 1001, firstName: "You" };
const ANNA = { id: 1002, firstName: "Anna" };
const GROUP_ID = -1002;

const { env } = process;

async function startChat(): Promise<{
  where: string;
  /** Who looks on; `NaN` where the settings name nobody, which is refused. */
  you: number;
  settings: Record<string, string | undefined>;
  /** `null`: it is the real one. */
  telegram: Telegram | null;
  stop: () => Promise<void>;
}> {
  if (env["TELEGRAM_BOT_TOKEN"]) {
    const names = ["TELEGRAM_BOT_TOKEN", "TELEGRAM_API_ROOT", "TELEGRAM_ADMIN_IDS", "TELEGRAM_ALARM_CHAT_IDS"];
    const settings = Object.fromEntries(names.map((name) => [name, env[name]]));
    // Whoever tries it wants to see warnings: without a chat for them, the admins get them.
    settings["TELEGRAM_ALARM_CHAT_IDS"] ||= settings["TELEGRAM_ADMIN_IDS"];
    const you = Number.parseInt(settings["TELEGRAM_ADMIN_IDS"] ?? "");
    return { where: "your bot in Telegram: press Start there", you, settings, telegram: null, stop: async () => {} };
  }
  const telegram = await startTelegram({ token: DEMO_TOKEN });
  telegram.addPrivateChat(YOU);
  // She may do nothing until somebody invites her.
  telegram.addPrivateChat({ ...ANNA, isStarted: false });
  telegram.addGroup({ id: GROUP_ID, title: "AMB hall", members: [YOU, ANNA] });
  return {
    where: telegram.pageUrl,
    you: YOU.id,
    settings: {
      TELEGRAM_BOT_TOKEN: DEMO_TOKEN,
      TELEGRAM_API_ROOT: telegram.url,
      TELEGRAM_ADMIN_IDS: String(YOU.id),
      TELEGRAM_ALARM_CHAT_IDS: `${YOU.id},${GROUP_ID}`,
    },
    telegram,
    stop: telegram.stop,
  };
}

async function startPlant() {
  const now = Date.now;
  const [broker, thingspeak] = await Promise.all([startBroker(), startThingSpeak({ now })]);
  const labels = Object.fromEntries(PLANT_FIELDS.map(({ number, label, unit }) => [number, `${label} (${unit})`]));
  thingspeak.addChannel({
    id: CHANNEL_ID,
    name: "AMB system",
    labels,
    readApiKey: READ_API_KEY,
    writeApiKey: WRITE_API_KEY,
  });
  const plant = createSimulatedPlant({
    ...USUAL_PLANT,
    troubles: "cycle",
    channelId: CHANNEL_ID,
    writeKey: WRITE_API_KEY,
    bulkTopic: `${BULK_TOPIC}/${CHANNEL_ID}`,
  });
  thingspeak.load(CHANNEL_ID, plant.history(now() - WEEK_MS, now()));
  const ending = new AbortController();
  const running = runPlant({
    plant,
    link: {
      publish: broker.publish,
      listen: (filter, listener) => broker.listen(filter, ({ payload }) => listener(Buffer.from(payload))),
    },
    from: now(),
    forMs: Infinity,
    speed: 1,
    now,
    signal: ending.signal,
    say: console.log,
  });
  return {
    plant,
    broker,
    thingspeak,
    settings: {
      MQTT_URL: broker.url,
      THINGSPEAK_URL: thingspeak.url,
      THINGSPEAK_CHANNEL_ID: String(CHANNEL_ID),
      THINGSPEAK_READ_API_KEY: READ_API_KEY,
      THINGSPEAK_WRITE_API_KEY: WRITE_API_KEY,
      MQTT_BULK_TOPIC: BULK_TOPIC,
      TWINCAT_MAIN_TOPICS: USUAL_PLANT.mainTopic,
      TWINCAT_WRITE: "on",
      MQTT_ALARM_TOPICS: "lut/AMBsystem/warnings/#,plants/+/TcIotCommunicator/Messages/#",
    },
    async stop() {
      ending.abort();
      await running;
      await broker.stop();
      await thingspeak.stop();
    },
  };
}

/**
 * A plants file with the limits of the plant, so that plots show them, the name of its hall, and that whoever looks on is
 * on duty; JSON is YAML as well.
 */
function writePlants(path: string, you: number): string {
  const fields = LIMITS.map(({ field: { number, decimals }, limit }) => ({
    field: number,
    decimals,
    // The plant itself warns of them.
    limits: [{ above: limit, severity: "error", alarm: false }],
  }));
  const duty = { week: [{ from: "06:00", to: "06:00", who: "you" }] };
  const onDuty = Number.isNaN(you) ? {} : { chats: { you, hall6: GROUP_ID }, duty };
  writeFileSync(path, JSON.stringify({ fields, chats: { hall6: GROUP_ID }, ...onDuty }));
  return path;
}

/** A file of one's own is plotted in the place of the channel. */
const ownFile = (path = ""): Record<string, string | undefined> =>
  path === "" ? {} : { FEED_FILE: path, THINGSPEAK_CHANNEL_ID: undefined, THINGSPEAK_READ_API_KEY: undefined };

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "valvomo-demo-"));
  const [chat, plant] = await Promise.all([startChat(), startPlant()]);
  const program = createProgram(
    readConfig({
      ...chat.settings,
      ...plant.settings,
      ...ownFile(env["FEED_FILE"]),
      // Quick enough to be seen by who looks on for a few minutes.
      ALARM_CHATTER_RATE: "3/2m",
      ALARM_REPEAT_RATE: "4/10m",
      FLOOD_RATE: "10/1m",
      TOGETHER_RATE: "off",
      MQTT_ACK_SUFFIX: "/ack",
      PLANTS_FILE: writePlants(join(folder, "plants.yaml"), chat.you),
      DATABASE_URL: `file:${join(folder, "valvomo.db")}`,
      TIME_ZONE: env["TIME_ZONE"] ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
      HTTP_PORT: "0",
      LOG_LEVEL: env["LOG_LEVEL"] ?? "warn",
    }),
    // Its database is a file, which nobody takes over.
    () => undefined,
  );
  await program.start();
  if (chat.telegram !== null) {
    chat.telegram.offer(triesOf({ ...plant, telegram: chat.telegram }));
    // Whoever opens the page finds the greeting and its keys.
    chat.telegram.say({ chatId: YOU.id, userId: YOU.id, text: "/start" });
  }
  console.log(`\n  Valvomo watches a simulated plant. Open\n\n    ${chat.where}\n\n  Ctrl+C ends it.\n`);

  const stop = async (): Promise<void> => {
    await program.stop();
    await plant.stop();
    await chat.stop();
    rmSync(folder, { recursive: true, force: true });
    process.exit(0);
  };
  process.once("SIGINT", () => void stop()).once("SIGTERM", () => void stop());
}

main().catch((error: unknown) => {
  // Not the error itself: below one of the network's lies a URL with the token of your bot.
  console.error(
    error instanceof ConfigError ? error.problems.join("\n") : error instanceof Error ? error.stack : error,
  );
  process.exit(1);
});
