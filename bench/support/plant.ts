import mqtt, { type MqttClient } from "mqtt";
import { createValvomo, type Valvomo } from "../../test/support/valvomo.ts";
import { startBroker } from "./broker.ts";
import { waitUntil } from "./clock.ts";
import type { Defer } from "./figure.ts";
import { startSink, type Sink } from "./sink.ts";

/** Where the warnings are published. */
export const TOPIC = "lut/AMBsystem/warnings";
/** Who gets them, and the bot that brings them. */
export const [CHAT, TOKEN] = [11, "123:token-of-the-sink"];

/** The program, between a broker and a Telegram that takes everything. */
export interface Plant {
  /** The real program in a process of its own, with a database on the disk; not started yet. */
  readonly app: Valvomo;
  readonly sink: Sink;
  readonly brokerUrl: string;
}

/**
 * Starts broker and sink and prepares the program: one chat gets the alarms, and nothing but Telegram sets the pace.
 * @param settings besides the usual ones
 * @param brokerLines of the broker's configuration
 */
export async function createPlant(
  defer: Defer,
  settings: Readonly<Record<string, string>> = {},
  brokerLines: readonly string[] = [],
): Promise<Plant> {
  const broker = await startBroker(brokerLines);
  defer(() => broker.stop());
  const sink = await startSink();
  defer(() => sink.stop());
  const app = createValvomo({
    TELEGRAM_BOT_TOKEN: TOKEN,
    TELEGRAM_API_ROOT: sink.url,
    TELEGRAM_ADMIN_IDS: String(CHAT),
    TELEGRAM_ALARM_CHAT_IDS: String(CHAT),
    TELEGRAM_PACE: "off",
    FLOOD_RATE: "off",
    MQTT_URL: broker.url,
    ...settings,
  });
  defer(() => app.remove());
  return { app, sink, brokerUrl: broker.url };
}

/** The same with the program started and subscribed, and a connection to publish by. */
export async function startPlant(
  defer: Defer,
  settings: Readonly<Record<string, string>> = {},
  brokerLines: readonly string[] = [],
): Promise<Plant & { readonly publisher: MqttClient }> {
  const plant = await createPlant(defer, settings, brokerLines);
  await plant.app.start();
  await waitUntil("the program has subscribed", () => plant.app.log.some(({ msg }) => msg === "subscribed"));
  const publisher = await mqtt.connectAsync(plant.brokerUrl);
  defer(() => publisher.endAsync());
  return { ...plant, publisher };
}

/** A warning as the plant sends it, of the alarm with this number. `serial` makes it differ from all others. */
export function warning(alarm: number, serial: number): string {
  return JSON.stringify({
    id: `coil-${alarm}`,
    message: `Coil ${alarm} is hot`,
    severity: "warning",
    source: "AMB",
    value: 80 + (serial % 100) / 10,
    unit: "°C",
    limit: 80,
    timestamp: Date.now(),
    serial,
  });
}

/** The number of the alarm that a card is for. */
export const alarmOf = (cardText: string): number => Number(/Coil (\d+) is hot/.exec(cardText)?.[1] ?? Number.NaN);
