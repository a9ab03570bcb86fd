import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { createBudgets, EACH, type KeptBudgets } from "../../src/people/budget.ts";
import { hashOf, isCode, newCode, parseInvitation } from "../../src/people/invitation.ts";
import { createJoinGuard } from "../../src/people/join-guard.ts";
import { qrPicture } from "../../src/people/qr.ts";
import { createManualClock } from "../support/clock.ts";
import { neededRole } from "../../src/people/right.ts";
import { holds, ROLES } from "../../src/people/role.ts";

const HOUR = 3_600_000;

describe("roles", () => {
  it("each hold what the ones before them may do, and nobody holds anything without one", () => {
    for (const needed of ROLES) expect(holds(null, needed)).toBe(false);
    expect(ROLES.map((role) => ROLES.filter((needed) => holds(role, needed)))).toEqual([
      ["viewer"],
      ["viewer", "operator"],
      ["viewer", "operator", "admin"],
    ]);
  });

  it("may be another one where it concerns a whole group", () => {
    expect(neededRole({ role: "viewer", roleInGroups: "admin" }, true)).toBe("admin");
    expect(neededRole({ role: "viewer", roleInGroups: "admin" }, false)).toBe("viewer");
    expect(neededRole({ role: "operator" }, true)).toBe("operator");
  });
});

