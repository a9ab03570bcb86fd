import { describe, expect, it } from "vitest";
import { CALM_MS, createFlapping } from "../../src/mqtt/flapping.ts";
import { createManualClock } from "../support/clock.ts";

function start(random = 0.5) {
  const clock = createManualClock();
  const flapping = createFlapping({ elapsed: clock.elapsed, random: () => random });
  /** A link that others end after so long. @returns when the next one is tried */
  const link = (lastsMs: number): number => {
    flapping.up();
    clock.advance(lastsMs);
    return flapping.down();
  };
  return { clock, flapping, link };
}

describe("a link that does not last", () => {
  it("is tried again at once twice, and is contested the third time: then tries get rare, but never stop", () => {
    const { flapping, link } = start();
    expect([link(100), link(100)]).toEqual([1_000, 1_000]);
    expect(flapping.isContested()).toBeNull();
    expect(link(100)).toBe(5_000);
    expect(flapping.isContested()).toBe(true);
    expect([1, 2, 3, 4, 5].map(() => link(100))).toEqual([10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  it("is contested, too, if the other program tries rarely, so that each link lasts a while", () => {
    const { flapping, link } = start();
    for (let i = 0; i < 5; i++) link(30_000);
    expect(flapping.isContested()).toBeNull();
    link(30_000);
    expect(flapping.isContested()).toBe(true);
  });

  it("is not contested by ends that we brought about", () => {
    const { flapping, link } = start();
    for (let i = 0; i < 4; i++) {
      expect([link(100), link(100)]).toEqual([1_000, 1_000]);
      flapping.forgive(2);
    }
    flapping.forgive(0);
    expect(flapping.isContested()).toBeNull();
  });

  it("does not keep step with another one of its kind", () => {
    const waits = [0, 0.99].map((random) => {
      const { link } = start(random);
      return [1, 2, 3].map(() => link(0)).at(-1);
    });
    expect(waits).toEqual([2_500, 7_450]);
  });

  it("is over when a link has stood for longer than anybody waits between two tries, and then begins anew", () => {
    const { clock, flapping, link } = start();
    for (let i = 0; i < 10; i++) link(100);
    flapping.up();
    clock.advance(CALM_MS - 1);
    expect(flapping.isContested()).toBe(true);
    clock.advance(1);
    expect(flapping.isContested()).toBe(false);
    expect(flapping.down()).toBe(1_000);
    expect([link(100), link(100), link(100)]).toEqual([1_000, 1_000, 5_000]);
  });

  it("is nobody's doing where the broker itself goes away between two links, or where we end it ourselves", () => {
    const { flapping, link } = start();
    for (let i = 0; i < 10; i++) {
      expect(link(100)).toBe(1_000);
      expect(flapping.down()).toBe(1_000);
    }
    expect(flapping.isContested()).toBeNull();
    const waits = Array.from({ length: 7 }, () => {
      flapping.drop();
      return link(100);
    });
    // What could not be stored is asked for again ever more rarely, but soon enough.
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
    expect(flapping.isContested()).toBeNull();
  });
});
