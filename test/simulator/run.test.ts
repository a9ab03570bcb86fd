import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { SimulatedMessage } from "../../src/simulator/message.ts";
import { createSimulatedPlant, USUAL_PLANT, type PlantSettings } from "../../src/simulator/plant.ts";
import { runPlant } from "../../src/simulator/run.ts";

const NOW = Date.UTC(2026, 10, 25, 15);
const HOUR = 3_600_000;

/** Lets a plant run on a clock that goes on by `stepMs` each time that it is asked. */
async function run(options: {
  from: number;
  forMs: number;
  speed: number;
  stepMs: number;
  cadence?: Partial<PlantSettings>;
}): Promise<SimulatedMessage[]> {
  const { stepMs, cadence, ...rest } = options;
  const sent: SimulatedMessage[] = [];
  let at = NOW - stepMs;
  await runPlant({
    ...rest,
    plant: createSimulatedPlant({ ...USUAL_PLANT, send: new Set(["bulk"]), ...cadence }),
    link: {
      async publish(message) {
        await setTimeout(0);
        sent.push(message);
      },
      listen: async () => undefined,
    },
    now: () => (at += stepMs),
    signal: AbortSignal.timeout(60_000),
    say: () => undefined,
  });
  return sent;
}

const stampsOf = (sent: readonly SimulatedMessage[]): string[] =>
  sent.flatMap(({ payload }) =>
    payload
      .toString()
      .split("|")
      .slice(0, -1)
      .map((entry) => entry.split(",")[0] ?? ""),
  );

describe("a plant that runs", () => {
  it.each([1, 37, 1_000])(
    "makes each sample of the past once, whatever the clock does in between: %d ms",
    async (stepMs) => {
      const stamps = stampsOf(await run({ from: NOW - HOUR, forMs: HOUR, speed: 1_000_000, stepMs }));
      const expected = Array.from({ length: 240 }, (_, i) => new Date(NOW - HOUR + i * 15_000).toISOString());
      expect(stamps.map((stamp) => new Date(stamp).toISOString())).toEqual(expected);
    },
  );

  it("never runs ahead of the clock, however fast it is to go; what is past has dates, and what is of now relative times", async () => {
    const cadence = { everyMs: 1_000, bulkEveryMs: 5_000 };
    const sent = await run({ from: NOW - 60_000, forMs: 71_000, speed: 1_000_000, stepMs: 400, cadence });
    const stamps = stampsOf(sent);
    expect(stamps).toHaveLength(71);
    expect(stamps.slice(0, 50).filter((stamp) => !stamp.endsWith("Z"))).toEqual([]);
    expect(stamps.slice(-5)).toEqual(["1", "1", "1", "1", "1"]);
  });
});
