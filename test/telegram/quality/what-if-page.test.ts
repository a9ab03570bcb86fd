import { describe, expect, it } from "vitest";
import type { AlarmRule } from "../../../src/alarms/lifecycle/alarm-rule.ts";
import { REMEDIES } from "../../../src/quality/candidates.ts";
import type { Foretold, WhatIf } from "../../../src/quality/what-if.ts";
import { MAX_CAPTION, toPlain } from "../../../src/telegram/api/render.ts";
import { pasteView, questionView } from "../../../src/telegram/quality/rule-views.ts";
import { whatIfButtons } from "../../../src/telegram/quality/what-if-buttons.ts";
import { remedyButtons, whatIfPage } from "../../../src/telegram/quality/what-if-page.ts";
import { NO_RULE } from "../../support/one-alarm.ts";

const SPAN = { startAt: 0, endAt: 30 * 86_400_000, timeZone: "UTC" };
const RULE: AlarmRule = { ...NO_RULE, topics: ["t"] };
const foretold = (more: Partial<Foretold>): Foretold => ({
  kind: "delay",
  remedy: REMEDIES.delay,
  rule: RULE,
  rings: 14,
  missed: 0,
  later: { p50: 10_000, p95: 10_000, p99: 12_000, worst: 12_000 },
  ...more,
});
const limit = { side: "above", value: -123_456_789.123 } as const;
const WHAT_IF: WhatIf = {
  rings: 134,
  trueAlarms: 3,
  remedies: [
    foretold({}),
    foretold({ kind: "delay", remedy: { delayMs: 5_000 }, rings: 134 }),
    foretold({ kind: "limit", remedy: { limit }, missed: 2, later: { p50: 0, p95: 0, p99: 0, worst: 0 } }),
    { kind: "chatter", why: "it never tells its end" },
    { kind: "hysteresis", why: "it never tells its end" },
  ],
};

describe("the page of what rules would have done", () => {
  it("says each figure in words, and offers what saves a ring", () => {
    expect(
      toPlain(whatIfPage(WHAT_IF, { ...SPAN, name: "AMB: bearing hot" }))
        .split("\n")
        .slice(2),
    ).toEqual([
      "AMB: bearing hot: 134 rings, 3 true alarms",
      "· Delay of 10 s: 120 of 134 rings fewer; no true alarm missed, told 10 s later, 12 s at most",
      "· Delay of 5 s: no ring fewer",
      "· Limit above -123456789.123: 120 of 134 rings fewer; 2 true alarms missed, none told later",
      "· Rule of chatter, hysteresis: not offered, it never tells its end",
      "An admin can make one of them a rule of the plants file.",
    ]);
    expect(remedyButtons(12, WHAT_IF).flat()).toEqual([
      { text: "Make a rule: delay of 10 s…", callback_data: "rule:12:delay" },
      { text: "Make a rule: limit above -123456789.123…", callback_data: "rule:12:above_-123456789.123" },
    ]);
  });

  it("is reached by buttons that name their alarm first, as all that name one", () => {
    const worst = [{ id: 12, name: "bearing hot", count: 3, share: 1, proposal: "" }];
    expect(whatIfButtons({ worst }, SPAN).flat()).toEqual([{ text: "1", callback_data: "whatif:12:0:2592000" }]);
  });

  it("keeps to what Telegram takes, however long names and numbers are", () => {
    const name = "<&".repeat(40);
    expect(whatIfPage(WHAT_IF, { ...SPAN, name }).html.length).toBeLessThanOrEqual(MAX_CAPTION + 20);
    const id = 999_999_999_999_999;
    const [, pressed] = remedyButtons(id, WHAT_IF).flat();
    const code = pressed && "callback_data" in pressed ? pressed.callback_data : "";
    expect(`${code.replace("rule:", "ruleyes:")}:12345678`.length).toBeLessThanOrEqual(64);
    // The longest texts that a plants file takes.
    const rule = ["topic", "source", "message"].map((key) => `  ${key}: ${"&".repeat(200)}`);
    const diff = [
      ...Array.from({ length: 4 }, () => ({ sign: " ", text: "x".repeat(5_000) }) as const),
      ...rule.map((text) => ({ sign: "+", text }) as const),
    ];
    for (const view of [
      questionView("plants.yaml", diff, { isShared: true, isForTopic: false }),
      pasteView("A reason.", rule),
    ])
      expect(toPlain(view).length).toBeLessThan(4_096);
  });
});
