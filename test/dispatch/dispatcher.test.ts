import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NO_ESCALATION, type Escalation } from "../../src/alarms/lifecycle/escalation-plan.ts";
import { acknowledge } from "../../src/alarms/lifecycle/handling.ts";
import type { Alarm } from "../../src/alarms/types.ts";
import { createDispatcher, type Dispatcher } from "../../src/dispatch/dispatcher.ts";
import { createPace } from "../../src/pace/pace.ts";
import type { CardSender, Outcome } from "../../src/dispatch/types.ts";
import type { Logger } from "../../src/lib/log.ts";
import type { PendingCard } from "../../src/store/alarms/pending.ts";
import type { Database } from "../../src/store/sql/database.ts";
import { openSqlite } from "../../src/store/sqlite/sqlite.ts";
import { openStore, type Store } from "../support/store.ts";
import { eventOf } from "../support/alarms.ts";
import { createManualClock, type ManualClock } from "../support/clock.ts";
import { silentLog } from "../support/log.ts";
import { chatOf, RULES } from "../support/rules.ts";
import { until } from "../support/until.ts";

const [CHAT, OTHER] = [7, 8];
/** After five minutes without an acknowledgement the other chat is told. */
const PASSED_ON: Escalation = {
  ...NO_ESCALATION,
  remindAfterMs: null,
  steps: [{ afterMs: 300_000, to: chatOf(OTHER) }],
  ownerAfterMs: null,
};
/** Far more uses of the store than a test's few cards can ask for at one time. */
const MAX_USES = 20_000;

let clock: ManualClock;
let store: Store;
let database: Database;
let dispatcher: Dispatcher;
/** What the chats were asked to show: `send 7 Coil hot`. */
let calls: string[];
/** What the next calls come to; `done` when it is empty. */
let outcomes: Outcome[];
let reached: (readonly [number, string | null])[];
let threads: (readonly [number, string | null])[];
let settleFails: number;
/** What the next call to this chat comes to, before any of these. */
let outcomeOf: Map<number, Outcome>;
/** Grows with each use of the store by a lane. */
let uses: number;
/** Looks at a card that waits before the lane does. */
let onPending: (pending: PendingCard | null) => PendingCard | null;
let errors: string[];
/** How long it takes to note what was shown. */
let settleMs: number;
/** Where alarms go. */
let chats: readonly number[];
let threadId: number | null;
let quietEndsAt: number | null;
let pins: string[];
/** What a call waits for before it is answered. */
let answered: Promise<void>;

