import { setImmediate } from "node:timers/promises";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { SEVERITIES, type Severity } from "../../src/alarms/types.ts";
import { createDispatcher } from "../../src/dispatch/dispatcher.ts";
import type { CardSender, Outcome } from "../../src/dispatch/types.ts";
import { createPace } from "../../src/pace/pace.ts";
import { openSqlite } from "../../src/store/sqlite/sqlite.ts";
import { eventOf } from "../support/alarms.ts";
import { createManualClock } from "../support/clock.ts";
import { silentLog } from "../support/log.ts";
import { openStore } from "../support/store.ts";

const CHAT = 1;

/** What comes at one time, after a while. */
interface Burst {
  readonly afterMs: number;
  readonly reports: readonly {
    readonly alarm: number;
    readonly severity: Severity;
    readonly state: "active" | "cleared";
  }[];
}

/** One chat's story. */
interface Story {
  readonly bursts: readonly Burst[];
  /** Before the program is there: what stood at the broker, or came in an outage. */
  readonly hasFound: boolean;
  readonly awayMs: number;
  /** Of the chat's quiet time, after the start; 0: it has none. */
  readonly quietMs: number;
}

const bursts = fc.array(
  fc.record({
    afterMs: fc.constantFrom(0, 500, 2_000, 20_000, 700_000),
    reports: fc.array(
      fc.record({
        alarm: fc.nat(40),
        severity: fc.constantFrom(...SEVERITIES),
        state: fc.constantFrom("active", "active", "active", "cleared"),
      }),
      { minLength: 1, maxLength: 40 },
    ),
  }),
  { minLength: 1, maxLength: 5 },
);
const stories: fc.Arbitrary<Story> = fc.record({
  bursts,
  hasFound: fc.boolean(),
  awayMs: fc.constantFrom(0, 300_000),
  quietMs: fc.constantFrom(0, 10_000),
});

/** Of so many at once that they are noted in two goes. */
const FLOOD: Story = {
  bursts: [
    { afterMs: 0, reports: Array.from({ length: 40 }, (_, alarm) => ({ alarm, severity: "error", state: "active" })) },
  ],
  hasFound: false,
  awayMs: 0,
  quietMs: 0,
};

/** Lives through a story; resolves with each call, and with what is noted of cards, boards and decisions. */
async function live({ bursts, hasFound, awayMs, quietMs }: Story, isOneByOne: boolean) {
  const clock = createManualClock();
  const database = openSqlite(":memory:");
  const store = await openStore(database, { now: clock.now });
  let uses = 0;
  let most = 0;
  const real = store.cards;
  const cards: typeof real = {
    ...real,
    nextPending(chatId, now, which) {
      uses += 1;
      return isOneByOne && which?.after ? Promise.resolve(null) : real.nextPending(chatId, now, which);
    },
    settle(settlements) {
      most = Math.max(most, settlements.length);
      return real.settle(settlements);
    },
  };
  const calls: string[] = [];
  let messages = 0;
  const call = async (words: string, messageId: number | null = null): Promise<Outcome> => {
    calls.push(words);
    return { kind: "done", messageId: messageId ?? ++messages };
  };
  const sender: CardSender = {
    send: (_, { id, version }, { isSilent, reason }) => call(`send ${id} v${version} ${reason} ${isSilent}`),
    edit: (_, messageId, { id, version }) => call(`edit ${messageId} ${id} v${version}`, messageId),
    retire: (_, messageId, { id }) => call(`retire ${messageId} ${id}`, messageId),
    say: (_, messageId, { id }, { followUp }) => call(`say ${followUp} ${messageId} ${id}`),
    // How often a board is brought up to date while more comes to it is as may be.
    showBoard: async ({ id, kind, messageId }) =>
      messageId === null ? call(`board ${id} ${kind}`) : { kind: "done", messageId },
    pin: async () => undefined,
  };
  const quietEndsAt = clock.now() + awayMs + quietMs;
  const dispatcher = createDispatcher({
    store: { ...store, cards },
    sender,
    pace: createPace({ isOn: false, clock }),
    floodRate: { count: 5, withinMs: 600_000 },
    togetherRate: { count: 2, withinMs: 5_000 },
    quietUntil: (_, at) => (at < quietEndsAt && quietMs > 0 ? quietEndsAt : null),
    clock,
    log: silentLog,
    onMigrated: async () => undefined,
    onReachable: async () => undefined,
  });
  async function idle(): Promise<void> {
    for (let [seen, turns] = [-1, 0]; turns < 6; seen = uses) {
      await setImmediate();
      turns = seen === uses ? turns + 1 : 0;
    }
  }
  for (const [i, { afterMs, reports }] of bursts.entries()) {
    clock.advance(afterMs);
    const events = reports.map(({ alarm, severity, state }, part) => ({
      ...eventOf({ id: `a${alarm}`, message: "Hot", severity, state, part: `${i}.${part}` }, { at: clock.now() }),
      isFound: hasFound && i === 0,
    }));
    const chatIds = await store.record(events);
    if (i === 0) {
      clock.advance(awayMs);
      await dispatcher.start();
    }
    dispatcher.wake(chatIds);
    await idle();
  }
  clock.advance(60_000);
  dispatcher.wake([CHAT]);
  await idle();
  const told = [];
  for (const rows of [
    "* FROM cards ORDER BY alarm_id",
    "id, kind, opened_at, closed_at, message_id, changes, changes - shown_changes AS unshown FROM boards ORDER BY id",
    "* FROM decisions ORDER BY id",
  ])
    told.push(await database.all(`SELECT ${rows}`));
  await dispatcher.stop();
  await store.close();
  return { most, told: [calls, ...told] };
}

it("what needs no call and is noted at once comes to the same as one by one, whatever board it opens or joins", async () => {
  let most = 0;
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const together = await live(story, false);
      const apart = await live(story, true);
      expect(apart.most).toBeLessThanOrEqual(1);
      expect(together.told).toEqual(apart.told);
      most = Math.max(most, together.most);
    }),
    { numRuns: 12, examples: [[FLOOD]] },
  );
  expect(most).toBe(25);
});
