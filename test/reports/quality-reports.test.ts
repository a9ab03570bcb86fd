import { expect, it } from "vitest";
import { PLOT_COST, LOOK } from "../../src/people/right.ts";
import { createQualityReports } from "../../src/reports/quality-reports.ts";
import { RULES } from "../support/rules.ts";
import { priced } from "../../src/telegram/quality/quality-price.ts";

const DAY = 86_400_000;
const span = (day: number) => ({ startAt: day * DAY, endAt: (day + 1) * DAY });

it("a page of a report that is kept takes a look, and one that has to be worked out anew as much as a plot", async () => {
  const jobs: string[] = [];
  const reports = createQualityReports({
    database: { kind: "file", path: "" },
    worker: {
      async run(job) {
        jobs.push(job.kind);
        return {} as never;
      },
    },
    plants: { shiftStarts: [0] },
    returnAfterMs: 0,
    scopeOf: (chatId) => (chatId === 1 ? "everything" : "shared"),
    timeZoneOf: () => "UTC",
    historySince: async () => null,
    rulesNow: () => ({ rules: RULES, routes: [], reading: {} }),
  });
  const cost = (day: number, chatId: number) => {
    const { startAt, endAt } = span(day);
    const data = `quality:load:${startAt / 1_000}:${endAt / 1_000}`;
    return priced({ action: "button quality", details: "", right: LOOK }, { data, chatId }, reports).right.cost ?? 1;
  };
  expect(cost(1, 1)).toBe(PLOT_COST);
  await reports.of(span(1), 1);
  // What another chat may see is another report.
  expect([cost(1, 1), cost(1, 2), cost(2, 1)]).toEqual([1, PLOT_COST, PLOT_COST]);
  for (const day of [2, 3, 4, 5]) await reports.of(span(day), 1);
  expect([cost(1, 1), cost(5, 1), jobs.length]).toEqual([PLOT_COST, 1, 5]);
  const other = { action: "button why", details: "", right: LOOK };
  expect(priced(other, { data: "why:1", chatId: 1 }, reports)).toBe(other);
});