beforeEach(async () => {
  clock = createManualClock();
  calls = [];
  outcomes = [];
  reached = [];
  threads = [];
  settleFails = 0;
  outcomeOf = new Map();
  uses = 0;
  onPending = (pending) => pending;
  errors = [];
  settleMs = 0;
  chats = [CHAT];
  threadId = null;
  pins = [];
  answered = Promise.resolve();
  quietEndsAt = null;
  database = openSqlite(":memory:");
  const real = await openStore(database, {
    rules: { ...RULES, escalations: { ...RULES.escalations, error: PASSED_ON } },
    destinationsOf: () => chats.map((chatId) => ({ ...chatOf(chatId), threadId })),
    now: clock.now,
  });
  store = {
    ...real,
    cards: {
      ...real.cards,
      async nextPending(...args) {
        uses++;
        const found = await real.cards.nextPending(...args);
        // What comes first is given out for another one, not what follows it.
        return args[2]?.after ? found : onPending(found);
      },
      settle(settlements) {
        uses++;
        clock.advance(settleMs * settlements.length);
        return settleFails-- > 0 ? Promise.reject(new Error("disk full")) : real.cards.settle(settlements);
      },
    },
  };
  const call = async (action: string, chatId: number, { message, severity }: Alarm): Promise<Outcome> => {
    calls.push(`${action} ${chatId} ${severity} ${message}`);
    await answered;
    const own = outcomeOf.get(chatId);
    outcomeOf.delete(chatId);
    const outcome = own ?? outcomes.shift() ?? { kind: "done", messageId: calls.length };
    // As whoever looks at every call of the Bot API does.
    if (outcome.kind === "limited") pace.refused(chatId, outcome.retryAfterMs);
    return outcome;
  };
  const pace = createPace({ isOn: true, clock });
  const sender: CardSender = {
    send: ({ chatId }, alarm) => call("send", chatId, alarm),
    edit: (chatId, _, alarm) => call("edit", chatId, alarm),
    retire: (chatId, _, alarm) => call("retire", chatId, alarm),
    say: ({ chatId }, _, alarm, { followUp }) => call(`say ${followUp}`, chatId, alarm),
    async showBoard({ chatId, kind, messageId, threadId: thread }, { total, active }) {
      const where = thread === null ? "" : ` in thread ${thread}`;
      calls.push(`${messageId === null ? "send" : "edit"} ${chatId} board ${kind}${where}: ${total}, ${active} active`);
      return outcomes.shift() ?? { kind: "done", messageId: messageId ?? calls.length };
    },
    async pin(chatId, _, isPinned) {
      pins.push(`${isPinned ? "pin" : "unpin"} ${chatId}`);
    },
  };
  dispatcher = createDispatcher({
    store,
    sender,
    pace,
    quietUntil: () => quietEndsAt,
    togetherRate: null,
    floodRate: { count: 10, withinMs: 600_000 },
    clock,
    log: { ...silentLog, error: (_: unknown, message: string) => void errors.push(message) } as Logger,
    onMigrated: async () => undefined,
    onReachable: async ({ chatId, threadId }, reason) => {
      if (threadId === null) reached.push([chatId, reason]);
      else threads.push([threadId, reason]);
    },
  });
});
afterEach(async () => {
  await dispatcher.stop();
  await store.close();
});

async function raise(message: string, more: object = {}, chatIds: readonly number[] = [CHAT]): Promise<void> {
  const event = eventOf({ id: message, message, state: "active", ...more }, { at: clock.now() });
  chats = chatIds;
  await store.record([event]);
  dispatcher.wake(chatIds);
}
const idle = async (): Promise<void> => {
  // Nothing is under way when several turns of the event loop bring neither a call nor work on the store.
  const [usesBefore, workOf] = [uses, () => calls.length + uses];
  let seen = -1;
  for (let turns = 0; turns < 20; turns++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (uses > usesBefore + MAX_USES) throw new Error("the dispatcher turns in a circle");
    if (seen !== workOf()) turns = 0;
    seen = workOf();
  }
};
/** Moves the clock on in small steps, letting what is due be done. */
async function pass(ms: number, stepMs = 1_000): Promise<void> {
  await idle();
  for (let passed = 0; passed < ms; passed += stepMs) {
    clock.advance(Math.min(stepMs, ms - passed));
    await idle();
  }
}

