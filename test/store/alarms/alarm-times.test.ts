import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "../../../src/store/sql/database.ts";
import { openStore, type Store } from "../../support/store.ts";
import { DATABASES } from "../../support/databases.ts";
import { eventOf, NOW } from "../../support/alarms.ts";
import { emptyTables } from "../tables.ts";

const HOUR = 3_600_000;

describe.each(DATABASES)("the times of alarms in %s", (_, open) => {
  let database: Database;
  let store: Store;

  beforeAll(async () => {
    database = await open();
  });
  beforeEach(async () => {
    await emptyTables(database);
    store = await openStore(database);
  });
  afterAll(() => database.close());

  const say = (id: string, hours: number, more: object = {}) =>
    eventOf({ message: id, id, severity: "warning", state: "active", field: 1, ...more }, { at: NOW + hours * HOUR });
  /** Start and end of each, in hours from now, with its severity. */
  const times = async (fields: readonly number[], startHours: number, endHours: number) =>
    (await store.alarms.times(fields, NOW + startHours * HOUR, NOW + endHours * HOUR))
      .map(({ startAt, endAt, severity }) => [
        (startAt - NOW) / HOUR,
        endAt === null ? null : (endAt - NOW) / HOUR,
        severity,
      ])
      .toSorted((a, b) => Number(a[0]) - Number(b[0]));

  it("go from the first message to the one that says cleared, each with the worst that it was", async () => {
    await store.record([
      say("coil", -10),
      say("coil", -9, { severity: "critical" }),
      say("coil", -8, { state: "cleared" }),
      say("coil", -4),
      say("coil", -3, { state: "cleared" }),
      say("rotor", -5, { field: 4 }),
    ]);
    expect(await times([1], -12, 0)).toEqual([
      [-10, -8, "critical"],
      [-4, -3, "warning"],
    ]);
    expect(await times([1, 4], -12, 0)).toHaveLength(3);
    expect(await times([1], -3.5, 0)).toEqual([[-4, -3, "warning"]]);
    expect(await times([1], -7, -5)).toEqual([]);
  });

  it("are those also of an alarm that is active since before the period, and says nothing more", async () => {
    await store.record([say("coil", -30)]);
    expect(await times([1], -2, 0)).toEqual([[-30, null, "warning"]]);
    expect(await times([1], -40, -35)).toEqual([]);
  });
});
