import { beforeEach, describe, expect, it } from "vitest";
import { Reach } from "../../src/dispatch/reach.ts";
import type { Settled } from "../../src/dispatch/after-call.ts";
import { createManualClock, type ManualClock } from "../support/clock.ts";
import { NOW } from "../support/alarms.ts";
import { CHAT } from "./tasks.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** A call: what came of it, and in which thread; `edit`: it changed a message that was there. */
type Call = readonly [came: Settled["kind"], threadId?: number | null, isEdit?: "edit"];
/** What happens to a chat: a call, time that passes (ms), the service that is back, a sign of life, the clock that is set (`set` ms). */
type Step = Call | number | "back" | "revived" | { readonly set: number };

let clock: ManualClock;
let reach: Reach;
/** What was told of the chat: its thread, and why that cannot be reached. */
let told: [threadId: number | null, reason: string | null][];
/** That nobody can be told of it just now. */
let isDeaf: boolean;

beforeEach(() => {
  clock = createManualClock(NOW);
  told = [];
  isDeaf = false;
  reach = new Reach(CHAT, {
    clock,
    async onReachable({ chatId, threadId }, reason) {
      if (isDeaf) throw new Error("the disk is full");
      told.push([threadId, reason]);
      expect(chatId, "the chat that is told of").toBe(CHAT);
    },
  });
});

function settledAs(kind: Settled["kind"]): Settled {
  if (kind === "done") return { kind, messageId: 1 };
  return kind === "limited" ? { kind, retryAfterMs: 9_000, detail: kind } : { kind, detail: kind };
}

async function happens(...steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    if (typeof step === "number") clock.advance(step);
    else if (step === "back") reach.back();
    else if (step === "revived") reach.revive();
    else if ("set" in step) clock.set(clock.now() + step.set);
    else {
      const [came, threadId = null, isEdit] = step;
      const where = { threadId, isNew: isEdit === undefined };
      reach.note(settledAs(came), where);
      await reach.tell(settledAs(came), where);
    }
  }
}

describe("a chat is left alone", () => {
  it.each<readonly [words: string, steps: readonly Step[], waitMs: number]>([
    ["not at first", [], 0],
    ["not after a call that worked", [["done"]], 0],
    ["for a second after the service failed", [["unavailable"]], SECOND],
    ["for the rest of it, as time passes", [["unavailable"], 400], 600],
    ["no longer than it is to be", [["unavailable"], 1_400], 0],
    ["for twice as long after each failure", [["unavailable"], ["unavailable"], ["unavailable"]], 4 * SECOND],
    [
      "for a second again, once a call worked between",
      [["unavailable"], ["unavailable"], ["done"], ["unavailable"]],
      SECOND,
    ],
    ["for a minute at the most", Array.from({ length: 20 }, (): Step => ["unavailable"]), MINUTE],
    ["for ten minutes where it cannot be reached", [["unreachable"]], 10 * MINUTE],
    ["not for a call that is refused", [["refused"]], 0],
    ["not for one of its threads", [["closed", 5]], 0],
    ["not for a limit, which the pace keeps", [["limited"]], 0],
    ["no more, once a call works", [["unreachable"], ["done"]], 0],
    ["no more for a service that is back", [["unavailable"], ["unavailable"], "back"], 0],
    [
      "for a second again, when a service that was back fails",
      [["unavailable"], ["unavailable"], "back", ["unavailable"]],
      SECOND,
    ],
    ["still, when the service is back and the chat is not", [["unreachable"], "back"], 10 * MINUTE],
    ["no more after its sign of life", [["unreachable"], "revived"], 0],
    ["still for the service, whatever sign of life there is", [["unavailable"], "revived"], SECOND],
    ["for as long, though the clock is set on", [["unreachable"], { set: 60 * MINUTE }], 10 * MINUTE],
  ])("%s", async (_words, steps, waitMs) => {
    await happens(...steps);
    expect(reach.waitMs()).toBe(waitMs);
  });
});

describe("a sign of life", () => {
  it.each<readonly [words: string, steps: readonly Step[], isWorthATry: boolean]>([
    ["is worth a try where the chat could not be reached", [["unreachable"]], true],
    ["is none where nothing is known of the chat", [], false],
    ["is none where it can be reached", [["unreachable"], ["done"]], false],
    ["is none where only a thread is closed", [["closed", 5]], false],
  ])("%s", async (_words, steps, isWorthATry) => {
    await happens(...steps);
    expect(reach.revive()).toBe(isWorthATry);
  });

  it("is worth a try also while others are still being told that the chat cannot be reached", () => {
    reach.note(settledAs("unreachable"), { threadId: null, isNew: true });
    expect([reach.revive(), reach.waitMs()]).toEqual([true, 0]);
  });
});

