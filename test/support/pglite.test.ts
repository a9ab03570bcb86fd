import { expect, it, onTestFinished } from "vitest";
import { eventOf, NOW } from "./alarms.ts";
import { openPglite } from "./pglite.ts";
import { openStore } from "./store.ts";

// All tests of the store run on it where there is no server: CI, which has one, is to know that they would.
it("what stands in for a PostgreSQL server keeps an alarm, counts what it changes, and takes back what fails", async () => {
  const database = await openPglite();
  onTestFinished(() => database.close());
  const store = await openStore(database);
  await store.record([eventOf({ id: "pump 7", message: "hot", severity: "critical", state: "active" }, { at: NOW })]);
  expect(await database.all("SELECT event_count FROM alarms")).toEqual([{ event_count: 1 }]);
  expect(await database.transaction(({ run }) => run("UPDATE alarms SET event_count = 2"))).toBe(1);
  const failing = database.transaction(async ({ run }) => {
    await run("UPDATE alarms SET event_count = 3");
    throw new Error("on purpose");
  });
  await expect(failing).rejects.toThrow("on purpose");
  expect(await database.all("SELECT event_count FROM alarms")).toEqual([{ event_count: 2 }]);
});
