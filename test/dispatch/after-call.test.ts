import { describe, expect, it } from "vitest";
import type { Card } from "../../src/alarms/card.ts";
import type { Decision, Gathering } from "../../src/alarms/cards/decide.ts";
import { changeAfterCall, parked, recordOf, resultOf, type Settled, type Task } from "../../src/dispatch/after-call.ts";
import type { CardChange } from "../../src/store/alarms/decisions.ts";
import { NOW } from "../support/alarms.ts";
import { CHAT, taskOf } from "./tasks.ts";

const SECOND = 1_000;
const PROBE = 600 * SECOND;
const FLOOD: Gathering = { boardId: 5, kind: "flood" };
const NIGHT: Gathering = { boardId: 5, kind: "quietHours" };

/** What Telegram says where it did not do what it was asked for. */
const SAID = "Bad Request: odd";
const outcomeOf = (kind: Settled["kind"]): Settled => {
  if (kind === "done") return { kind, messageId: 99 };
  return kind === "limited" ? { kind, retryAfterMs: 9_000, detail: SAID } : { kind, detail: SAID };
};
const NOT_TAKEN = ["markup", "tooLong", "refused"] as const;

const again = (inMs: number, refusal: string | null): CardChange => ({
  kind: "retry",
  retryAt: NOW + inMs,
  isFailure: true,
  refusal,
});
const notItsFault: CardChange = { kind: "retry", retryAt: NOW, isFailure: false, refusal: null };
const sentAnew: CardChange = { kind: "gone" };
/** What of the card is another than before, now that it was shown; and the new message about the alarm, if one was sent. */
const shown = (changes: Partial<Card>, messageId: number | null = null) =>
  ({ kind: "shown", changes, messageId }) as const;
const givenUp = (changes: Partial<Card>) => ({ kind: "refused", changes, refusal: SAID }) as const;

type Row = readonly [
  came: readonly Settled["kind"][],
  words: string,
  change: CardChange | ReturnType<typeof shown> | ReturnType<typeof givenUp>,
];
const AWAY: readonly Row[] = [
  [["limited", "unreachable"], "waits with its chat, and has not failed", notItsFault],
  [["unavailable"], "is tried again in a second", again(SECOND, null)],
];

const SEND: Decision = { action: "send", reason: "first", isSilent: false };
const RETIRE: Decision = { action: "retire", reason: "outdated", messageId: 30 };
/** A card whose message 40 shows the alarm as it is. */
const CARD = { messageId: 40, version: 1, rung: 1 } as const;
const BEHIND = { ...CARD, version: 0 } as const;
const OUTDATED = { outdatedMessageIds: [30, 31] } as const;

