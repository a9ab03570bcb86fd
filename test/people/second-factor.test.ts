import { Secret, TOTP } from "otpauth";
import { beforeEach, describe, expect, it } from "vitest";
import { createManualClock, type ManualClock } from "../support/clock.ts";
import { openSecondFactor, OPEN_MS, type SecondFactor } from "../../src/people/second-factor.ts";

/** RFC 6238, appendix B: the secret of its test vectors, and what they say at 59 s, in six digits. */
const RFC_SECRET = Buffer.from("12345678901234567890");
const secret = new Secret({ buffer: new Uint8Array(RFC_SECRET).buffer });
const ADMIN = 11;
const MINUTE = 60_000;

let clock: ManualClock;
let factor: SecondFactor;
/** What one run leaves the next. */
let memory: unknown;
const open = (secrets: ReadonlyMap<number, string> = new Map([[ADMIN, secret.base32]])): Promise<SecondFactor> =>
  openSecondFactor({
    secrets,
    memory: {
      read: async () => memory,
      write: async (content) => void (memory = JSON.parse(JSON.stringify(content))),
    },
    ...clock,
  });
beforeEach(async () => {
  memory = null;
  clock = createManualClock(Date.UTC(2026, 10, 24, 3));
  factor = await open();
});
const codeAt = (timestamp: number): string => new TOTP({ secret }).generate({ timestamp });

