import { Secret, TOTP } from "otpauth";
import { beforeEach, describe, expect, it } from "vitest";
import { createManualClock, type ManualClock } from "../support/clock.ts";
import { createSecondFactor, OPEN_MS, type SecondFactor } from "../../src/people/second-factor.ts";

/** RFC 6238, appendix B: the secret of its test vectors, and what they say at 59 s, in six digits. */
const RFC_SECRET = Buffer.from("12345678901234567890");
const secret = new Secret({ buffer: new Uint8Array(RFC_SECRET).buffer });
const ADMIN = 11;
const MINUTE = 60_000;

let clock: ManualClock;
let factor: SecondFactor;
beforeEach(() => {
  clock = createManualClock(Date.UTC(2026, 10, 24, 3));
  factor = createSecondFactor({ secrets: new Map([[ADMIN, secret.base32]]), ...clock });
});
const codeAt = (timestamp: number): string => new TOTP({ secret }).generate({ timestamp });

describe("the second factor", () => {
  it("is what RFC 6238 says", () => {
    clock.set(59_000);
    expect(factor.enter(ADMIN, "287082")).toBe("right");
  });

  it("is needed by nobody where none is set up, and by every admin where one is", () => {
    expect(createSecondFactor({ secrets: new Map(), ...clock }).isNeeded(ADMIN)).toBe(false);
    expect([factor.isNeeded(ADMIN), factor.isNeeded(99)]).toEqual([true, true]);
    expect(factor.enter(99, codeAt(clock.now()))).toBe("unknown");
    expect(factor.isNeeded(99)).toBe(true);
  });

  it("opens for ten minutes, for one person, and ends when told to", () => {
    expect(factor.enter(ADMIN, codeAt(clock.now()))).toBe("right");
    expect(factor.isNeeded(ADMIN)).toBe(false);
    clock.advance(OPEN_MS - 1);
    expect(factor.isNeeded(ADMIN)).toBe(false);
    clock.advance(1);
    expect(factor.isNeeded(ADMIN)).toBe(true);
    expect(factor.enter(ADMIN, codeAt(clock.now()))).toBe("right");
    factor.end(ADMIN);
    expect(factor.isNeeded(ADMIN)).toBe(true);
  });

  it("stays open no longer because the clock is set back, and opens no earlier because it is set on", () => {
    expect(factor.enter(ADMIN, codeAt(clock.now()))).toBe("right");
    clock.set(clock.now() - MINUTE);
    clock.advance(OPEN_MS);
    expect(factor.isNeeded(ADMIN)).toBe(true);
    clock.advance(MINUTE);
    for (let i = 0; i < 5; i++) factor.enter(ADMIN, "");
    clock.set(clock.now() + 16 * MINUTE);
    expect(factor.enter(ADMIN, codeAt(clock.now()))).toBe("locked");
  });

  it("takes a code once, and none from before it", () => {
    const before = codeAt(clock.now() - 30_000);
    expect(factor.enter(ADMIN, codeAt(clock.now()))).toBe("right");
    expect(factor.enter(ADMIN, codeAt(clock.now()))).toBe("wrong");
    expect(factor.enter(ADMIN, before)).toBe("wrong");
    expect(factor.enter(ADMIN, codeAt(clock.now() + 30_000))).toBe("right");
  });

  it("bears a phone whose clock is half a minute off, not one that is two minutes off", () => {
    expect(factor.enter(ADMIN, codeAt(clock.now() - 2 * MINUTE))).toBe("wrong");
    expect(factor.enter(ADMIN, codeAt(clock.now() - 30_000))).toBe("right");
  });

  it("locks after five wrong codes for a quarter of an hour, also against the right one", () => {
    const tries = ["", "12345", "1234567", "abcdef", "٠١٢٣٤٥"].map((code) => factor.enter(ADMIN, code));
    expect(tries).toEqual(["wrong", "wrong", "wrong", "wrong", "locked"]);
    clock.advance(15 * MINUTE - 1);
    expect(factor.enter(ADMIN, codeAt(clock.now()))).toBe("locked");
    clock.advance(1);
    expect(factor.enter(ADMIN, codeAt(clock.now()))).toBe("right");
  });
});
