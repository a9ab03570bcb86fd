import { expect, it } from "vitest";
import { openSqlite } from "../../../src/store/sqlite/sqlite.ts";
import { openStore } from "../../support/store.ts";
import { eventOf, NOW } from "../../support/alarms.ts";

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

it("a clock that one alarm shows to be set back is believed of its source's others, by the next run too, and of no other source", async () => {
  const database = openSqlite(":memory:");
  let store = await openStore(database);
  const said = (id: string, state: string, seconds: number, { source = "AMB 1", backBy = 0 } = {}) => {
    const at = NOW + seconds * SECOND;
    return eventOf({ id, source, message: id, severity: "critical", state, timestamp: at - backBy }, { at });
  };
  const alarmOf = async (id: string) => store.alarms.ofEvent(said(id, "active", 0));

  await store.record(["coil", "oil", "fan"].map((id) => said(id, "active", 0)));
  await store.record([said("air", "active", 0, { source: "AMB 2" })]);
  await store.record(["coil", "oil", "fan"].map((id) => said(id, "cleared", 10)));
  await store.record([said("air", "cleared", 10, { source: "AMB 2" })]);

  const backBy = HOUR;
  await store.record([said("coil", "active", 60, { backBy })]);
  expect(await alarmOf("coil")).toMatchObject({ state: "cleared" });
  // In the batch that shows it, and in the next run.
  await store.record([said("coil", "active", 90, { backBy }), said("oil", "active", 90, { backBy })]);
  expect(await alarmOf("coil")).toMatchObject({ state: "active", occurrence: 2 });
  expect(await alarmOf("oil")).toMatchObject({ state: "active", occurrence: 2 });
  store = await openStore(database);
  await store.record([said("fan", "active", 120, { backBy }), said("air", "active", 120, { source: "AMB 2", backBy })]);
  expect(await alarmOf("fan")).toMatchObject({ state: "active", occurrence: 2 });
  expect(await alarmOf("air")).toMatchObject({ state: "cleared" });
  await store.close();
});