describe("the second factor", () => {
  it("is what RFC 6238 says", async () => {
    clock.set(59_000);
    expect(await factor.enter(ADMIN, "287082")).toBe("right");
  });

  it("is needed by nobody where none is set up, and by every admin where one is", async () => {
    expect((await open(new Map())).isNeeded(ADMIN)).toBe(false);
    expect([factor.isNeeded(ADMIN), factor.isNeeded(99)]).toEqual([true, true]);
    expect(await factor.enter(99, codeAt(clock.now()))).toBe("unknown");
    expect(factor.isNeeded(99)).toBe(true);
  });

  it("opens for ten minutes, for one person, and ends when told to", async () => {
    expect(await factor.enter(ADMIN, codeAt(clock.now()))).toBe("right");
    expect(factor.isNeeded(ADMIN)).toBe(false);
    clock.advance(OPEN_MS - 1);
    expect(factor.isNeeded(ADMIN)).toBe(false);
    clock.advance(1);
    expect(factor.isNeeded(ADMIN)).toBe(true);
    expect(await factor.enter(ADMIN, codeAt(clock.now()))).toBe("right");
    await factor.end(ADMIN);
    expect(factor.isNeeded(ADMIN)).toBe(true);
  });

  it("stays open no longer because the clock is set back, and opens no earlier because it is set on", async () => {
    expect(await factor.enter(ADMIN, codeAt(clock.now()))).toBe("right");
    clock.set(clock.now() - MINUTE);
    clock.advance(OPEN_MS);
    expect(factor.isNeeded(ADMIN)).toBe(true);
    clock.advance(MINUTE);
    for (let i = 0; i < 5; i++) await factor.enter(ADMIN, "");
    clock.set(clock.now() + 16 * MINUTE);
    expect(await factor.enter(ADMIN, codeAt(clock.now()))).toBe("locked");
  });

  it("takes a code once, and none from before it", async () => {
    const before = codeAt(clock.now() - 30_000);
    expect(await factor.enter(ADMIN, codeAt(clock.now()))).toBe("right");
    expect(await factor.enter(ADMIN, codeAt(clock.now()))).toBe("wrong");
    expect(await factor.enter(ADMIN, before)).toBe("wrong");
    expect(await factor.enter(ADMIN, codeAt(clock.now() + 30_000))).toBe("right");
  });

  it("bears a phone whose clock is half a minute off, not one that is two minutes off", async () => {
    expect(await factor.enter(ADMIN, codeAt(clock.now() - 2 * MINUTE))).toBe("wrong");
    expect(await factor.enter(ADMIN, codeAt(clock.now() - 30_000))).toBe("right");
  });

  it("locks after five wrong codes for a quarter of an hour, also against the right one", async () => {
    const tries = ["", "12345", "1234567", "abcdef", "٠١٢٣٤٥"].map((code) => factor.enter(ADMIN, code));
    expect(await Promise.all(tries)).toEqual(["wrong", "wrong", "wrong", "wrong", "locked"]);
    clock.advance(15 * MINUTE - 1);
    expect(await factor.enter(ADMIN, codeAt(clock.now()))).toBe("locked");
    clock.advance(1);
    expect(await factor.enter(ADMIN, codeAt(clock.now()))).toBe("right");
  });

  it("takes no used code after a restart, nor more guesses, nor any before a lock is over", async () => {
    const code = codeAt(clock.now());
    expect(await factor.enter(ADMIN, code)).toBe("right");
    await factor.end(ADMIN);
    factor = await open();
    expect([factor.isNeeded(ADMIN), await factor.enter(ADMIN, code)]).toEqual([true, "wrong"]);
    for (let i = 0; i < 3; i++) expect(await factor.enter(ADMIN, "000000")).toBe("wrong");
    factor = await open();
    expect(await factor.enter(ADMIN, "000000")).toBe("locked");
    clock.advance(14 * MINUTE);
    factor = await open();
    expect(await factor.enter(ADMIN, codeAt(clock.now()))).toBe("locked");
    clock.advance(MINUTE);
    expect(await factor.enter(ADMIN, codeAt(clock.now()))).toBe("right");
  });

  it("stays open over a take-over for as long as it would have, and closed if it was ended", async () => {
    expect(await factor.enter(ADMIN, codeAt(clock.now()))).toBe("right");
    clock.advance(4 * MINUTE);
    factor = await open();
    expect(factor.isNeeded(ADMIN)).toBe(false);
    clock.advance(6 * MINUTE);
    expect(factor.isNeeded(ADMIN)).toBe(true);
    expect(await factor.enter(ADMIN, codeAt(clock.now()))).toBe("right");
    await factor.end(ADMIN);
    expect((await open()).isNeeded(ADMIN)).toBe(true);
  });

  it("says the same once more to a code that the last run took and did not live to answer, and counts it once", async () => {
    const code = codeAt(clock.now());
    expect(await factor.enter(ADMIN, code, 7)).toBe("right");
    factor = await open();
    expect(await factor.enter(ADMIN, code, 7)).toBe("right");
    expect(await factor.enter(ADMIN, code, 8)).toBe("wrong");
    for (let run = 0; run < 5; run++) {
      factor = await open();
      expect(await factor.enter(ADMIN, code, 8)).toBe("wrong");
    }
  });

  it("is not lost for a year to a clock that was ahead by one", async () => {
    clock.set(clock.now() + 365 * 24 * 60 * MINUTE);
    expect(await factor.enter(ADMIN, codeAt(clock.now()))).toBe("right");
    for (let i = 0; i < 5; i++) await factor.enter(ADMIN, "");
    clock.set(clock.now() - 365 * 24 * 60 * MINUTE);
    factor = await open();
    clock.advance(15 * MINUTE);
    expect(await factor.enter(ADMIN, codeAt(clock.now()))).toBe("right");
  });

  it("opens nothing where it cannot be noted that a code was used, and begins anew with what nobody can read", async () => {
    memory = { "11": "odd" };
    const broken = await openSecondFactor({
      secrets: new Map([[ADMIN, secret.base32]]),
      memory: { read: async () => memory, write: () => Promise.reject(new Error("disk full")) },
      ...clock,
    });
    await expect(broken.enter(ADMIN, codeAt(clock.now()))).rejects.toThrow("disk full");
    expect(broken.isNeeded(ADMIN)).toBe(true);
  });

  it("keeps nothing of who is forgotten", async () => {
    await factor.enter(ADMIN, codeAt(clock.now()));
    expect(Object.keys(memory as object)).toEqual([String(ADMIN)]);
    await factor.forget(ADMIN);
    expect(memory).toEqual({});
  });
});
