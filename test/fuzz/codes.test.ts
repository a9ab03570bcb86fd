import { Context, type Api } from "grammy";
import * as fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { hashOf, isCode, newCode } from "../../src/people/invitation.ts";
import { createJoinGuard } from "../../src/people/join-guard.ts";
import { openPeople } from "../../src/store/people/people.ts";
import { startCodeOf } from "../../src/telegram/access/start-code.ts";
import { check, checkAsync, inTime, repeated, text } from "./cases.ts";
import { openTables } from "../support/store.ts";

const GOOD = newCode();
/** A guess, or the right code with something about it that is wrong. */
const guess = fc
  .oneof(
    text,
    fc.base64String(),
    fc.constant("").map(newCode),
    fc.tuple(fc.nat(GOOD.length), text).map(([at, put]) => GOOD.slice(0, at) + put + GOOD.slice(at)),
    fc.nat(GOOD.length - 1).map((at) => GOOD.slice(0, at) + GOOD.slice(at + 1)),
    fc.constantFrom(
      GOOD.toLowerCase(),
      GOOD.toUpperCase(),
      ` ${GOOD}`,
      `${GOOD}\n`,
      `${GOOD}=`,
      hashOf(GOOD),
      "__proto__",
      "' OR 1=1 --",
    ),
  )
  .filter((code) => code !== GOOD);

const writes = (words: string): Context =>
  new Context(
    {
      update_id: 1,
      message: {
        message_id: 1,
        date: 0,
        from: { id: 66, is_bot: false, first_name: "Mallory" },
        chat: { id: 66, type: "private", first_name: "Mallory" },
        text: words,
      },
    },
    {} as Api,
    {} as Context["me"],
  );

describe("the code behind /start", () => {
  it("is found in the time that its length needs, and is one word", () => {
    const long = repeated(4_096).map((pattern) => `/start ${pattern}`);
    check(
      fc.oneof(
        guess.map((code) => `/start ${code}`),
        text,
        long,
      ),
      (words) => {
        const code = inTime(() => startCodeOf(writes(words)));
        if (code === null) return;
        expect(words).toMatch(/^\/start/);
        expect(code).not.toMatch(/\s/);
        if (!isCode(code)) return;
        expect(code.length).toBeLessThanOrEqual(64);
        expect(hashOf(code)).toMatch(/^[0-9a-f]{64}$/);
      },
    );
  });

  it("lets nobody in unless it is the right one, and that only once", async () => {
    const database = await openTables();
    onTestFinished(() => database.close());
    const people = await openPeople(database, { adminIds: [11], now: () => 1_000 });
    const invitedBy = await people.meet({ userId: 11, name: "Aino" });
    await people.invitations.make({ codeHash: hashOf(GOOD), role: "admin", invitedBy, expiresAt: 2_000 });
    const user = { userId: 66, name: "Mallory" };
    await checkAsync(guess, async (code) => {
      expect(await people.join(user, hashOf(code))).toBeNull();
    });
    expect(people.roleOf(66)).toBeNull();
    expect(await people.join(user, hashOf(GOOD))).toMatchObject({ isNew: true, invitation: { role: "admin" } });
    expect(await people.join({ userId: 67, name: "Eve" }, hashOf(GOOD))).toBeNull();
    expect(people.roleOf(67)).toBeNull();
  });
});

describe("guesses", () => {
  it("are looked at five times an hour of one person, fifty times of all, in whatever order they come", () => {
    const attempts = fc.array(fc.tuple(fc.nat(80), fc.nat(300_000)), { maxLength: 200 });
    let at = 0;
    check(attempts, (all) => {
      const guard = createJoinGuard({ past: [], now: () => 0, elapsed: () => at });
      const looked: { readonly userId: number; readonly at: number }[] = [];
      for (const [userId, pauseMs] of all) {
        at += pauseMs;
        const lately = looked.filter((one) => at - one.at < 3_600_000);
        const mayAnswer = lately.length < 50 && lately.filter((one) => one.userId === userId).length < 5;
        expect(guard.mayAnswer(userId)).toBe(mayAnswer);
        if (!mayAnswer) continue;
        guard.wrong(userId);
        looked.push({ userId, at });
      }
    });
  });
});