describe("invitations", () => {
  it("have codes of 192 random bits, which a deep link can carry", () => {
    const codes = new Set(Array.from({ length: 1_000 }, newCode));
    expect(codes.size).toBe(1_000);
    for (const code of codes) {
      expect(Buffer.from(code, "base64url")).toHaveLength(24);
      expect(isCode(code)).toBe(true);
    }
    expect(["", "a b", "ä", "a".repeat(31), "a".repeat(33), "../x", `${"a".repeat(31)}\n`].filter(isCode)).toEqual([]);
  });

  it("are known by a hash only", () => {
    expect(hashOf("a")).not.toBe(hashOf("b"));
    expect(hashOf("a")).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([
    ["operator 24h", { role: "operator", validMs: 24 * HOUR }],
    ["  Viewer   7d ", { role: "viewer", validMs: 7 * 24 * HOUR }],
    ["admin", { role: "admin", validMs: 24 * HOUR }],
    ["viewer 30d", { role: "viewer", validMs: 720 * HOUR }],
    ["viewer 31d", null],
    ["viewer 0h", null],
    ["king 1h", null],
    ["", null],
    ["operator 24h extra", null],
    ["constructor", null],
  ])("/invite %s", (text, wish) => {
    expect(parseInvitation(text)).toEqual(wish);
  });

  it("have a picture that is the same for the same link", async () => {
    const link = `https://t.me/valvomo_demo_bot?start=${newCode()}`;
    const picture = Buffer.from(await qrPicture(link));
    expect(picture.equals(Buffer.from(await qrPicture(link)))).toBe(true);
    expect(picture.subarray(1, 4).toString()).toBe("PNG");
  });
});

describe("the guard of joining", () => {
  function guard(past: { userId: number; at: number }[] = []) {
    const clock = createManualClock(10 * HOUR);
    return { clock, guard: createJoinGuard({ past, ...clock }) };
  }

  it("passes over the wrong codes of who gave five within an hour, and of nobody else, until the first is an hour old", () => {
    const { clock, guard: one } = guard();
    expect([1, 2, 3, 4].map(() => one.wrong(7))).toEqual([null, null, null, null]);
    expect(one.mayAnswer(7)).toBe(true);
    clock.advance(HOUR / 2);
    expect(one.wrong(7)).toBe("person");
    expect([one.mayAnswer(7), one.mayAnswer(8)]).toEqual([false, true]);
    clock.advance(HOUR / 2 - 1);
    expect(one.mayAnswer(7)).toBe(false);
    clock.advance(1);
    expect(one.mayAnswer(7)).toBe(true);
  });

  it("passes over wrong codes of everybody after fifty of all", () => {
    const { clock, guard: all } = guard();
    const results = Array.from({ length: 50 }, (_, i) => all.wrong(100 + i));
    expect(results.slice(0, 49)).toEqual(Array.from({ length: 49 }, () => null));
    expect(results[49]).toBe("everybody");
    expect(all.mayAnswer(7)).toBe(false);
    clock.advance(HOUR);
    expect(all.mayAnswer(7)).toBe(true);
  });

  it("neither opens nor locks anything when the clock is set", () => {
    const { clock, guard: one } = guard([{ userId: 7, at: 11 * HOUR }]);
    for (let i = 0; i < 4; i++) one.wrong(7);
    clock.set(10 * HOUR + 30 * 24 * HOUR);
    expect(one.mayAnswer(7)).toBe(false);
    clock.set(HOUR);
    expect(one.mayAnswer(7)).toBe(false);
    clock.advance(HOUR);
    expect(one.mayAnswer(7)).toBe(true);
  });

  it("opens nothing by a restart", () => {
    const { guard: again } = guard(Array.from({ length: 5 }, () => ({ userId: 7, at: 10 * HOUR - 1 })));
    expect([again.mayAnswer(7), again.mayAnswer(8)]).toEqual([false, true]);
  });
});

describe("budgets", () => {
  it("let a hurry through, then a command a second, and hold up nobody else; who has to wait is told once", () => {
    let at = 0;
    const budgets = createBudgets({ ...EACH, now: () => at, elapsed: () => at });
    for (let i = 0; i < 40; i++) expect(budgets.take(7, 1)).toBeNull();
    expect(budgets.take(7, 1)).toEqual({ waitMs: 1_000, isNew: true });
    expect(budgets.take(7, 3)).toEqual({ waitMs: 3_000, isNew: false });
    expect(budgets.take(8, 3)).toBeNull();
    at += 1_000;
    expect(budgets.take(7, 1)).toBeNull();
    expect(budgets.take(7, 1)).toEqual({ waitMs: 1_000, isNew: true });
    at += HOUR;
    for (let i = 0; i < 13; i++) expect(budgets.take(7, 3)).toBeNull();
    expect(budgets.take(7, 3)).not.toBeNull();
  });

  it("outlive a run, and say nothing of who has all of theirs", () => {
    let at = 0;
    const open = (past: KeptBudgets = []) =>
      createBudgets({ ...EACH, past, now: () => 9 * HOUR + at, elapsed: () => at });
    const first = open();
    for (let i = 0; i < 39; i++) first.take(7, 1);
    expect(first.kept()).toEqual([[7, 9 * HOUR + 39_000]]);
    const kept = first.kept();
    at += 3_000;
    const next = open(kept);
    expect(next.take(7, 4)).toBeNull();
    expect(next.take(7, 1)).toEqual({ waitMs: 1_000, isNew: true });
    at += 40_000;
    expect(next.kept()).toEqual([]);
    // Kept while the clock was ahead.
    expect(open([[7, 99 * HOUR]]).take(7, 1)?.waitMs).toBe(1_000);
  });

  it("of a crowd are kept for as long as somebody lacks something, and no longer", () => {
    let at = 0;
    const budgets = createBudgets({ ...EACH, now: () => at, elapsed: () => at });
    for (let i = 0; i < 40; i++) budgets.take(7, 1);
    for (let i = 0; i < 5_000; i++) budgets.take(1_000 + i, 1);
    at += 2_000;
    setFlagsFromString("--expose-gc");
    const heap = (): number => {
      runInNewContext("gc()");
      return process.memoryUsage().heapUsed;
    };
    const before = heap();
    for (let i = 0; i < 200_000; i++) {
      at += 1;
      budgets.take(10_000 + i, 1);
    }
    expect(heap() - before).toBeLessThan(5_000_000);
    expect(budgets.take(7, 40)).toBeNull();
  });
});
