import { beforeEach, describe, expect, it } from "vitest";
import type { Decision, Gathering } from "../../src/alarms/cards/decide.ts";
import { changeAfterCall, type Settled, type Task } from "../../src/dispatch/after-call.ts";
import { createTally, UNCOUNTED, type Tally } from "../../src/dispatch/tally.ts";
import { NOW } from "../support/alarms.ts";
import { taskOf as madeTask } from "./tasks.ts";

const SEND: Decision = { action: "send", reason: "first", isSilent: false };
const DONE: Settled = { kind: "done", messageId: 1 };
const FLOOD: Gathering = { boardId: 5, kind: "flood" };

/** An error that was received, and stored a moment later; from then on its card waits. */
const taskOf: typeof madeTask = (decision, about) => madeTask(decision, { since: NOW + 300, ...about });

let told: string[];
let tally: Tally;
beforeEach(() => {
  told = [];
  tally = createTally({
    ...UNCOUNTED,
    decided: ({ action, reason }) => void told.push(`decided ${action} ${reason}`),
    retried: (what, why) => void told.push(`retried ${what} ${why}`),
    shown: (severity, seconds) => void told.push(`shown ${severity} ${seconds}`),
  });
});
const settle = (task: Task, outcome: Settled, at: number) =>
  tally.card(task, outcome, changeAfterCall(task, outcome, at), at);

describe("how long it takes until an alarm is shown", () => {
  it("counts from the receipt of its event, not from when that was stored", () => {
    settle(taskOf(SEND), DONE, NOW + 900);
    expect(told).toEqual(["decided send first", "shown error 0.9"]);
  });

  it("counts from when the card began to wait, where newer events of the alarm came meanwhile", () => {
    settle(taskOf(SEND, { receivedAt: NOW + 5_000 }), DONE, NOW + 6_300);
    expect(told).toContain("shown error 6");
  });

  it("counts to the board that shows it in a flood, which is shown when the board is", () => {
    settle(taskOf({ action: "board", reason: "flood" }, { gathering: FLOOD }), DONE, NOW + 400);
    expect(told).toEqual(["decided board flood"]);
    tally.board({ id: 4 }, DONE, NOW + 1_000);
    tally.board({ id: 5 }, { kind: "unavailable", detail: "502" }, NOW + 1_500);
    tally.board({ id: 5 }, DONE, NOW + 2_000);
    tally.board({ id: 5 }, DONE, NOW + 9_000);
    expect(told.slice(1)).toEqual(["retried board unavailable", "shown error 2"]);
  });

  it("says nothing of what is to wait for the end of quiet hours", () => {
    settle(
      taskOf({ action: "board", reason: "quietHours" }, { gathering: { boardId: 5, kind: "quietHours" } }),
      DONE,
      NOW,
    );
    tally.board({ id: 5 }, DONE, NOW + 28_800_000);
    expect(told).toEqual(["decided board quietHours"]);
  });

  it("says nothing of reminders, and of edits", () => {
    settle(taskOf({ action: "send", reason: "reminder", isSilent: false }), DONE, NOW + 900_000);
    settle(taskOf({ action: "edit", reason: "acknowledged", messageId: 1 }), DONE, NOW + 900_000);
    expect(told).toEqual(["decided send reminder", "decided edit acknowledged"]);
  });

  it("is not less than nothing after the clock was set back", () => {
    settle(taskOf(SEND), DONE, NOW - 60_000);
    expect(told).toContain("shown error 0");
  });
});

describe("retries", () => {
  it.each<readonly [outcome: Settled, why: string]>([
    [{ kind: "limited", retryAfterMs: 1_000, detail: "" }, "limited"],
    [{ kind: "unavailable", detail: "" }, "unavailable"],
    [{ kind: "unreachable", detail: "" }, "unreachable"],
    [{ kind: "refused", detail: "" }, "refused"],
  ])("tell why: %o", (outcome, why) => {
    settle(taskOf(SEND), outcome, NOW + 900);
    expect(told).toEqual(["decided send first", `retried card ${why}`]);
  });

  it("are none where what is refused was only a courtesy", () => {
    settle(taskOf({ action: "retire", reason: "outdated", messageId: 1 }), { kind: "gone", detail: "" }, NOW);
    expect(told).toEqual(["decided retire outdated"]);
  });

  it("are told of a card that turns in a circle", () => {
    tally.parked(taskOf({ action: "none", reason: "upToDate" }));
    expect(told).toEqual(["decided none upToDate", "retried card parked"]);
  });
});