const TABLE: readonly (readonly [call: string, task: Task, rows: readonly Row[]])[] = [
  [
    "a new message",
    taskOf(SEND),
    [
      ...AWAY,
      [["done"], "is the card", shown({ messageId: 99, version: 1, rung: 1 }, 99)],
      [["closed"], "is tried again in ten minutes, and /status says why", again(PROBE, SAID)],
      [["gone"], "is refused: what was never there cannot be gone", again(SECOND, SAID)],
      [NOT_TAKEN, "is tried again, more and more rarely", again(SECOND, SAID)],
    ],
  ],
  [
    "a new message beside a flood",
    taskOf(SEND, { gathering: FLOOD }),
    [
      ...AWAY,
      [["done"], "is on its board, too", shown({ messageId: 99, version: 1, rung: 1, boardId: 5 }, 99)],
      [["closed"], "is not left to the board", again(PROBE, SAID)],
      [["gone", ...NOT_TAKEN], "is not left to the board", again(SECOND, SAID)],
    ],
  ],
  [
    "a message that answers the one before",
    taskOf({ ...SEND, reason: "reminder" }, { card: { ...CARD, rings: 2 } }),
    [
      ...AWAY,
      [["done"], "is the card now", shown({ messageId: 99, rung: 2, outdatedMessageIds: [40] }, 99)],
      [["closed"], "is tried again in ten minutes, and /status says why", again(PROBE, SAID)],
      [["gone"], "is sent without an answer", sentAnew],
      [NOT_TAKEN, "is tried again, more and more rarely", again(SECOND, SAID)],
    ],
  ],
  [
    "an edit",
    taskOf({ action: "edit", reason: "repeated", messageId: 40 }, { card: BEHIND }),
    [
      ...AWAY,
      [["done"], "shows the alarm as it is, and no message is new", shown({ messageId: 99, version: 1 })],
      [["closed"], "is tried again in ten minutes, and /status says why", again(PROBE, SAID)],
      [["gone"], "is sent as a new message", sentAnew],
      [NOT_TAKEN, "waits for the next change", givenUp({ version: 1 })],
    ],
  ],
  [
    "an edit at night",
    taskOf({ action: "edit", reason: "quietHours", messageId: 40 }, { card: { ...CARD, rings: 2 }, gathering: NIGHT }),
    [
      ...AWAY,
      [["done"], "keeps the message in use", shown({ messageId: 99, rung: 2, boardId: 5 })],
      [
        ["gone", "closed", ...NOT_TAKEN],
        "is left to the board",
        shown({ messageId: null, outdatedMessageIds: [40], rung: 2, boardId: 5 }),
      ],
    ],
  ],
  [
    "an old message's last word",
    taskOf(RETIRE, { card: { ...CARD, ...OUTDATED } }),
    [
      ...AWAY,
      [["done"], "is said", shown({ outdatedMessageIds: [31] })],
      [["closed"], "is tried again in ten minutes, which says nothing of the card", again(PROBE, null)],
      [["gone", ...NOT_TAKEN], "is not missed", shown({ outdatedMessageIds: [31] })],
    ],
  ],
  [
    "an old message's last word before the newest is up to date",
    taskOf(RETIRE, { card: { ...BEHIND, ...OUTDATED } }),
    [
      ...AWAY,
      [["done"], "is said", shown({ outdatedMessageIds: [31] })],
      [["closed"], "does not keep the newest waiting", shown({ outdatedMessageIds: [31] })],
      [["gone", ...NOT_TAKEN], "is not missed", shown({ outdatedMessageIds: [31] })],
    ],
  ],
  [
    "an old message's last word where a board tells the rest",
    taskOf(RETIRE, { card: { ...BEHIND, ...OUTDATED, messageId: null, boardId: 5 } }),
    [[["closed"], "is tried again in ten minutes", again(PROBE, null)]],
  ],
  [
    "a reply",
    taskOf(
      { action: "say", reason: "cleared", messageId: 40, isSilent: true },
      { card: { ...CARD, followUp: "cleared" } },
    ),
    [
      ...AWAY,
      [["done"], "is a message about the alarm, and not its card", shown({ followUp: null }, 99)],
      [["closed", "gone", ...NOT_TAKEN], "is not missed", shown({ followUp: null })],
    ],
  ],
  [
    "a card that is left to a board",
    taskOf({ action: "board", reason: "flood" }, { gathering: FLOOD }),
    [[["done"], "is on the board, and has no message", shown({ version: 1, rung: 1, boardId: 5 })]],
  ],
  [
    "a card that needs nothing",
    taskOf({ action: "none", reason: "upToDate" }, { card: { ...CARD, rings: 2 } }),
    [[["done"], "has nothing left to do", shown({ rung: 2 })]],
  ],
];

describe("what comes of a call for a card:", () => {
  describe.each(TABLE)("%s", (_call, task, rows) => {
    it.each(rows.flatMap(([came, words, change]) => came.map((kind) => [kind, words, change] as const)))(
      "%s: %s",
      (kind, _words, change) => {
        const { changes, ...rest } = { changes: null, ...change };
        const card = changes && { card: { ...task.pending.card, ...changes } };
        expect(changeAfterCall(task, outcomeOf(kind), NOW)).toEqual({ ...rest, ...card });
      },
    );
  });

  it.each<readonly [attempts: number, unavailable: string, refused: string]>([
    [0, "1 s", "1 s"],
    [1, "2 s", "2 s"],
    [5, "32 s", "32 s"],
    [6, "60 s", "64 s"],
    [11, "60 s", "2048 s"],
    [12, "60 s", "3600 s"],
    [1_000, "60 s", "3600 s"],
  ])("after %i failures it waits %s for a service that is away, %s for one that refuses it", (attempts, ...waits) => {
    const task = taskOf(SEND, { attempts });
    const changes = (["unavailable", "refused"] as const).map((kind) => changeAfterCall(task, outcomeOf(kind), NOW));
    expect(changes.map((change) => change.kind === "retry" && `${(change.retryAt - NOW) / SECOND} s`)).toEqual(waits);
  });
});

it("a card that turns in a circle is parked for an hour", () => {
  expect(parked(NOW)).toEqual(again(3_600 * SECOND, null));
});

describe("what /why tells", () => {
  it.each<readonly [outcome: Settled, words: string]>([
    [{ kind: "done", messageId: 1 }, "ok"],
    [{ kind: "refused", detail: "CHAT_RESTRICTED" }, "refused: CHAT_RESTRICTED"],
  ])("of %o is “%s”", (outcome, words) => {
    expect(resultOf(outcome)).toBe(words);
  });

  it("is of which alarm, as of when, why and what was done", () => {
    expect(recordOf(taskOf({ action: "edit", reason: "repeated", messageId: 40 }), "ok", NOW + 5)).toEqual({
      alarmId: 1,
      chatId: CHAT,
      decidedAt: NOW + 5,
      version: 1,
      reason: "repeated",
      action: "edit",
      result: "ok",
    });
  });
});
