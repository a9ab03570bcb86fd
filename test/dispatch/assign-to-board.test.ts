import { describe, expect, it } from "vitest";
import type { RingReason } from "../../src/alarms/card.ts";
import type { BoardKind, Gathering } from "../../src/alarms/cards/decide.ts";
import { rankOf, type Severity } from "../../src/alarms/types.ts";
import {
  closeEndedFlood,
  assignToBoard,
  type FloodRate,
  type BoardOptions,
  type Outage,
} from "../../src/dispatch/assign-to-board.ts";
import type { Board } from "../../src/store/alarms/board-rows.ts";
import type { RingPeriod, WaitingRings } from "../../src/store/alarms/pending.ts";
import { NOW } from "../support/alarms.ts";
import { CHAT, pendingOf } from "./tasks.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const NIGHT = 8 * 60 * MINUTE;

/** Rings of the chat: how many, how long ago, of what, and whether somebody heard them. */
type Rang = readonly [count: number, agoMs: number, what?: Severity | "reminder", isHeard?: "unheard"];

/** What is known of a chat; nothing, unless a case says otherwise. */
interface Known {
  /** The boards that gather. */
  readonly open?: readonly BoardKind[];
  readonly rang?: readonly Rang[];
  readonly waiting?: WaitingRings;
  readonly isQuiet?: true;
  /** Left out: more than 3 in 10 minutes are a flood, more than 2 within 5 seconds belong together. */
  readonly floodRate?: null;
  readonly togetherRate?: null;
}

/** The number of a board that is opened; those that are there are numbered from 0. */
const NEW_ID = 50;
const boardOf = (kind: BoardKind, id: number): Board => {
  const empty = { threadId: null, closedAt: null, messageId: null, page: 0, changes: 1, attempts: 0 };
  return { id, chatId: CHAT, kind, openedAt: NOW, ...empty };
};

const errors = (count: number, agoMs: number): Rang => [count, agoMs];
const warnings = (count: number, agoMs: number): Rang => [count, agoMs, "warning"];
const criticals = (count: number, agoMs: number): Rang => [count, agoMs, "critical"];
const reminders = (count: number, agoMs: number): Rang => [count, agoMs, "reminder"];
const unheard = (count: number, agoMs: number): Rang => [count, agoMs, "error", "unheard"];

/** Whether a ring is in a stretch of time that is asked for, and of the kind. */
function isIn({ since, now, isNews, toldAs }: RingPeriod, [, agoMs, what = "error", isHeard]: Rang): boolean {
  if (NOW - agoMs <= since || NOW - agoMs > now) return false;
  if (what === "reminder") return !isNews;
  return toldAs === undefined || (isHeard !== "unheard" && rankOf(what) >= rankOf(toldAs));
}

/** A chat of which this is known; what is opened in it can be seen. */
function chatOf({ open = [], rang = [], waiting, isQuiet, floodRate, togetherRate }: Known) {
  const opened: Opened[] = [];
  const boards: Partial<BoardOptions["store"]["boards"]> = {
    gathering: async () => open.map((kind, i) => boardOf(kind, i)),
    async open({ kind }, showAt, since) {
      opened.push({ kind, showInMs: showAt - NOW, withRingsOfMs: since === null ? null : NOW - since });
      return boardOf(kind, NEW_ID);
    },
    close: async (board, at) => ({ ...board, closedAt: at }),
  };
  const cards: Partial<BoardOptions["store"]["cards"]> = {
    waitingRings: async () => waiting ?? { oldestSince: null, hasOthers: false },
    async countRings(_chatId, period, limit) {
      const counts = rang.filter((ring) => isIn(period, ring)).map(([count]) => count);
      return counts.reduce((sum, count) => Math.min(limit, sum + count), 0);
    },
  };
  const rate = (count: number, withinMs: number, off: null | undefined): FloodRate | null =>
    off === null ? null : { count, withinMs };
  const options: BoardOptions = {
    store: { boards, cards } as BoardOptions["store"],
    floodRate: rate(3, 10 * MINUTE, floodRate),
    togetherRate: rate(2, 5 * SECOND, togetherRate),
    quietUntil: () => (isQuiet ? NOW + NIGHT : null),
  };
  return { opened, options };
}

/** A board that was opened: in how long it is shown, and how far back the rings go that are on it from the start. */
interface Opened {
  readonly kind: BoardKind;
  readonly showInMs: number;
  readonly withRingsOfMs: number | null;
}

/** The card that is to ring: an error that just came, unless a case says otherwise. */
interface Rings {
  readonly as?: Severity;
  readonly reason?: RingReason;
  readonly waitedMs?: number;
  readonly outage?: Outage;
}

