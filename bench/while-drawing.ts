import { setTimeout } from "node:timers/promises";
import { ADMIN } from "../test/support/world.ts";
import { startBroker } from "./support/broker.ts";
import { monotonicMs } from "./support/clock.ts";
import { atMost, percentile, type Bench } from "./support/figure.ts";
import { createCrowd } from "./support/people.ts";

const ALARMS = 400;
const EVERY_MS = 50;
const PLOTS_PER_SECOND = 5;
/** Nobody may ask for more than a plot in three seconds for long. */
const PEOPLE = PLOTS_PER_SECOND * 4;

/**
 * New alarms on their way to a chat while people ask for plots, each of 5,760 entries. ThingSpeak and Telegram are the
 * stand-ins in this process, so what they take is measured with the program.
 */
export const whileDrawing: Bench = {
  name: "while-drawing",
  async run(defer) {
    const broker = await startBroker();
    defer(() => broker.stop());
    const { telegram, people, ...world } = await createCrowd(PEOPLE, broker.url, {
      TELEGRAM_ALARM_CHAT_IDS: String(ADMIN),
    });
    defer(() => world.remove());
    await world.start();
    const pictures = () => people.flatMap((id) => telegram.messages(id).filter(({ photo }) => photo !== null)).length;
    let asked = 0;
    const ask = () => {
      telegram.say({ chatId: people[asked % people.length]!, text: "/plot 24h" });
      asked += 1;
    };
    ask();
    await telegram.waitFor(() => pictures() === 1, 10_000);
    const timer = setInterval(ask, 1_000 / PLOTS_PER_SECOND);
    defer(async () => clearInterval(timer));
    const latencies: number[] = [];
    const beganAt = monotonicMs();
    for (let i = 0; i < ALARMS; i++) {
      await setTimeout(Math.max(0, beganAt + i * EVERY_MS - monotonicMs()));
      const sent = telegram.calls.length;
      const publishedAt = monotonicMs();
      await world.warn({ id: `a${i}`, message: `Alarm ${i} of many` });
      const isThere = () =>
        telegram.calls
          .slice(sent)
          .some(({ method, params }) => method === "sendMessage" && String(params["text"]).includes(`Alarm ${i} of`));
      await telegram.waitFor(isThere, 10_000);
      latencies.push(monotonicMs() - publishedAt);
    }
    clearInterval(timer);
    await telegram.waitFor(() => pictures() === asked, 30_000);
    return [
      atMost(
        `publish → card, while ${PLOTS_PER_SECOND} plots a second are drawn: p50`,
        10,
        percentile(latencies, 0.5),
        "ms",
      ),
      atMost(`… p99`, 25, percentile(latencies, 0.99), "ms"),
    ];
  },
};
