import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "../../../src/store/sql/database.ts";
import { readRowsOf, writeRows } from "../../../src/store/sql/rows.ts";
import { DATABASES } from "../../support/databases.ts";

const INSERT = "INSERT INTO numbered (id, name) VALUES";
const FIND = "SELECT id, name FROM numbered WHERE id IN";
const named = (count: number): [number, string][] => Array.from({ length: count }, (_, i) => [i + 1, `name ${i + 1}`]);

describe.each(DATABASES)("rows of a list on %s", (_, open) => {
  let database: Database;
  beforeEach(async () => {
    database = await open();
    await database.migration(({ run }) => run("CREATE TABLE numbered (id INTEGER PRIMARY KEY, name TEXT)"));
  });
  afterEach(() => database.close());

  it("are all written and all found, however many there are, by few kinds of statements", async () => {
    for (const count of [0, 1, 3, 4, 63, 64, 65, 200]) {
      const asked = new Set<string>();
      const rows = named(count);
      const found = await database.transaction(async (queries) => {
        await queries.run("DELETE FROM numbered");
        await writeRows({ run: (sql, ...values) => (asked.add(sql), queries.run(sql, ...values)) }, INSERT, rows);
        return readRowsOf<{ id: number; name: string }>(queries, FIND, [...rows.map(([id]) => id), 1_000]);
      });
      expect(found.map(({ id, name }) => [id, name]).toSorted(([a], [b]) => Number(a) - Number(b))).toEqual(rows);
      expect(asked.size).toBeLessThanOrEqual(4);
    }
  });

  it("take the place of those that are there, where the statement says so", async () => {
    const tail = "ON CONFLICT (id) DO UPDATE SET name = excluded.name";
    await database.transaction(async (queries) => {
      await writeRows(queries, INSERT, named(5));
      await writeRows(
        queries,
        INSERT,
        named(7).map(([id, name]) => [id, `${name}, renamed`]),
        tail,
      );
    });
    const rows = await readRowsOf<{ name: string }>(database, FIND, [1, 7]);
    expect(rows.map(({ name }) => name).toSorted()).toEqual(["name 1, renamed", "name 7, renamed"]);
  });
});