describe("dispatcher", () => {
  it("obeys retry_after exactly, for that chat only", async () => {
    outcomes = [{ kind: "limited", retryAfterMs: 1_000_000, detail: "retry after 1000" }];
    await raise("a");
    await until("asked", () => calls.length === 1);
    await raise("a", {}, [OTHER]);
    await until("the other is told", () => calls.length === 2);
    await pass(999_000, 100_000);
    expect(calls).toHaveLength(2);
    await pass(1_000);
    expect(calls).toEqual(["send 7 warning a", "send 8 warning a", "send 7 warning a"]);
  });

  it("waits no longer than that when the clock is set back meanwhile", async () => {
    outcomes = [{ kind: "limited", retryAfterMs: 30_000, detail: "retry after 30" }];
    await raise("a");
    await until("asked", () => calls.length === 1);
    clock.set(clock.now() - 7_200_000);
    await pass(31_000);
    expect(calls).toHaveLength(2);
  });

  it("backs off to a minute while the service is away, and forgets nothing", async () => {
    outcomes = Array.from({ length: 9 }, () => ({ kind: "unavailable", detail: "502" }));
    await raise("a");
    await pass(190_000);
    expect(calls.length).toBeLessThan(10);
    await pass(120_000);
    expect(calls.length).toBeGreaterThanOrEqual(10);
    expect(await store.cards.backlog()).toMatchObject({ waiting: 0 });
  });

  it("does not show again what it could not note, but notes it later", async () => {
    settleFails = 4;
    await raise("a");
    await pass(60_000);
    expect(calls).toEqual(["send 7 warning a"]);
    expect(await store.cards.backlog()).toMatchObject({ waiting: 0 });
  });

  it("notes what came of the call under way before it stops, so that the next run does not ring again", async () => {
    const answer = Promise.withResolvers<void>();
    answered = answer.promise;
    await raise("a");
    await until("asked", () => calls.length === 1);
    const stopped = dispatcher.stop();
    answer.resolve();
    await stopped;
    expect(await store.cards.backlog()).toMatchObject({ waiting: 0 });
  });

  it("rings for what is new although an old alarm chatters", async () => {
    await raise("chatters", { severity: "error" });
    for (let i = 0; i < 20; i++) {
      await raise("chatters", { severity: "error" });
      if (i === 10) await raise("new");
      await pass(1_000);
    }
    expect(calls).toContain("send 7 warning new");
  });

  it("rings for an escalation although edits fail", async () => {
    await raise("a");
    await pass(1_000);
    await raise("a", { severity: "error" });
    await idle();
    outcomes = [{ kind: "unavailable", detail: "502" }];
    await raise("a", { severity: "critical" });
    await pass(70_000);
    expect(calls).toContain("send 7 critical a");
  });

  it("probes a chat that cannot be reached every ten minutes, and says once that it is back", async () => {
    outcomes = [{ kind: "unreachable", detail: "kicked" }];
    await raise("a");
    await until("found out", () => reached.length === 1);
    await raise("b");
    await pass(599_000, 100_000);
    expect(calls).toHaveLength(1);
    await pass(10_000);
    expect(calls).toEqual(["send 7 warning a", "send 7 board catchUp: 2, 2 active"]);
    expect(reached).toEqual([
      [CHAT, "kicked"],
      [CHAT, null],
    ]);
  });

  it("tries at once when such a chat gives a sign of life", async () => {
    outcomes = [{ kind: "unreachable", detail: "kicked" }];
    await raise("a");
    await until("found out", () => reached.length === 1);
    dispatcher.revive(CHAT);
    await until("told", () => calls.length === 2);
  });

  it("finds out anew, at once, and says so again, once the chat was no trouble any more as it got nothing for a while", async () => {
    outcomes = [
      { kind: "unreachable", detail: "kicked" },
      { kind: "unreachable", detail: "kicked" },
    ];
    await raise("a");
    await until("found out", () => reached.length === 1);
    dispatcher.forget(CHAT);
    await raise("b");
    await until("found out anew", () => reached.length === 2);
    expect(reached).toEqual([
      [CHAT, "kicked"],
      [CHAT, "kicked"],
    ]);
  });

  it("edits in quiet hours what is there already, and tells it again with the rest at their end", async () => {
    await raise("a");
    await raise("a", { state: "cleared" });
    await pass(2_000);
    quietEndsAt = clock.now() + 60_000;
    calls = [];
    await raise("a");
    await raise("b");
    await pass(59_000);
    expect(calls).toEqual(["edit 7 warning a"]);
    quietEndsAt = null;
    await pass(2_000);
    expect(calls.slice(1)).toEqual(["send 7 board quietHours: 2, 2 active"]);
  });

  it("shows the board of a night when it is not quiet any more, also if the clock was ahead by a year when it began", async () => {
    clock.set(clock.now() + 365 * 86_400_000);
    quietEndsAt = clock.now() + 3_600_000;
    await raise("a");
    await pass(2_000);
    clock.set(clock.now() - 365 * 86_400_000);
    dispatcher.wake([CHAT]);
    await pass(2_000);
    expect(calls).toEqual([]);
    quietEndsAt = null;
    dispatcher.wake([CHAT]);
    await pass(2_000);
    expect(calls).toEqual(["send 7 board quietHours: 1, 1 active"]);
  });

  it("takes nothing for part of an outage that ended while the clock was ahead", async () => {
    clock.set(clock.now() + 86_400_000);
    outcomes = [{ kind: "unreachable", detail: "kicked" }];
    await raise("a");
    await until("found out", () => reached.length === 1);
    await pass(610_000, 10_000);
    clock.set(clock.now() - 86_400_000);
    calls = [];
    await raise("b");
    await raise("c");
    await pass(5_000);
    expect(calls.filter((call) => call.startsWith("send"))).toEqual(["send 7 warning b", "send 7 warning c"]);
  });

  it("keeps on the board of the morning what cannot be edited", async () => {
    await raise("a");
    await pass(1_000);
    quietEndsAt = clock.now() + 60_000;
    outcomes = [{ kind: "refused", detail: "odd" }];
    await raise("a", { severity: "error" });
    await pass(59_000);
    quietEndsAt = null;
    await pass(2_000);
    expect(calls.at(-1)).toBe("send 7 board quietHours: 1, 1 active");
  });

  it("leaves a closed thread alone but not its chat, tries it every ten minutes, and says once each what it found", async () => {
    threadId = 5;
    outcomes = [{ kind: "closed", detail: "TOPIC_CLOSED" }];
    await raise("a", { severity: "error" });
    await until("found out", () => threads.length === 1);
    await raise("b", { severity: "error" });
    await raise("c", { severity: "error" });
    threadId = 6;
    await raise("d");
    await pass(590_000, 10_000);
    expect(calls).toEqual(["send 7 error a", "send 7 warning d"]);
    await pass(30_000);
    expect(calls.slice(2).toSorted()).toEqual(["send 7 error a", "send 7 error b", "send 7 error c"]);
    expect(threads).toEqual([
      [5, "TOPIC_CLOSED"],
      [6, null],
      [5, null],
    ]);
    expect(reached).toEqual([[CHAT, null]]);
  });

  it("shows how an alarm is that goes on in another thread, although that of its old message was closed", async () => {
    threadId = 5;
    await raise("a");
    await pass(5_000);
    await raise("a", { state: "cleared" });
    await pass(5_000);
    threadId = 6;
    outcomes = [
      { kind: "done", messageId: 50 },
      { kind: "closed", detail: "TOPIC_CLOSED" },
      { kind: "done", messageId: 50 },
      { kind: "done", messageId: 51 },
      { kind: "closed", detail: "TOPIC_CLOSED" },
    ];
    await raise("a");
    await pass(5_000);
    await raise("a", { state: "cleared" });
    await pass(5_000);
    expect(calls.slice(3, 7)).toEqual([
      "send 7 warning a",
      "retire 7 warning a",
      "edit 7 warning a",
      "say cleared 7 warning a",
    ]);
    outcomes = [{ kind: "closed", detail: "TOPIC_CLOSED" }];
    await raise("a");
    await pass(5_000);
    // It comes and goes: the last word of its old message would go first.
    expect(calls.slice(-2)).toEqual(["retire 7 warning a", "edit 7 warning a"]);
    expect(threads).toEqual([
      [5, null],
      [6, null],
    ]);
    expect(await store.cards.backlog()).toMatchObject({ waiting: 0 });
  });

  it("does not ask again and again for a new message that is said not to be there", async () => {
    const gone = () => Array.from({ length: 100 }, () => ({ kind: "gone" as const, detail: "MESSAGE_ID_INVALID" }));
    outcomes = gone();
    await raise("a");
    await pass(30_000);
    expect(calls).toHaveLength(5);
    outcomes = gone();
    quietEndsAt = clock.now() + 1_000;
    await raise("b");
    await idle();
    quietEndsAt = null;
    await pass(20_000);
    expect(calls.filter((call) => call.includes("board")).length).toBeLessThan(6);
    outcomes = [];
    await pass(60_000);
    expect(await store.cards.backlog()).toMatchObject({ waiting: 0 });
  });

  it("shows a board outside of threads when its own is closed, since cards of others are on it", async () => {
    threadId = 5;
    quietEndsAt = clock.now() + 60_000;
    await raise("a");
    threadId = 6;
    await raise("b");
    await pass(59_000);
    quietEndsAt = null;
    outcomes = [{ kind: "closed", detail: "TOPIC_CLOSED" }];
    await pass(2_000);
    expect(calls).toEqual(["send 7 board quietHours in thread 5: 2, 2 active", "send 7 board quietHours: 2, 2 active"]);
  });

  it("counts no failure of a board or a card that only had to wait for its turn", async () => {
    quietEndsAt = clock.now() + 1_000;
    await raise("a");
    await idle();
    quietEndsAt = null;
    outcomes = [1, 2, 3].map(() => ({ kind: "limited", retryAfterMs: 10_000, detail: "retry after 10" }));
    await pass(35_000);
    expect((await store.boards.find(1))?.attempts).toBe(0);
    expect(calls.at(-1)).toBe("send 7 board quietHours: 1, 1 active");
    outcomes = [1, 2, 3].map(() => ({ kind: "limited", retryAfterMs: 10_000, detail: "retry after 10" }));
    await raise("b", { severity: "critical" });
    await pass(25_000);
    expect((await store.cards.nextPending(CHAT, clock.now()))?.attempts).toBe(0);
  });

  it("tells of a flood while it goes on: its board does not wait for the last of them", async () => {
    settleMs = 10;
    const [count, seconds] = [400, 4];
    await store.record(
      Array.from({ length: count }, (_, i) => eventOf({ id: `a${i}`, message: "x" }, { at: clock.now() })),
    );
    dispatcher.wake([CHAT]);
    await until("all are on the board", async () => (await store.cards.backlog()).waiting === 0);
    await pass(10_000);
    const totals = calls.map((call) => Number(/^\w+ 7 board flood: (\d+), /.exec(call)?.[1]));
    expect(calls[0]).toMatch(/^send/);
    expect(totals[0]).toBeLessThan(count / (seconds - 1));
    expect(totals.at(-1)).toBe(count);
    expect(totals.length).toBeLessThanOrEqual(1 + seconds);
  });

  it("lets the others pass one that is refused, and asks for it again, ever more rarely", async () => {
    outcomes = [{ kind: "refused", detail: "too long" }];
    await raise("poison", { severity: "critical" });
    await until("refused", () => calls.length === 1);
    outcomes = [
      { kind: "done", messageId: 9 },
      ...Array.from({ length: 50 }, () => ({ kind: "refused", detail: "too long" }) as const),
    ];
    await raise("fine");
    await pass(600_000, 5_000);
    expect(calls[1]).toBe("send 7 warning fine");
    expect(calls.length).toBeLessThan(14);
    expect(await store.cards.backlog()).toMatchObject({ waiting: 1, refused: 1, refusal: "too long" });
  });

  it.each([
    ["edits", 1],
    ["messages", 0],
  ])(
    "tries %s that are refused once in ten seconds, however often the alarm comes, and at once when it rings",
    async (_, taken) => {
      for (let i = 0; i < taken; i++) {
        await raise("a");
        await pass(1_000);
      }
      const before = calls.length;
      for (let i = 0; i < 300; i++) {
        outcomes = [{ kind: "refused", detail: "odd" }];
        await raise("a", { value: i });
        await pass(100, 100);
      }
      expect(calls.length - before).toBeGreaterThan(2);
      expect(calls.length - before).toBeLessThanOrEqual(4 + (taken === 0 ? 3 : 0));
      outcomes = [];
      await raise("a", { severity: "critical" });
      await pass(100, 100);
      expect(calls).toContain("send 7 critical a");
      expect(await store.cards.backlog()).toMatchObject({ waiting: 0, refused: 0 });
    },
  );

  describe("an escalation to another chat that could not be told yet", () => {
    const by = { userId: 1, name: "Anna", chatId: CHAT };

    /** The other chat is to be told, but Telegram lets nobody call it for ten minutes. */
    async function holdEscalation(): Promise<void> {
      await raise("a", { severity: "error" });
      await pass(1_000);
      outcomeOf.set(OTHER, { kind: "limited", retryAfterMs: 600_000, detail: "retry after 600" });
      chats = [CHAT, OTHER];
      clock.advance(300_000);
      dispatcher.wake(await store.elapse());
      await idle();
      expect(calls.filter((call) => call.startsWith("send"))).toEqual(["send 7 error a", "send 8 error a"]);
    }

    /** How much work that was, and what the chat was sent after one more alarm and the time for which it was held. */
    async function rest() {
      await idle();
      const work = uses;
      await raise("another", { severity: "critical" }, [OTHER]);
      await pass(700_000, 10_000);
      const { waiting } = await store.cards.backlog();
      return { isIdle: work < 100, sent: calls.filter((call) => call.startsWith("send 8")), waiting, errors };
    }
    const RESTED = { isIdle: true, sent: ["send 8 error a", "send 8 critical another"], waiting: 0, errors: [] };

    it("comes to rest when somebody acknowledges meanwhile", async () => {
      await holdEscalation();
      const act = {
        by,
        action: "acknowledge",
        apply: (alarm: Alarm, at: number) => acknowledge(alarm, by, at),
      } as const;
      dispatcher.wake((await store.act(1, act))?.chatIds ?? []);
      expect(await rest()).toEqual(RESTED);
    });

    it("comes to rest when the alarm clears meanwhile", async () => {
      await holdEscalation();
      await raise("a", { state: "cleared" }, [CHAT, OTHER]);
      expect(await rest()).toEqual(RESTED);
    });
  });

  it("brings to rest what an older version left waiting for ever", async () => {
    await raise("a");
    await pass(1_000);
    await database.transaction((queries) =>
      queries.run("UPDATE cards SET is_pending = 1, pending_rank = 12, rings = 2"),
    );
    await database.transaction((queries) => queries.run("UPDATE cards SET ring_reason = 'owner'"));
    uses = 0;
    dispatcher.wake([CHAT]);
    await idle();
    expect(uses).toBeLessThan(20);
    expect([calls, errors, (await store.cards.backlog()).waiting]).toEqual([["send 7 warning a"], [], 0]);
  });

  it("parks a card that is decided twice at one version without a call, says so, and goes on with the others", async () => {
    await raise("stuck");
    await pass(1_000);
    // As if the store took a card that is up to date for one that waits, whatever is noted.
    let stuck: PendingCard | null = null;
    let parked = false;
    const { settle } = store.cards;
    const noted: typeof settle = (settlements) => {
      parked ||= settlements.some(({ pending, change }) => pending === stuck && change.kind === "retry");
      return settle(settlements);
    };
    Object.assign(store.cards, { settle: noted });
    const alarm = await store.alarms.find(1);
    onPending = (pending) => {
      if (pending || parked || !alarm) return pending;
      stuck ??= {
        alarm,
        card: {
          alarmId: 1,
          chatId: CHAT,
          threadId: null,
          messageId: 1,
          outdatedMessageIds: [],
          isPictureDue: false,
          boardId: null,
          version: alarm.version,
          rings: 1,
          rung: 1,
          ringReason: "first",
          followUp: null,
        },
        attempts: 0,
        since: 0,
        rank: 0,
      };
      return stuck;
    };
    dispatcher.wake([CHAT]);
    await idle();
    expect(errors).toEqual(["decided twice at one version without a call: parked for an hour"]);
    expect(parked).toBe(true);
    await raise("fine");
    await pass(1_000);
    expect(calls).toEqual(["send 7 warning stuck", "send 7 warning fine"]);
  });

  it("slows down, and stays alive, where even parking does not help", async () => {
    await raise("stuck");
    await pass(1_000);
    const alarm = await store.alarms.find(1);
    if (!alarm) throw new Error("no alarm");
    const card = {
      alarmId: 1,
      chatId: CHAT,
      threadId: null,
      messageId: 1,
      outdatedMessageIds: [],
      isPictureDue: false,
      boardId: null,
      version: alarm.version,
      rings: 1,
      rung: 1,
      ringReason: "first",
      followUp: null,
    } as const;
    onPending = (pending) => pending ?? { alarm, card, attempts: 0, since: 0, rank: 0 };
    uses = 0;
    dispatcher.wake([CHAT]);
    await pass(10_000);
    expect(uses).toBeLessThan(40);
    await raise("fine");
    await pass(20_000);
    expect(calls).toContain("send 7 warning fine");
  });
});
