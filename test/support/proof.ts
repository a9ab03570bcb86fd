import { parser } from "mqtt-packet";
import { OWN_TOPIC } from "../../src/alarms/payloads/own.ts";
import type { ShownMessage } from "../../src/demo/telegram/view.ts";
import { startMosquitto, type Mosquitto } from "./mosquitto.ts";
import { countRows } from "./databases.ts";
import { startProxy, type Proxy } from "./proxy.ts";
import { ADMIN, createWorld, type World } from "./world.ts";

/** A world around a real broker, which the program reaches through a proxy; the plant reaches it directly. */
export interface Proof extends World {
  readonly mosquitto: Mosquitto;
  readonly proxy: Proxy;
  /** The cards that a chat shows, oldest first. */
  cards(chatId?: number): ShownMessage[];
  /** The machine that each card of a chat names, as "Machine 7"; cards of other alarms are left out. */
  readonly machines: (chatId?: number) => string[];
  /** Rows that the program has on disk, seen from outside; of events those of the plant. */
  count(table: "events" | "decisions"): Promise<number>;
  /** Begins to count the PUBACKs that come from the program; returns what tells how many came since. */
  watchPubacks(): () => number;
}

/**
 * Builds it; the program is not started yet. The admin's private chat gets the alarms, each as a card, at no pace.
 * @param options `lines`: configuration of mosquitto; `settings`: of the program
 */
export async function createProof(
  options: { readonly lines?: readonly string[]; readonly settings?: Readonly<Record<string, string>> } = {},
): Promise<Proof> {
  const mosquitto = await startMosquitto({ lines: options.lines ?? [] });
  const proxy = await startProxy(mosquitto.port);
  const world = await createWorld(mosquitto.url, {
    MQTT_URL: `mqtt://127.0.0.1:${proxy.port}`,
    TELEGRAM_ALARM_CHAT_IDS: String(ADMIN),
    FLOOD_RATE: "off",
    TOGETHER_RATE: "off",
    ALARM_REPEAT_RATE: "off",
    ...options.settings,
  });
  const cards = (chatId = ADMIN) => world.telegram.messages(chatId).filter(({ text }) => /#\d/.test(text));

  return {
    ...world,
    mosquitto,
    proxy,
    cards,
    machines: (chatId) => cards(chatId).flatMap(({ text }) => /Machine \d+/.exec(text)?.[0] ?? []),
    // A take-over tells of itself.
    count: (table) =>
      countRows(world.app.databaseUrl, table === "events" ? `events WHERE topic NOT LIKE '${OWN_TOPIC}%'` : table),
    watchPubacks() {
      let pubacks = 0;
      const packets = parser({ protocolVersion: 4 });
      packets.on("packet", ({ cmd }) => {
        if (cmd === "puback") pubacks += 1;
      });
      proxy.watch("toServer", (chunk) => packets.parse(chunk));
      return () => pubacks;
    },
    async remove() {
      await world.remove();
      await proxy.close();
      await mosquitto.remove();
    },
  };
}
