import { describe, expect, it } from "vitest";
import type { Task } from "../../src/dispatch/after-call.ts";
import { planStep, wantedTurns, type Snapshot, type LaneStep } from "../../src/dispatch/plan-step.ts";
import type { Showing } from "../../src/dispatch/agenda.ts";
import type { CallKind } from "../../src/pace/turns.ts";
import { taskOf as madeTask } from "./tasks.ts";

/** What is to be done about the card of the alarm with this number. */
const taskOf = (alarmId: number, action: "send" | "none"): Task =>
  madeTask(action === "send" ? { action, reason: "first", isSilent: false } : { action, reason: "upToDate" }, {
    alarmId,
  });

const ring: Showing = { what: "card", task: taskOf(1, "send") };
const edit: Showing = { what: "card", task: taskOf(2, "send") };
const free = { what: "card", task: taskOf(3, "none") } as const;
const putOff = { what: "putOff", task: taskOf(4, "send"), reason: "TOPIC_CLOSED" } as const;
const both: ReadonlyMap<CallKind, Showing> = new Map([
  ["ring", ring],
  ["edit", edit],
]);
const nothing: Snapshot = { calls: new Map(), free: null, parkedMs: 0, turn: null, decidedBefore: 0 };

describe("the next step of a chat", () => {
  it.each<readonly [why: string, known: Partial<Snapshot>, step: LaneStep]>([
    ["rests when there is nothing to show", {}, { kind: "rest" }],
    ["is the call that it is the turn of", { calls: both, turn: "edit" }, { kind: "call", turn: "edit", show: edit }],
    [
      "is that call, though something needs none",
      { calls: both, turn: "ring", free },
      { kind: "call", turn: "ring", show: ring },
    ],
    ["waits for the turn of a call", { calls: both }, { kind: "awaitTurn" }],
    ["settles what needs no call, meanwhile", { calls: both, free }, { kind: "settle", task: free.task }],
    [
      "puts off what goes into a closed thread",
      { free: putOff },
      { kind: "putOff", task: putOff.task, reason: "TOPIC_CLOSED" },
    ],
    [
      "puts that off each time",
      { free: putOff, decidedBefore: 9 },
      { kind: "putOff", task: putOff.task, reason: "TOPIC_CLOSED" },
    ],
    [
      "leaves alone a chat that is to be left alone",
      { calls: both, parkedMs: 9_000 },
      { kind: "leaveAlone", ms: 9_000 },
    ],
    ["rests in such a chat if there is nothing to show", { parkedMs: 9_000 }, { kind: "rest" }],
    [
      "settles in such a chat what needs no call",
      { calls: both, parkedMs: 9_000, free },
      { kind: "settle", task: free.task },
    ],
    ["parks what was settled once and is there again", { free, decidedBefore: 1 }, { kind: "park", task: free.task }],
    ["fails where what was parked is there again", { free, decidedBefore: 2 }, { kind: "fail", task: free.task }],
    ["fails where it is there for the hundredth time", { free, decidedBefore: 99 }, { kind: "fail", task: free.task }],
  ])("%s", (_why, known, step) => {
    expect(planStep({ ...nothing, ...known })).toEqual(step);
  });
});

it("wants a turn for each kind of call that there is, and for none in a chat that is to be left alone", () => {
  expect([...wantedTurns({ calls: both, parkedMs: 0 })]).toEqual(["ring", "edit"]);
  expect([...wantedTurns({ calls: both, parkedMs: 1 })]).toEqual([]);
});
