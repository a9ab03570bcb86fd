import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { decide } from "../../../src/alarms/cards/decide.ts";
import { restingCard } from "../../../src/alarms/cards/shown-card.ts";
import type { Database } from "../../../src/store/sql/database.ts";
import { openStore, type Store } from "../../support/store.ts";
import { DATABASES } from "../../support/databases.ts";
import { byHand } from "../../support/by-hand.ts";
import { eventOf } from "../../support/alarms.ts";
import { emptyTables } from "../tables.ts";

const options = { now: () => 5_000 };

describe.each(DATABASES)("boards on %s", (_, open) => {
  let database: Database;
  let store: Store;
  const { next, show, shown } = byHand(() => store);

  beforeAll(async () => {
    database = await open();
  });
  beforeEach(async () => {
    await emptyTables(database);
    store = await openStore(database, options);
  });
  afterAll(() => database.close());

  describe("a board's I'm on it", () => {
    const BOARD = 1;
    const raise = (id: string, more: object = {}) =>
      store.record([eventOf({ id, message: id, severity: "error", state: "active", ...more })]);
    const toBoard = async (messageId: number | null = null) => {
      const pending = await next();
      await show(pending, { ...shown(pending), messageId, boardId: BOARD });
    };
    const read = async () => {
      const board = await store.boards.find(BOARD);
      if (!board) throw new Error("no board");
      return store.boards.read(board);
    };

    beforeEach(async () => {
      await store.boards.open({ chatId: 1, threadId: null, kind: "flood", openedAt: 5_000 }, 5_000, null);
      for (const id of ["same", "worse", "again", "repeats"]) {
        await raise(id);
        await toBoard();
      }
    });

    it("names as the first what is no information, which seldom is a cause", async () => {
      await raise("note", { severity: "info", state: null, timestamp: "2020-01-01T00:00:00Z" });
      await toBoard();
      expect((await read()).firstOut?.message).toBe("same");
    });

    it("counts by sources, and by topics where there is none, and lists the most urgent first", async () => {
      const wish = [
        { id: "pump 1", source: "Pump", severity: "critical" },
        { id: "pump 2", source: "Pump", severity: "warning" },
        { id: "valve", source: "Valve", severity: "info", state: null },
      ];
      for (const one of wish) {
        await raise(one.id, one);
        await toBoard();
      }
      await raise("again", { state: "cleared" });
      const { total, active, bySeverity, bySource, sources, newest, firstOut, alarms } = await read();
      expect([total, active]).toEqual([7, 5]);
      expect(bySeverity).toEqual([
        { severity: "critical", count: 1 },
        { severity: "error", count: 4 },
        { severity: "warning", count: 1 },
        { severity: "info", count: 1 },
      ]);
      expect([sources, bySource.slice(1)]).toEqual([
        3,
        [
          { source: "Pump", count: 2 },
          { source: "Valve", count: 1 },
        ],
      ]);
      expect(bySource[0]?.count).toBe(4);
      expect([newest?.message, firstOut?.message]).toEqual(["pump 1", "same"]);
      expect(alarms.map(({ message }) => message)).toEqual([
        "pump 1",
        "repeats",
        "worse",
        "same",
        "pump 2",
        "again",
        "valve",
      ]);
      const board = await store.boards.find(BOARD);
      expect((await store.boards.read({ ...board!, page: 2 })).alarms).toEqual([]);
    });

    it("is about what the board showed, as it showed it, and tells what else is open", async () => {
      await raise("own card");
      await toBoard(78);
      const { open: openThen, mark } = await read();
      expect(openThen).toBe(4);
      await raise("repeats");
      await raise("worse", { severity: "critical" });
      await toBoard();
      await raise("again", { state: "cleared" });
      await raise("again");
      await toBoard();
      await raise("new");
      await toBoard();
      expect(await store.alarms.takeable(BOARD, mark)).toEqual({
        shown: [
          { alarmId: 1, occurrence: 1, rank: 2 },
          { alarmId: 4, occurrence: 1, rank: 2 },
        ],
        newer: 3,
        withCards: 1,
      });
      // Shown anew, it is about them, too.
      const later = await store.alarms.takeable(BOARD, (await read()).mark);
      expect(later.shown.map(({ alarmId }) => alarmId)).toEqual([1, 2, 3, 4, 6]);
      expect(later).toMatchObject({ newer: 0, withCards: 1 });
    });

    it("is not about a later occurrence, after the board was closed", async () => {
      const { mark } = await read();
      const board = await store.boards.find(BOARD);
      if (board) await store.boards.close(board, 6_000);
      await raise("same", { state: "cleared" });
      await raise("same");
      const again = await next();
      await show(again, { ...shown(again), messageId: 90, boardId: BOARD });
      const { shown: left, newer } = await store.alarms.takeable(BOARD, mark);
      expect([left.map(({ alarmId }) => alarmId), newer]).toEqual([[2, 3, 4], 1]);
    });

    it("is not about what came to it only after it was shown, though it was raised before", async () => {
      await raise("passed on");
      const { mark } = await read();
      await toBoard();
      const { shown: left, newer } = await store.alarms.takeable(BOARD, mark);
      expect([left.map(({ alarmId }) => alarmId), newer]).toEqual([[1, 2, 3, 4], 1]);
    });

    it("is shown anew when one of its alarms goes on, closed or not: no card waits for that, nor is written", async () => {
      const cards = () => database.all("SELECT * FROM cards ORDER BY alarm_id");
      const before = await cards();
      const reports = [
        ["same", "active"],
        ["repeats", "cleared"],
        ["worse", "active"],
        ["again", "cleared"],
      ] as const;
      for (const [i, [id, state]] of reports.entries()) {
        const board = await store.boards.find(BOARD);
        if (board) await store.boards.shown({ ...board, closedAt: i < 2 ? null : 5_500 }, 50, 5_000);
        expect(await store.boards.next(1, 6_000, false)).toBeNull();
        expect(await raise(id, { state })).toEqual([1]);
        expect((await store.boards.next(1, 6_000, false))?.id).toBe(BOARD);
        expect(await store.cards.nextPending(1, 1e9)).toBeNull();
        expect(await cards()).toEqual(before);
      }
      // It waits already: nobody needs to look what there is to show.
      expect(await raise("same", { state: "cleared" })).toEqual([]);
    });

    it("is shown anew for what an older Valvomo let wait for nothing else", async () => {
      const board = await store.boards.find(BOARD);
      if (board) await store.boards.shown({ ...board, closedAt: 5_500 }, 50, 5_000);
      await database.transaction((queries) =>
        queries.run("UPDATE cards SET is_pending = 1, pending_rank = 9, version = 0 WHERE alarm_id = 1"),
      );
      const left = await next();
      const decision = decide(left.alarm, left.card);
      expect(decision.action).toBe("none");
      const change = { kind: "shown", card: restingCard(left.card), messageId: null } as const;
      const line = { alarmId: 1, chatId: 1, decidedAt: 5_000, version: 1, ...decision, result: "ok" };
      await store.cards.settle([{ pending: left, change, decision: line }]);
      expect(await store.cards.nextPending(1, 1e9)).toBeNull();
      expect((await store.boards.next(1, 6_000, false))?.id).toBe(BOARD);
    });

    it("is the same after a restart", async () => {
      const { mark } = await read();
      const reopened = await openStore(database, options);
      expect((await reopened.alarms.takeable(BOARD, mark)).shown).toHaveLength(4);
    });
  });
});
