import { monotonicMs, waitUntil } from "./support/clock.ts";
import { atMost, percentile, type Bench } from "./support/figure.ts";
import { createPlant } from "./support/plant.ts";

const STARTS = 5;

/** From the start of the process to its first `getUpdates` at Telegram; the first start also makes the database. */
export const coldStart: Bench = {
  name: "cold-start",
  async run(defer) {
    const { app, sink } = await createPlant(defer);
    const polls = async () => (await sink.calls()).filter(({ method }) => method === "getUpdates");
    const times: number[] = [];
    for (let start = 1; start <= STARTS; start++) {
      const seen = (await polls()).length;
      const beganAt = monotonicMs();
      await app.start();
      await waitUntil("the program polls", async () => (await polls()).length > seen);
      times.push(((await polls())[seen]?.receivedAt ?? Number.NaN) - beganAt);
      await app.stop();
    }
    return [atMost(`cold start → first getUpdates, median of ${STARTS}`, 1_000, percentile(times, 0.5), "ms")];
  },
};
