import { setTimeout } from "node:timers/promises";
import { monotonicMs, waitUntil } from "./support/clock.ts";
import { atLeast, atMost, percentile, type Bench, type Defer } from "./support/figure.ts";
import { alarmOf, startPlant, TOPIC, warning } from "./support/plant.ts";
import type { Sink } from "./support/sink.ts";

const BURST = 2_000;
const COUNT = 400;
const INTERVAL_MS = 50;

/**
 * New alarms on their way to one chat: first many at once to a program just started, then one after the other to the same
 * program, which V8 has compiled by then, as it has in one that runs for months.
 */
export const cards: Bench = {
  name: "cards",
  async run(defer) {
    const { burst, latencies } = await latenciesOf(defer);
    return [
      atMost("publish → sendMessage received, unthrottled, 20/s: p50", 3, percentile(latencies, 0.5), "ms"),
      atMost("publish → sendMessage received, unthrottled, 20/s: p99", 15, percentile(latencies, 0.99), "ms"),
      atLeast("2,000 warnings at once, unthrottled, to one chat", 1_000, burst, "/s"),
    ];
  },
};

/**
 * @param topicOf where the alarm with a number is published
 * @returns how many cards a second came of the burst, how long each of the others took, in ms, and which process did it
 */
export async function latenciesOf(
  defer: Defer,
  settings: Readonly<Record<string, string>> = {},
  topicOf: (alarm: number) => string = () => TOPIC,
): Promise<{ readonly burst: number; readonly latencies: readonly number[]; readonly pid: number | undefined }> {
  const { app, publisher, sink } = await startPlant(defer, settings);
  const publish = (alarm: number) => void publisher.publish(topicOf(alarm), warning(alarm, alarm), { qos: 1 });
  const burst = await publishAtOnce(publish, sink);
  // The program notes what the last card shows, and the disk comes to rest.
  await setTimeout(1_000);
  return { burst, latencies: await publishInTurn(publish, sink), pid: app.pid };
}

/** @returns cards a second, from the first `publish` to the last `sendMessage` */
async function publishAtOnce(publish: (alarm: number) => void, sink: Sink): Promise<number> {
  const beganAt = monotonicMs();
  for (let alarm = 0; alarm < BURST; alarm++) publish(alarm);
  const receivedAt = await waitForCards(sink, BURST);
  return BURST / ((Math.max(...receivedAt.values()) - beganAt) / 1_000);
}

/** @returns for each warning the time from the call of `publish` to the whole `sendMessage`, in ms */
async function publishInTurn(publish: (alarm: number) => void, sink: Sink): Promise<number[]> {
  const publishedAt = new Map<number, number>();
  const beganAt = monotonicMs();
  for (let i = 0; i < COUNT; i++) {
    await setTimeout(Math.max(0, beganAt + i * INTERVAL_MS - monotonicMs()));
    const alarm = BURST + i;
    publishedAt.set(alarm, monotonicMs());
    publish(alarm);
  }
  const receivedAt = await waitForCards(sink, BURST + COUNT);
  return [...publishedAt].map(([alarm, at]) => (receivedAt.get(alarm) ?? Number.NaN) - at);
}

/** Waits until there are cards for so many alarms; resolves with when each came, by the alarm's number. */
async function waitForCards(sink: Sink, count: number): Promise<Map<number, number>> {
  const receivedAt = new Map<number, number>();
  await waitUntil(`there are ${count} cards`, async () => {
    const sent = (await sink.calls()).filter(({ method }) => method === "sendMessage");
    for (const call of sent) receivedAt.set(alarmOf(call.text), call.receivedAt);
    if (receivedAt.size < sent.length) throw new Error("a card came twice");
    return receivedAt.size === count;
  });
  return receivedAt;
}