/** On which board it goes, and which one is opened for it. */
interface Comes {
  readonly board: Gathering | null;
  readonly opened: readonly Opened[];
}
const ITSELF: Comes = { board: null, opened: [] };
const on = (kind: BoardKind, boardId = 0): Comes => ({ board: { boardId, kind }, opened: [] });
const opens = (kind: BoardKind, showInMs: number, withRingsOfMs: number | null = null): Comes => ({
  board: { boardId: NEW_ID, kind },
  opened: [{ kind, showInMs, withRingsOfMs }],
});

type Case = readonly [words: string, card: Rings, chat: Known, comesOfIt: Comes];

const CRITICAL: Rings = { as: "critical" };
const REMINDER: Rings = { reason: "reminder" };
const TWO_WAIT: WaitingRings = { oldestSince: NOW - 5 * MINUTE, hasOthers: true };
const ONE_WAITS: WaitingRings = { ...TWO_WAIT, hasOthers: false };
const FOUND: Rings = { reason: "found" };

const STOOD_THERE: readonly Case[] = [
  ["rings by itself if it is alone", FOUND, { waiting: ONE_WAITS }, ITSELF],
  ["is told together with others that wait", FOUND, { waiting: TWO_WAIT }, opens("found", 3 * SECOND)],
  ["goes where those before it went, though it is the last", FOUND, { open: ["found"] }, on("found")],
  ["is told with the others even if it is critical", { ...FOUND, ...CRITICAL }, { open: ["found"] }, on("found")],
  ["does not wait for the morning", FOUND, { waiting: TWO_WAIT, isQuiet: true }, opens("found", 3 * SECOND)],
];

const QUIET: readonly Case[] = [
  ["waits for the morning", {}, { isQuiet: true }, opens("quietHours", NIGHT)],
  ["waits with the others", {}, { isQuiet: true, open: ["quietHours"] }, on("quietHours")],
  ["waits also in a flood", {}, { isQuiet: true, open: ["flood"] }, opens("quietHours", NIGHT)],
  ["does not wait if it is critical", CRITICAL, { isQuiet: true }, ITSELF],
  ["does not wait if it is critical, whatever does", CRITICAL, { isQuiet: true, open: ["quietHours"] }, ITSELF],
];

const lasting = (ms: number): Outage => ({ fromAt: NOW - ms, untilAt: null });
const over = (ms: number, agoMs: number): Outage => ({ fromAt: NOW - agoMs - ms, untilAt: NOW - agoMs });
const ALWAYS: Outage = { fromAt: Number.NEGATIVE_INFINITY, untilAt: null };
const OUTAGE: readonly Case[] = [
  ["is told together after two minutes", { outage: lasting(2 * MINUTE) }, { waiting: TWO_WAIT }, opens("catchUp", 0)],
  ["is told one by one after less", { outage: lasting(2 * MINUTE - 1) }, { waiting: TWO_WAIT }, ITSELF],
  ["is told by itself if nothing else waits", { outage: lasting(5 * MINUTE) }, { waiting: ONE_WAITS }, ITSELF],
  ["is told by itself if nothing waits at all", { outage: lasting(5 * MINUTE) }, {}, ITSELF],
  [
    "is told one by one if the first came only shortly before its end",
    { outage: ALWAYS },
    { waiting: { oldestSince: NOW - 2 * MINUTE + 1, hasOthers: true } },
    ITSELF,
  ],
  [
    "is told together if the first came two minutes before its end",
    { outage: ALWAYS },
    { waiting: { oldestSince: NOW - 2 * MINUTE, hasOthers: true } },
    opens("catchUp", 0),
  ],
  [
    "counts its length, not how long ago it was",
    { outage: over(MINUTE, 5 * MINUTE), waitedMs: 5 * MINUTE },
    { waiting: TWO_WAIT },
    ITSELF,
  ],
  ["came with its last moment", { outage: over(3 * MINUTE, 9), waitedMs: 9 }, { open: ["catchUp"] }, on("catchUp")],
  ["came after it", { outage: over(3 * MINUTE, 9), waitedMs: 8 }, { open: ["catchUp"] }, ITSELF],
  ["goes where those before it went", { outage: lasting(1) }, { open: ["catchUp"] }, on("catchUp")],
  ["rings by itself if it is critical", { ...CRITICAL, outage: lasting(5 * MINUTE) }, { waiting: TWO_WAIT }, ITSELF],
  ["is none: what waits is told one by one", {}, { waiting: TWO_WAIT }, ITSELF],
];

