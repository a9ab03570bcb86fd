import { expect, it } from "vitest";
import type { OwnMessage } from "../../src/alarms/own.ts";
import { createSelfWatch } from "../../src/watchdog/self-watch.ts";

it("tells once what begins and what ends, again what could not be told, and nothing of what it does not know", async () => {
  const told: string[] = [];
  let message: string | null | undefined = null;
  let isStoreFull = false;
  const watch = createSelfWatch({
    conditions: () => (message === undefined ? [] : [{ id: "x", severity: "error", isForAdmins: true, message }]),
    async tell({ id, state, message: text, isForAdmins }: OwnMessage) {
      if (isStoreFull) throw new Error("full");
      told.push(`${state} ${id} ${text} ${isForAdmins}`);
    },
  });
  // An earlier run may have told otherwise.
  await watch.look();
  expect(told.splice(0)).toEqual(["cleared x Over: x true"]);
  message = "wrong for 1 s";
  isStoreFull = true;
  await expect(watch.look()).rejects.toThrow("full");
  isStoreFull = false;
  await watch.look();
  message = "wrong for 2 s";
  await watch.look();
  message = undefined;
  await watch.look();
  expect(told.splice(0)).toEqual(["active x wrong for 1 s true"]);
  message = null;
  await watch.look();
  expect(told).toEqual(["cleared x Over: x true"]);
});
