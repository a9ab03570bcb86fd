import { readFileSync } from "node:fs";
import { PLANT_FIELDS } from "../../src/simulator/fields.ts";
import { startMosquitto, type Mosquitto } from "./mosquitto.ts";
import { until } from "./until.ts";
import { createWorld, READ_KEY, type World } from "./world.ts";

/** The channel of the plant. */
const CHAIN_CHANNEL = 417;

/** The thesis' whole chain: the plant's broker, its bridge to a global one, and the program with the stand-ins behind that. */
export interface Chain extends World {
  /** Inside the plant. */
  readonly local: Mosquitto;
  /** Outside of it. */
  readonly global: Mosquitto;
  /** What the channel has, oldest first; `null` is blank. */
  entries(field: number): readonly { readonly at: number; readonly value: number | null }[];
  /** Starts the program and waits until it listens to the plant's warnings and measurements. */
  start(): Promise<void>;
  /** Resident memory of the program, MB. */
  memoryMb(): number;
}

/** Builds it with an empty channel; the program is not started yet. */
export async function createChain(settings: Readonly<Record<string, string>> = {}): Promise<Chain> {
  const global = await startMosquitto();
  const local = await startMosquitto({
    lines: [
      "connection plant-to-global",
      `address 127.0.0.1:${global.port}`,
      "remote_clientid plant-to-global",
      "cleansession false",
      "restart_timeout 1 2",
      ...["lut/AMBsystem/warnings/#", "plants/+/TcIotCommunicator/#", "bulkWrite/#", "remote/thingspeak/#"].map(
        (topic) => `topic ${topic} out 1`,
      ),
    ],
  });
  const world = await createWorld(global.url, {
    MQTT_BULK_TOPIC: "bulkWrite",
    MQTT_ALARM_TOPICS: "lut/AMBsystem/warnings/#,plants/+/TcIotCommunicator/Messages/#",
    THINGSPEAK_CHANNEL_ID: String(CHAIN_CHANNEL),
    THINGSPEAK_WRITE_API_KEY: "PLANTWRITEKEY417",
    ...settings,
  });
  const labels = Object.fromEntries(PLANT_FIELDS.map(({ number, label, unit }) => [number, `${label} (${unit})`]));
  world.thingspeak.addChannel({
    id: CHAIN_CHANNEL,
    name: "AMB system",
    labels,
    readApiKey: READ_KEY,
    writeApiKey: "PLANTWRITEKEY417",
    plan: "paid",
  });
  return {
    ...world,
    local,
    global,
    async start() {
      const before = world.app.log.length;
      await world.start();
      // What is published before the first subscription is nobody's.
      const isListening = () =>
        world.app.log.slice(before).some(({ msg, link }) => msg === "subscribed" && link === "bridge");
      await until("the way to ThingSpeak listens", isListening, 30_000);
    },
    entries: (field) =>
      world.thingspeak.entriesOf(CHAIN_CHANNEL).map((entry) => {
        const cell = entry[`field${field}`] ?? null;
        return { at: Number(entry["at"]), value: cell === null ? null : Number(cell) };
      }),
    memoryMb() {
      const status = readFileSync(`/proc/${world.app.pid}/status`, "utf8");
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024;
    },
    async remove() {
      await world.remove();
      await local.remove();
      await global.remove();
    },
  };
}
