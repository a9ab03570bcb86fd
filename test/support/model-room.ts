import { setImmediate } from "node:timers/promises";
import type { AlarmRule } from "../../src/alarms/lifecycle/alarm-rule.ts";
import type { ChatterRule } from "../../src/alarms/lifecycle/chatter.ts";
import type { RepeatRule } from "../../src/alarms/lifecycle/repeating.ts";
import { passedOnTo } from "../../src/alarms/lifecycle/elapse.ts";
import type { Escalations } from "../../src/alarms/lifecycle/escalation-plan.ts";
import type { Alarm } from "../../src/alarms/types.ts";
import { createDispatcher, type Dispatcher } from "../../src/dispatch/dispatcher.ts";
import type { FloodRate } from "../../src/dispatch/assign-to-board.ts";
import { createPace, type Pace } from "../../src/pace/pace.ts";
import type { Database } from "../../src/store/sql/database.ts";
import { openSqlite } from "../../src/store/sqlite/sqlite.ts";
import { openStore, type Store } from "./store.ts";
import { eventOf } from "./alarms.ts";
import { createMemoryChat, type MemoryChat } from "./memory-chat.ts";
import { createManualClock, type ManualClock } from "./clock.ts";
import { silentLog } from "./log.ts";
import { chatOf, RULES } from "./rules.ts";

/** Where all alarms go; only the first has quiet hours. */
export const CHATS = [7, -8] as const;
/** Where an alarm goes as well that nobody acknowledges. */
export const NEXT_CHAT = 9;
const HOUR = 3_600_000;
const STEPS = [{ afterMs: 10 * 60_000, to: chatOf(NEXT_CHAT) }];
const escalationsOf = ({ hasLatch }: RoomSettings): Escalations => ({
  ...RULES.escalations,
  error: { ...RULES.escalations.error, steps: STEPS, isLatched: hasLatch },
  critical: { ...RULES.escalations.critical, steps: STEPS },
});

/** What is set up for a chat. */
export interface RoomSettings {
  readonly floodRate: FloodRate | null;
  readonly hasQuietHours: boolean;
  /** Whether errors are held until somebody resets them. */
  readonly hasLatch: boolean;
  /** Whether two people have to acknowledge what was critical. */
  readonly needsTwo: boolean;
  readonly repeating: RepeatRule;
  /** Left out: nothing chatters. */
  readonly chatter?: ChatterRule;
  /** Left out: no alarm has a rule of its own. */
  readonly single?: readonly AlarmRule[];
}

/** Store, dispatcher and chat service in one process, on a clock that only the test moves. */
export interface Room extends AsyncDisposable {
  readonly clock: ManualClock;
  readonly chat: MemoryChat;
  /** The store of the run that lives now. */
  readonly store: () => Store;
  /** Does something that must be on disk in the end, however often the program dies over it, and wakes the chats. */
  commit<T>(work: (store: Store) => Promise<T>, chatIdsOf: (result: T) => readonly number[]): Promise<T>;
  /**
   * What the plant says of one of its alarms, one thing or more at once; resolves with the alarm's number. It says when that happened: now,
   * unless the payload tells another time.
   */
  report(alarm: number, ...payloads: readonly object[]): Promise<number>;
  /** What the plant says of any of its alarms, in one batch; resolves with their numbers. */
  reportAll(reports: readonly { readonly alarm: number; readonly payload: object }[]): Promise<readonly number[]>;
  /** Does what time does, until nothing is due. */
  elapse(): Promise<void>;
  /** Kills the program where it stands, and starts it anew on what it had committed. */
  restart(): Promise<void>;
  /** Resolves when nothing moves any more, unless the clock does. */
  idle(): Promise<void>;
  isQuiet(): boolean;
}

const NO_CHATTER: ChatterRule = { count: Number.POSITIVE_INFINITY, withinMs: 1 };
/** Far more than what a few alarms can ask for at one time. */
const MAX_USES = 20_000;
const KILLED = new Error("the program was killed");

/**
 * Opens a room on an empty database.
 * @param open opens that, if it is not to be an SQLite in memory
 */
