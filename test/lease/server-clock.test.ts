import { describe, expect, it } from "vitest";
import { createServerClock } from "../../src/lease/server-clock.ts";
import { createManualClock } from "../support/clock.ts";

const HOUR = 3_600_000;

describe("the clock by which all processes go", () => {
  it("is the machine's own until the server has said its time, and as good as that where both agree", () => {
    const own = createManualClock();
    const clock = createServerClock(own);
    expect(clock.now()).toBe(own.now());
    clock.sync(own.now() + 200, own.elapsed());
    expect(clock.now()).toBe(own.now());
    own.advance(5_000);
    expect(clock.now()).toBe(own.now());
    expect(clock.aheadMs()).toBe(0);
  });

  it("is the server's where the machine's is an hour ahead", () => {
    const own = createManualClock();
    const clock = createServerClock(own);
    const server = own.now() - HOUR;
    const begunAt = own.elapsed();
    own.advance(40);
    clock.sync(server + 20, begunAt);
    expect(clock.now()).toBe(server + 40);
    own.advance(1_000);
    expect(clock.now()).toBe(server + 1_040);
    expect(clock.aheadMs()).toBe(HOUR);
  });

  it("does not step when somebody sets the machine's", () => {
    const own = createManualClock();
    const clock = createServerClock(own);
    clock.sync(own.now(), own.elapsed());
    const before = clock.now();
    own.set(own.now() + HOUR);
    expect(clock.now()).toBe(before);
    clock.sync(before, own.elapsed());
    expect(clock.now()).toBe(before);
    expect(clock.aheadMs()).toBe(HOUR);
  });

  it("follows the server when that one is set, or this machine slept", () => {
    const own = createManualClock();
    const clock = createServerClock(own);
    clock.sync(own.now(), own.elapsed());
    clock.sync(own.now() + HOUR, own.elapsed());
    expect(clock.now()).toBe(own.now() + HOUR);
  });
});
