import * as fc from "fast-check";
import { expect, it } from "vitest";
import * as handling from "../../src/alarms/lifecycle/handling.ts";
import type { AlarmRule } from "../../src/alarms/lifecycle/alarm-rule.ts";
import type { WhatIf } from "../../src/quality/what-if.ts";
import { readWhatIf } from "../../src/store/quality/alarm-past.ts";
import { openReaderApart } from "../../src/store/quality/reader.ts";
import { eventOf } from "../support/alarms.ts";
import { createRoom, type Room } from "../support/room.ts";
import { RULES } from "../support/rules.ts";

const SECOND = 1_000;
const START = Date.UTC(2026, 10, 1);
const CHAT = 7;
const BY = { userId: CHAT, name: "Anna", chatId: CHAT };

const saying = fc.record({
  kind: fc.constant("say" as const),
  severity: fc.constantFrom("warning", "warning", "error", "critical"),
  state: fc.constantFrom("active", "active", "cleared", "cleared", undefined, "odd"),
  value: fc.option(fc.integer({ min: 75, max: 95 }), { nil: undefined }),
});
const doing = fc.record({
  kind: fc.constant("do" as const),
  action: fc.constantFrom("acknowledge", "takeBack", "shelve", "unshelve", "close", "reopen"),
  forMs: fc.constantFrom(null, 60 * SECOND, 3_600 * SECOND),
});
const lineOf = fc.record({
  afterS: fc.constantFrom(1, 2, 4, 9, 10, 11, 30, 70, 200, 400, 1_000, 4_000),
  what: fc.oneof({ weight: 4, arbitrary: saying }, { weight: 1, arbitrary: doing }),
});
type Line = typeof lineOf extends fc.Arbitrary<infer T> ? T : never;

/** Lets an alarm live in the program. */
async function live(lines: readonly Line[], single: readonly AlarmRule[]): Promise<Room> {
  const room = await createRoom({ chats: [CHAT], floodRate: null, rules: { ...RULES, single }, at: START });
  const pass = async (ms: number): Promise<void> => {
    const near = Math.min(ms, 15 * SECOND);
    await room.pass(near, SECOND);
    if (ms > near) await room.pass(ms - near, 5 * SECOND);
  };
  for (const { afterS, what } of lines) {
    await pass(afterS * SECOND);
    const at = room.clock.now();
    if (what.kind === "say") {
      const { kind: _, ...said } = what;
      await room.take([eventOf({ message: "bearing hot", source: "AMB", limit: 80, ...said }, { at })]);
    } else await act(room, what);
  }
  await pass(1_200 * SECOND);
  return room;
}

async function act({ store }: Room, { action, forMs }: Line["what"] & { kind: "do" }): Promise<void> {
  const apply: Parameters<typeof store.act>[1]["apply"] = (alarm, now) => {
    if (action === "acknowledge") return handling.acknowledge(alarm, BY, now);
    if (action === "takeBack") return handling.takeBack(alarm, now);
    if (action === "shelve")
      return handling.shelve(alarm, BY, now, { untilAt: forMs === null ? null : now + forMs, reason: null });
    if (action === "unshelve") return handling.unshelve(alarm, now);
    return action === "close" ? handling.close(alarm, BY, now, null) : handling.reopen(alarm, BY, now);
  };
  await store.act(1, { by: BY, action, apply });
}

async function ringsIn({ path }: Room): Promise<number> {
  const reader = await openReaderApart({ kind: "file", path });
  const [card] = await reader.all<{ rings: number }>("SELECT rings FROM cards");
  await reader.close();
  return card?.rings ?? 0;
}

async function foretoldIn({ path, clock }: Room): Promise<WhatIf | null> {
  const reader = await openReaderApart({ kind: "file", path });
  const span = { startAt: START, endAt: clock.now() + 1 };
  const request = { ...span, alarmId: 1, scope: "shared", rules: RULES, routes: [], reading: {} } as const;
  const found = await readWhatIf(reader, request);
  await reader.close();
  return found;
}

/** So many lives of one alarm: each is lived once without a rule, and once with each that is offered. */
const RUNS = Number(process.env["PROOF_RUNS"] ?? 15);

it("whatever an alarm does, and people do to it: it rings as often as it is foretold", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(lineOf, { minLength: 1, maxLength: 25 }), async (lines) => {
      const room = await live(lines, []);
      try {
        const found = await foretoldIn(room);
        expect(found?.rings ?? 0).toBe(await ringsIn(room));
        for (const one of found?.remedies ?? []) {
          if ("why" in one) continue;
          const other = await live(lines, [one.rule]);
          try {
            expect([one.kind, await ringsIn(other)]).toEqual([one.kind, one.rings]);
          } finally {
            await other.close();
          }
        }
      } finally {
        await room.close();
      }
    }),
    { numRuns: RUNS },
  );
});