const FLOOD: readonly Case[] = [
  ["as many as are allowed are none", {}, { rang: [errors(3, MINUTE)] }, ITSELF],
  ["one more is one", {}, { rang: [errors(4, MINUTE)] }, opens("flood", 0, 10 * MINUTE)],
  ["what is ten minutes ago counts no more", {}, { rang: [errors(3, MINUTE), errors(9, 10 * MINUTE)] }, ITSELF],
  ["reminders are nothing new", {}, { rang: [errors(3, MINUTE), reminders(9, MINUTE)] }, ITSELF],
  ["what comes while it lasts is on it", {}, { open: ["together", "flood"] }, on("flood", 1)],
  ["what comes while it lasts is on it, reminders, too", REMINDER, { open: ["flood"] }, on("flood")],
  ["a critical alarm rings, and opens none", CRITICAL, { rang: [errors(4, MINUTE)] }, ITSELF],
  ["a critical alarm is counted on it", CRITICAL, { open: ["flood"] }, on("flood")],
  ["many reminders are told together", REMINDER, { rang: [reminders(4, MINUTE)] }, opens("reminders", MINUTE)],
  [
    "new alarms count towards these",
    REMINDER,
    { rang: [reminders(1, 9), errors(3, MINUTE)] },
    opens("reminders", MINUTE),
  ],
  ["a few reminders are not", REMINDER, { rang: [reminders(3, MINUTE)] }, ITSELF],
  ["there is none where it is switched off", {}, { rang: [errors(99, 1)], floodRate: null }, ITSELF],
  ["one that lasted when it was switched off takes nothing", {}, { open: ["flood"], floodRate: null }, ITSELF],
];

const TOGETHER: readonly Case[] = [
  ["two ring, the third opens a board", {}, { rang: [errors(2, SECOND)] }, opens("together", 3 * SECOND, 5 * SECOND)],
  ["two ring", {}, { rang: [errors(1, SECOND)] }, ITSELF],
  ["two ring, whatever waits behind", {}, { rang: [errors(1, SECOND), unheard(2, SECOND)] }, ITSELF],
  ["what is worse rings", {}, { rang: [warnings(2, SECOND)] }, ITSELF],
  [
    "what is as bad does not",
    { as: "warning" },
    { rang: [errors(2, SECOND)] },
    opens("together", 3 * SECOND, 5 * SECOND),
  ],
  ["what is longer ago does not belong to it", {}, { rang: [errors(1, SECOND), errors(1, 5 * SECOND)] }, ITSELF],
  [
    "what comes a moment later goes to the others",
    {},
    { open: ["together"], rang: [errors(2, SECOND)] },
    on("together"),
  ],
  ["what comes much later does not", {}, { open: ["together"], rang: [errors(1, SECOND)] }, ITSELF],
  ["critical alarms all ring", CRITICAL, { rang: [criticals(2, SECOND)] }, ITSELF],
  ["information is silent anyway", { as: "info" }, { rang: [errors(2, SECOND)] }, ITSELF],
  ["a reminder is no part of it", REMINDER, { rang: [errors(2, SECOND)] }, ITSELF],
  ["there is no such board where it is switched off", {}, { rang: [errors(2, SECOND)], togetherRate: null }, ITSELF],
];

describe.each([
  ["what stood at the broker before", STOOD_THERE],
  ["what comes in quiet hours", QUIET],
  ["what comes in an outage", OUTAGE],
  ["a flood", FLOOD],
  ["what comes within seconds", TOGETHER],
])("%s:", (_what, cases) => {
  it.each(cases)("%s", async (_words, { as, reason = "first", waitedMs = 0, outage }, known, comesOfIt) => {
    const { opened, options } = chatOf(known);
    const since = NOW - waitedMs;
    const pending = pendingOf({ ...(as && { severity: as }), since, card: { ringReason: reason } });
    const board = await assignToBoard(pending, outage ?? null, NOW, options);
    expect({ board, opened }).toEqual(comesOfIt);
  });
});

describe("a flood ends", () => {
  const CLOSED = { closed: { kind: "flood", closedAt: NOW }, checkInMs: null };
  const LASTS = { closed: null, checkInMs: 15 * SECOND };
  const NOTHING = { closed: null, checkInMs: null };

  it.each<readonly [words: string, chat: Known, comesOfIt: object]>([
    ["when fewer than half of what makes one came", { open: ["flood"], rang: [errors(1, MINUTE)] }, CLOSED],
    ["not while half came", { open: ["flood"], rang: [errors(2, MINUTE)] }, LASTS],
    ["when what came is ten minutes ago", { open: ["flood"], rang: [errors(9, 10 * MINUTE)] }, CLOSED],
    ["when only reminders come", { open: ["flood"], rang: [reminders(9, MINUTE)] }, CLOSED],
    ["when it is switched off", { open: ["flood"], rang: [errors(9, MINUTE)], floodRate: null }, CLOSED],
    ["only if there is one", { open: ["together"] }, NOTHING],
  ])("%s", async (_words, known, comesOfIt) => {
    expect(await closeEndedFlood(CHAT, NOW, chatOf(known).options)).toMatchObject(comesOfIt);
  });
});
