import { describe, expect, it } from "vitest";
import { Rotation } from "../../src/mqtt/rotation.ts";
import { createManualClock } from "../support/clock.ts";

const SOON = 50;

function start(count: number) {
  const clock = createManualClock();
  const rotation = new Rotation({ count, elapsed: clock.elapsed, random: () => 0.5 });
  return {
    rotation,
    /** An attempt that fails. @returns how long is waited then, and where the next one goes */
    fail: () => [rotation.down().waitMs, rotation.at()],
    /** A link that lasts so long. @returns the same */
    link: (lastsMs: number, end: () => void = () => undefined) => {
      rotation.up();
      clock.advance(lastsMs);
      end();
      return [rotation.down().waitMs, rotation.at()];
    },
  };
}

describe("which broker is tried", () => {
  it("is the next one at once, and after a whole round, with a pause, the first", () => {
    const { fail } = start(3);
    expect([fail(), fail(), fail(), fail()]).toEqual([
      [SOON, 1],
      [SOON, 2],
      [1_000, 0],
      [SOON, 1],
    ]);
  });

  it("is always the only one, at its own pace", () => {
    const { fail, link } = start(1);
    expect([fail(), fail(), link(60_000)]).toEqual([
      [1_000, 0],
      [1_000, 0],
      [1_000, 0],
    ]);
  });

  it("is the same after any time in which we might not speak, and nobody is taken for a rival because of it", () => {
    const { rotation, fail, link } = start(2);
    const pause = () => [rotation.pause(), rotation.at()];
    for (let i = 0; i < 10; i += 1) {
      rotation.up();
      expect([pause(), pause(), pause()]).toEqual(Array.from({ length: 3 }, () => [250, 0]));
    }
    expect(rotation.isContested()).toBeNull();
    // A link that we ended ourselves, and were not let in again: that is forgotten then.
    rotation.drop();
    expect([pause(), link(60_000), fail()]).toEqual([
      [250, 0],
      [SOON, 0],
      [SOON, 1],
    ]);
  });

  it("is once more the one whose link was lost, and then those from the first on", () => {
    const { fail, link } = start(3);
    fail();
    expect(link(60_000)).toEqual([SOON, 1]);
    expect([fail(), fail(), fail()]).toEqual([
      [SOON, 0],
      [SOON, 2],
      [1_000, 0],
    ]);
  });

  it("is the next one where the first lets us in and ends the link at once", () => {
    const { link } = start(2);
    expect(link(100)).toEqual([SOON, 1]);
    expect(link(60_000)).toEqual([SOON, 1]);
  });

  it("is the same where we ended the link because we could not take what came", () => {
    const { rotation, fail, link } = start(2);
    fail();
    expect(link(100, () => rotation.drop())).toEqual([1_000, 1]);
    expect(link(100, () => rotation.drop())).toEqual([2_000, 1]);
  });

  it("is an earlier one when we go back to it, and if that fails the one that we came from", () => {
    const { rotation, fail, link } = start(2);
    fail();
    expect(link(60_000, () => rotation.goTo(0))).toEqual([SOON, 0]);
    expect(fail()).toEqual([SOON, 1]);
  });

  it("waits as one broker does where all let us in and throw us out", () => {
    const { rotation, link } = start(2);
    const waits = Array.from({ length: 6 }, () => link(100)[0]);
    expect(waits).toEqual([SOON, 1_000, SOON, 1_000, SOON, 5_000]);
    expect(rotation.isContested()).toBe(true);
  });

  it("waits where somebody throws us out of one that we are at for a while", () => {
    const { rotation, link } = start(2);
    const waits = Array.from({ length: 6 }, () => link(30_000)[0]);
    expect(waits).toEqual([SOON, SOON, SOON, SOON, SOON, 5_000]);
    expect([rotation.at(), rotation.isContested()]).toEqual([0, true]);
  });
});
