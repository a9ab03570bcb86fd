import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  recordBeat,
  intervalOf,
  NO_HEARTBEAT,
  restoreHeartbeat,
  observe,
  type Heartbeat,
} from "../../src/watchdog/heartbeat.ts";

const NOW = Date.UTC(2026, 10, 23, 3);

/** The heartbeat after beats with these gaps, in seconds. */
function beats(gaps: readonly number[], start: Heartbeat = NO_HEARTBEAT, listeningSince = 0): Heartbeat {
  let heartbeat = recordBeat(start, NOW, listeningSince);
  let at = NOW;
  for (const gap of gaps) heartbeat = recordBeat(heartbeat, (at += gap * 1_000), listeningSince);
  return heartbeat;
}
const learned = (...gaps: number[]) => (intervalOf(beats(gaps)) ?? 0) / 1_000;
const times = (count: number, gap: number): number[] => Array.from({ length: count }, () => gap);

describe("the interval", () => {
  it.each([
    ["four gaps: too few", [30, 30, 30, 30], 0],
    ["five", [30, 30, 30, 30, 30], 30],
    ["one long gap", [30, 30, 30, 30, 30, 3_600, 30], 30],
    ["jitter", [28, 33, 30, 31, 29, 32], 32],
    ["ten messages a second", times(60, 0.1), 1],
    ["bursts of three", times(6, 0).flatMap(() => [59.5, 0.2, 0.3]), 60],
    ["a new rhythm, after one more beat than one", [10, 10, 10, 10, 10, 300, 300], 300],
    ["an old rhythm, forgotten after twenty", [...times(20, 300), ...times(19, 10)], 10],
  ])("is learned from %s", (_, gaps, interval) => {
    expect(learned(...gaps)).toBeCloseTo(interval, 6);
  });

  it("is never lengthened much by one gap, however long", () => {
    const rhythm = fc.array(fc.integer({ min: 20, max: 40 }), { minLength: 5, maxLength: 40 });
    fc.assert(
      fc.property(rhythm, fc.nat(), fc.integer({ min: 41, max: 1e6 }), (gaps, index, outlier) => {
        expect(learned(...gaps.toSpliced(index % (gaps.length + 1), 0, outlier))).toBeLessThanOrEqual(40);
      }),
    );
  });

  it("is not learned from the time in which we did not listen, nor from a clock that is set back", () => {
    const before = beats(times(5, 30));
    const lastAt = before.lastAt ?? 0;
    expect(recordBeat(before, lastAt + 7_200_000, lastAt + 7_000_000).gaps).toEqual(before.gaps);
    const back = recordBeat(before, lastAt - 3_600_000, 0);
    expect(back).toEqual({ lastAt: lastAt - 3_600_000, gaps: before.gaps });
    expect(intervalOf(recordBeat(back, lastAt - 3_570_000, 0))).toBe(30_000);
  });

  it("is the same after a restart, and adapts from there", () => {
    const before = beats(times(7, 30));
    const restored = restoreHeartbeat(before.lastAt ?? 0, intervalOf(before));
    expect(intervalOf(restored)).toBe(30_000);
    expect(intervalOf(beats(times(3, 10), restored))).toBe(30_000);
    expect(intervalOf(beats(times(2, 90), restored))).toBe(90_000);
    expect(intervalOf(restoreHeartbeat(NOW, null))).toBeNull();
  });
});

describe("the observation", () => {
  const monitor = { key: "topic a", name: "a", everyMs: null, isFound: true };
  const silentAfter = (heartbeat: Heartbeat, listeningSince: number, everyMs: number | null = null) => {
    const { silentFrom, waitingSince } = observe({ ...monitor, heartbeat, everyMs }, listeningSince);
    return silentFrom === null ? null : [waitingSince - NOW, silentFrom - waitingSince];
  };

  it.each([
    ["learned, often", restoreHeartbeat(NOW, 2_000), 0, null, [0, 60_000]],
    ["learned", restoreHeartbeat(NOW, 30_000), 0, null, [0, 90_000]],
    ["learned, rarely: no limit upwards", restoreHeartbeat(NOW, 3_600_000), 0, null, [0, 3 * 3_600_000]],
    ["not learned yet", restoreHeartbeat(NOW, null), 0, null, null],
    ["set", NO_HEARTBEAT, NOW + 5_000, 40_000, [5_000, 120_000]],
    ["set, against what was learned", restoreHeartbeat(NOW, 3_600_000), 0, 40_000, [0, 120_000]],
    ["heard before we listened", restoreHeartbeat(NOW, 30_000), NOW + 50_000, null, [50_000, 90_000]],
  ])("is given its time: %s", (_, heartbeat, listeningSince, everyMs, expected) => {
    expect(silentAfter(heartbeat, listeningSince, everyMs)).toEqual(expected);
  });
});
