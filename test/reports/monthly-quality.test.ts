import { beforeEach, describe, expect, it } from "vitest";
import type { Outcome } from "../../src/dispatch/types.ts";
import type { MeasuredSpan } from "../../src/quality/types.ts";
import { createMonthlyQuality } from "../../src/reports/monthly-quality.ts";
import { createKeyValue, type KeyValue } from "../../src/store/sql/key-value.ts";
import { silentLog } from "../support/log.ts";
import { chatOf } from "../support/rules.ts";
import { openTables } from "../support/store.ts";

const DAY = 86_400_000;
/** 07:00 in Helsinki on the first of December, and the month before by the same clocks. */
const DUE = Date.parse("2026-12-01T05:00:00Z");
const NOVEMBER: MeasuredSpan = {
  startAt: Date.parse("2026-10-31T22:00:00Z"),
  endAt: Date.parse("2026-11-30T22:00:00Z"),
};

let keyValue: KeyValue;
let now: number;
let sent: { readonly chatId: number; readonly span: MeasuredSpan }[];
let outcome: Outcome;
beforeEach(async () => {
  keyValue = createKeyValue(await openTables());
  now = DUE;
  sent = [];
  outcome = { kind: "done", messageId: 1 };
});

/** As after a start: it knows nothing but what is stored. */
const started = (since: number | null = 0) =>
  createMonthlyQuality({
    plants: { quality: [chatOf(1), chatOf(2)] },
    keyValue,
    timeZoneOf: () => "Europe/Helsinki",
    isServed: (chatId) => chatId === 1,
    currentId: (chatId) => chatId,
    historySince: async () => since,
    async send({ chatId }, span) {
      sent.push({ chatId, span });
      return outcome;
    },
    now: () => now,
    log: silentLog,
  });

describe("the report on the quality of alarms of a month", () => {
  it("comes at 07:00 on the first, once, to each chat that is named and served, also over a restart", async () => {
    now = DUE - 1;
    await started().tick();
    expect(sent).toEqual([]);
    now = DUE;
    await started().tick();
    await started().tick();
    expect(sent).toEqual([{ chatId: 1, span: NOVEMBER }]);
    now = Date.parse("2027-01-01T05:00:00Z");
    await started().tick();
    expect(sent.map(({ span }) => span.startAt)).toEqual([NOVEMBER.startAt, NOVEMBER.endAt]);
  });

  it("comes to each thread that is named of one chat, once", async () => {
    const threads: (number | null)[] = [];
    const monthly = createMonthlyQuality({
      plants: { quality: [chatOf(1), { ...chatOf(1), threadId: 7 }, { ...chatOf(1), threadId: 8 }] },
      keyValue,
      timeZoneOf: () => "Europe/Helsinki",
      isServed: () => true,
      currentId: (chatId) => chatId,
      historySince: async () => 0,
      async send({ threadId }) {
        threads.push(threadId);
        return outcome;
      },
      now: () => now,
      log: silentLog,
    });
    await monthly.tick();
    now += 2 * 3_600_000;
    await monthly.tick();
    expect(threads).toEqual([null, 7, 8]);
  });

  it("comes late where nobody ran then, and not where a week has passed", async () => {
    now = DUE + 7 * DAY + 1;
    await started().tick();
    expect(sent).toEqual([]);
    now = DUE + 6 * DAY;
    await started().tick();
    expect(sent).toEqual([{ chatId: 1, span: NOVEMBER }]);
  });

  it("is tried again an hour after it could not be sent", async () => {
    outcome = { kind: "unavailable", detail: "Telegram is away" };
    const monthly = started();
    await monthly.tick();
    await monthly.tick();
    expect(sent).toHaveLength(1);
    now += 3_600_000;
    outcome = { kind: "done", messageId: 1 };
    await monthly.tick();
    await monthly.tick();
    expect(sent).toHaveLength(2);
  });

  it("does not come of a month of which nothing is known", async () => {
    await started(NOVEMBER.endAt).tick();
    await started(null).tick();
    expect(sent).toEqual([]);
  });
});
