import { setTimeout } from "node:timers/promises";
import { ADMIN, type World } from "../test/support/world.ts";
import { startBroker } from "./support/broker.ts";
import { monotonicMs } from "./support/clock.ts";
import { atMost, percentile, type Bench, type Figure } from "./support/figure.ts";
import { createCrowd } from "./support/people.ts";
import { fillAlarms, fillEvents } from "./support/fill.ts";

const OPEN = 100_000;
const EVENTS = 5_000_000;
/** Older than what is kept: to be forgotten while the rest is measured. */
const OLD = 200_000;
const ALARMS = 200;
const ASKED = 20;

/** What happens when very much is there: many open alarms, and years of events. */
export const large: Bench = {
  name: "large",
  async run(defer) {
    const broker = await startBroker();
    defer(() => broker.stop());
    const world = await createCrowd(ASKED, broker.url, { TELEGRAM_ALARM_CHAT_IDS: String(ADMIN) });
    defer(() => world.remove());
    await fillAlarms(world.app.databasePath, OPEN, ADMIN);
    // A first start looks at all of them, as after a change of the rules.
    const firstAt = monotonicMs();
    await world.app.start();
    const firstMs = monotonicMs() - firstAt;
    await world.app.stop();
    const beganAt = monotonicMs();
    await world.app.start();
    const startMs = monotonicMs() - beganAt;
    await world.app.stop();
    await world.start();
    const figures: Figure[] = [
      atMost(`start with ${OPEN.toLocaleString("en")} open alarms`, 2_000, startMs, "ms"),
      atMost("… after a change of the rules", 2_000, firstMs, "ms"),
      atMost("… /alarms answers within (median)", 50, await median(world, "/alarms", `${OPEN} active`), "ms"),
    ];
    await world.app.stop();
    fillEvents(world.app.databasePath, { alarms: OPEN, events: EVENTS, old: OLD });
    await world.start();
    const latencies = await publishInTurn(world);
    const many = `${(EVENTS / 1e6).toLocaleString("en")} million events`;
    return [
      ...figures,
      atMost(`publish → card with ${many}: p99`, 25, percentile(latencies, 0.99), "ms"),
      atMost("… /alarms answers within (median)", 50, await median(world, "/alarms", " active"), "ms"),
      atMost(
        "… /history 24h answers within (median)",
        250,
        await median(world, "/history 24h", "alarms in the last"),
        "ms",
      ),
      atMost("… /alarm answers within (median)", 50, await median(world, "/alarm 7", "Newest first"), "ms"),
    ];
  },
};

/** The median of the time from a person's words to the bot's answer. Each asks once: nobody may ask so much in a row. */
async function median(
  { telegram, people }: Awaited<ReturnType<typeof createCrowd>>,
  words: string,
  answer: string,
): Promise<number> {
  const times: number[] = [];
  for (const chatId of people) {
    const answers = () =>
      telegram.messages(chatId).filter(({ from, text }) => from === "bot" && text.includes(answer)).length;
    const before = answers();
    const askedAt = monotonicMs();
    telegram.say({ chatId, text: words });
    await telegram.waitFor(() => answers() > before, 20_000);
    times.push(monotonicMs() - askedAt);
  }
  return percentile(times, 0.5);
}

async function publishInTurn({ telegram, warn }: World): Promise<number[]> {
  const latencies: number[] = [];
  for (let i = 0; i < ALARMS; i++) {
    const publishedAt = monotonicMs();
    const sent = telegram.calls.length;
    await warn({ id: `new${i}`, message: `New alarm ${i}.` });
    const isThere = () =>
      telegram.calls.slice(sent).some(({ params }) => String(params["text"]).includes(`alarm ${i}.`));
    await telegram.waitFor(isThere, 10_000);
    latencies.push(monotonicMs() - publishedAt);
    await setTimeout(20);
  }
  return latencies;
}