export async function openRoom(
  settings: RoomSettings,
  open: () => Promise<Database> = async () => openSqlite(":memory:"),
): Promise<Room> {
  const escalations = escalationsOf(settings);
  const clock = createManualClock();
  const database = await open();
  const chat = createMemoryChat({
    onCrash: () => run.kill(),
    onLimited: (chatId, ms) => run.pace.refused(chatId, ms),
  });
  /** Grows with each use of the database: while it does, something moves. */
  let uses = 0;
  let reports = 0;
  /** Those that have no answer yet. */
  let underWay = 0;
  let run = await start();

  /** From 03 to 04, 07 to 08 o'clock and so on. */
  function quietUntil(chatId: number, at: number): number | null {
    const hours = Math.floor(at / HOUR);
    return settings.hasQuietHours && chatId === CHATS[0] && hours % 4 === 3 ? (hours + 1) * HOUR : null;
  }

  async function start(): Promise<Run> {
    let isKilled = false;
    const alive = <T>(use: () => Promise<T>): Promise<T> => {
      uses++;
      if (isKilled) return Promise.reject(KILLED);
      underWay++;
      return use().finally(() => underWay--);
    };
    const store = await openStore(
      {
        ...database,
        all: (sql, ...values) => alive(() => database.all(sql, ...values)),
        // What was asked for before the end, and did not begin before it, is not done.
        transaction: (work, survives, onVisible) =>
          alive(() => database.transaction((queries) => alive(() => work(queries)), survives, onVisible)),
      } satisfies Database,
      {
        rules: {
          ...RULES,
          escalations,
          chatter: settings.chatter ?? NO_CHATTER,
          repeating: settings.repeating,
          single: settings.single ?? [],
        },
        acknowledgersOf: ({ peakSeverity }) => (settings.needsTwo && peakSeverity === "critical" ? 2 : 1),
        destinationsOf: (alarm) => [...CHATS.map(chatOf), ...passedOnTo(alarm, escalations)],
        now: clock.now,
      },
    );
    const pace = createPace({ isOn: false, clock });
    const dispatcher = createDispatcher({
      store,
      sender: chat.sender,
      pace,
      quietUntil,
      floodRate: settings.floodRate,
      togetherRate: null,
      clock,
      log: silentLog,
      onMigrated: async () => undefined,
      onReachable: async () => undefined,
    });
    await dispatcher.start();
    return {
      store,
      dispatcher,
      pace,
      isKilled: () => isKilled,
      kill() {
        isKilled = true;
        // Nobody waits for it; it only may not begin anything any more.
        void dispatcher.stop();
      },
    };
  }

  async function revive(): Promise<void> {
    while (run.isKilled()) run = await start().catch(() => run);
  }

  async function commit<T>(
    work: (store: Store) => Promise<T>,
    chatIdsOf: (result: T) => readonly number[],
  ): Promise<T> {
    for (;;) {
      await revive();
      const { store, dispatcher } = run;
      try {
        const result = await work(store);
        dispatcher.wake(chatIdsOf(result));
        return result;
      } catch (error) {
        if (error !== KILLED) throw error;
      }
    }
  }

  async function reportAll(all: Parameters<Room["reportAll"]>[0]): Promise<readonly number[]> {
    const at = clock.now();
    const events = all.map(({ alarm, payload }) => {
      // No two of them are copies.
      const message = { id: `alarm-${alarm}`, message: `Alarm ${alarm}`, timestamp: at, part: ++reports, ...payload };
      return eventOf(message, { at });
    });
    await commit(
      (store) => store.record(events),
      (chatIds) => chatIds,
    );
    return commit(
      async (store) => {
        const ids: number[] = [];
        for (const event of events) ids.push((await store.alarms.ofEvent(event))?.id ?? 0);
        return ids;
      },
      () => [],
    );
  }

  return {
    clock,
    chat,
    store: () => run.store,
    commit,
    report: async (alarm, ...payloads) =>
      (await reportAll(payloads.map((payload) => ({ alarm, payload })))).at(-1) ?? 0,
    reportAll,
    async elapse() {
      let chatIds: readonly number[];
      do {
        chatIds = await commit(
          (store) => store.elapse(),
          (told) => told,
        );
      } while (chatIds.length > 0);
    },
    async restart() {
      run.kill();
      await revive();
    },
    async idle() {
      const usesBefore = uses;
      for (let seen = -1, turns = 0; turns < 4; turns++) {
        await revive();
        if (uses > usesBefore + MAX_USES) throw new Error("the program turns in a circle");
        if (seen !== uses || underWay > 0) turns = 0;
        seen = uses;
        await setImmediate();
      }
    },
    isQuiet: () => CHATS.some((chatId) => quietUntil(chatId, clock.now()) !== null),
    async [Symbol.asyncDispose]() {
      run.kill();
      await database.close();
    },
  };
}

interface Run {
  readonly store: Store;
  readonly dispatcher: Dispatcher;
  readonly pace: Pace;
  readonly isKilled: () => boolean;
  readonly kill: () => void;
}

/** What anybody can see of an alarm, in words that can be compared. */
export const wordsOf = (alarm: Alarm): string =>
  [
    `${alarm.occurrence}. time`,
    `${alarm.state} ${alarm.severity} (at worst ${alarm.peakSeverity}) ${alarm.count}×`,
    `taken by ${alarm.acknowledgedBy ?? "nobody"}`,
    `seen by ${alarm.handling.seenBy.map(({ name }) => name).join(", ")}`,
    alarm.handling.returned === null ? "" : "unseen",
    alarm.handling.latchedAt === null ? "" : "latched",
    alarm.handling.shelf === null ? "told" : `shelved until ${alarm.handling.shelf.untilAt ?? "it clears"}`,
    `note ${alarm.handling.note?.text ?? "none"}`,
  ].join(", ");