describe("a thread", () => {
  it.each<readonly [words: string, steps: readonly Step[], threadId: number | null, reason: string | null]>([
    ["is open at first", [], 5, null],
    ["is closed when a new message cannot be sent there", [["closed", 5]], 5, "closed"],
    ["is closed alone", [["closed", 5]], 6, null],
    ["is closed apart from what has no thread", [["closed", 5]], null, null],
    ["is the general one where there is none", [["closed", null]], 1, "closed"],
    ["that is the general one is that of what has none", [["closed", 1]], null, "closed"],
    ["stays open when an old message there cannot be edited", [["closed", 5, "edit"]], 5, null],
    ["is tried again after ten minutes", [["closed", 5], 10 * MINUTE], 5, null],
    ["is not before", [["closed", 5], 10 * MINUTE - 1], 5, "closed"],
    [
      "is open again when something was sent there",
      [
        ["closed", 5],
        ["done", 5],
      ],
      5,
      null,
    ],
    [
      "stays closed though an old message there was edited",
      [
        ["closed", 5],
        ["done", 5, "edit"],
      ],
      5,
      "closed",
    ],
    [
      "stays closed though something was sent elsewhere",
      [
        ["closed", 5],
        ["done", 6],
      ],
      5,
      "closed",
    ],
    ["stays closed for as long, though the clock is set on", [["closed", 5], { set: 60 * MINUTE }], 5, "closed"],
  ])("%s", async (_words, steps, threadId, reason) => {
    await happens(...steps);
    expect(reach.closed(threadId)).toBe(reason);
  });
});

describe("the newest outage", () => {
  const EVER = Number.NEGATIVE_INFINITY;
  it.each<readonly [words: string, steps: readonly Step[], fromMs: number, untilMs: number | null]>([
    ["is the time before this run", [MINUTE], EVER, 0],
    ["is that still after a call that worked", [MINUTE, ["done"]], EVER, 0],
    ["is that still after one that was refused", [MINUTE, ["refused"]], EVER, 0],
    ["begins with a failure of the service", [MINUTE, ["unavailable"], MINUTE], MINUTE, null],
    ["begins where the chat cannot be reached", [MINUTE, ["unreachable"]], MINUTE, null],
    ["begins with a limit", [MINUTE, ["limited"]], MINUTE, null],
    ["goes on from its first failure", [MINUTE, ["unavailable"], 9, ["limited"]], MINUTE, null],
    ["ends with the first call that works", [MINUTE, ["unavailable"], 9, ["done"], 9], MINUTE, MINUTE + 9],
    ["ends with the first that is refused: that is an answer", [["unavailable"], 9, ["refused"]], 0, 9],
    ["stays as it ended", [["unavailable"], 9, ["done"], 9, ["done"]], 0, 9],
    ["gives way to the next", [["unavailable"], 9, ["done"], 9, ["unavailable"]], 18, null],
    ["did not end later than now, after the clock was set back", [{ set: -MINUTE }], EVER, -MINUTE],
  ])("%s", async (_words, steps, fromMs, untilMs) => {
    await happens(...steps);
    expect(reach.outage()).toEqual({ fromAt: NOW + fromMs, untilAt: untilMs === null ? null : NOW + untilMs });
  });
});

describe("what is told of a chat", () => {
  const [CHAT_LOST, CHAT_BACK] = [
    [null, "unreachable"],
    [null, null],
  ] as const;
  it.each<readonly [words: string, steps: readonly Step[], news: readonly (readonly [number | null, string | null])[]]>(
    [
      ["is nothing before a call", [MINUTE], []],
      [
        "is nothing of a service that fails, a limit or a refusal",
        [["unavailable"], ["limited"], ["refused"], ["gone"]],
        [],
      ],
      ["is that it is reached, and what has no thread in it", [["done"]], [CHAT_BACK, [1, null]]],
      ["is nothing of a thread in which only an old message was edited", [["done", 5, "edit"]], [CHAT_BACK]],
      ["is that it cannot be reached, once", [["unreachable"], MINUTE, ["unreachable"]], [CHAT_LOST]],
      ["is that it can be again", [["unreachable"], ["done", 5, "edit"]], [CHAT_LOST, CHAT_BACK]],
      [
        "is that a thread is closed, once",
        [
          ["closed", 5],
          ["closed", 5],
        ],
        [[5, "closed"]],
      ],
      ["is nothing of a thread in which an old message cannot be edited", [["closed", 5, "edit"]], []],
      [
        "is that a thread is open again",
        [
          ["closed", 5],
          ["done", 5],
        ],
        [[5, "closed"], CHAT_BACK, [5, null]],
      ],
      [
        "is each thread by itself",
        [
          ["closed", 5],
          ["closed", 6],
        ],
        [
          [5, "closed"],
          [6, "closed"],
        ],
      ],
    ],
  )("%s", async (_words, steps, news) => {
    await happens(...steps);
    expect(told).toEqual(news);
  });

  it("is told again, if it could not be kept", async () => {
    isDeaf = true;
    await expect(happens(["unreachable"])).rejects.toThrow("the disk is full");
    isDeaf = false;
    await happens(["unreachable"]);
    expect(told).toEqual([CHAT_LOST]);
  });
});
