import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Route } from "../../../src/alarms/cards/route.ts";
import type { Database } from "../../../src/store/sql/database.ts";
import { createInboxStorage } from "../../../src/store/people/inbox.ts";
import { openRoutes } from "../../../src/store/people/routes.ts";
import { DATABASES } from "../../support/databases.ts";
import { openTables } from "../../support/store.ts";
import { emptyTables } from "../tables.ts";

const ROUTE: Route = {
  severity: "error",
  sources: ["AMB *", "“odd” $1 \\ '\n"],
  topics: ["lut/#"],
  to: [{ chatId: -1_001_234_567_890, threadId: 7, name: "Hall 6 ⚙️" }],
};
const OTHER: Route = { severity: "info", sources: [], topics: [], to: [{ chatId: 5, threadId: null, name: "5" }] };

const none = (id: number): never => {
  throw new Error(`route ${id} is bad`);
};

describe.each(DATABASES)("routes, stored in %s", (_, open) => {
  let database: Database;

  beforeAll(async () => {
    database = await open();
  });
  beforeEach(async () => {
    await emptyTables(database);
    await openTables(database);
  });
  afterAll(() => database.close());

  it("are listed in the order in which they were added, also after a restart", async () => {
    const routes = await openRoutes(database, none);
    expect(routes.list()).toEqual([]);
    expect(await Promise.all([routes.add(ROUTE), routes.add(OTHER)])).toEqual([1, 2]);
    const expected = [
      { id: 1, ...ROUTE },
      { id: 2, ...OTHER },
    ];
    expect(routes.list()).toEqual(expected);
    expect((await openRoutes(database, none)).list()).toEqual(expected);
  });

  it("are added once by one command, also when the next run handles it again", async () => {
    const inbox = createInboxStorage(database, Date.now);
    await inbox.take([70, 71].map((id) => ({ id, content: "{}" })));
    const routes = await openRoutes(database, none);
    expect(await routes.add(ROUTE, 70)).toBe(1);
    const next = await openRoutes(database, none);
    expect([await next.add(ROUTE, 70), await next.add(ROUTE, 71)]).toEqual([1, 2]);
    expect(next.list()).toHaveLength(2);
  });

  it("are removed once, and give no other their number", async () => {
    const routes = await openRoutes(database, none);
    for (const route of [ROUTE, OTHER, ROUTE]) await routes.add(route);
    expect([await routes.remove(2), await routes.remove(2), await routes.remove(99)]).toEqual([true, false, false]);
    expect(await routes.add(OTHER)).toBe(4);
    const reopened = await openRoutes(database, none);
    expect(reopened.list().map(({ id }) => id)).toEqual([1, 3, 4]);
    expect(await reopened.add(OTHER)).toBe(5);
  });

  it("that cannot be understood are left alone and told", async () => {
    const rows = ["{", "null", '{"severity":"bad"}', JSON.stringify({ ...ROUTE, to: [] }), JSON.stringify(ROUTE)];
    for (const [i, content] of rows.entries()) {
      await database.transaction((queries) =>
        queries.run("INSERT INTO routes (id, content) VALUES ($1, $2)", i + 1, content),
      );
    }
    const bad: number[] = [];
    const routes = await openRoutes(database, (id, problem) => {
      expect(problem).not.toBe("");
      bad.push(id);
    });
    expect(bad).toEqual([1, 2, 3, 4]);
    expect(routes.list()).toEqual([{ id: 5, ...ROUTE }]);
    expect(await routes.remove(1)).toBe(true);
    expect(await database.all("SELECT id FROM routes")).toHaveLength(4);
  });

  it("are not there when the database did not take them", async () => {
    const routes = await openRoutes(database, none);
    await database.transaction((queries) =>
      queries.run("INSERT INTO routes (id, content) VALUES ($1, $2)", 1, JSON.stringify(OTHER)),
    );
    await expect(routes.add(ROUTE)).rejects.toThrow(/./);
    expect(routes.list()).toEqual([]);
  });
});
