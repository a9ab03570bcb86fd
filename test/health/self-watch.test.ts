import { expect, it } from "vitest";
import type { OwnMessage } from "../../src/alarms/payloads/own.ts";
import { createManualClock } from "../support/clock.ts";
import { createSelfWatch } from "../../src/health/self-watch.ts";

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
    say: () => Promise.reject(new Error("not asked for")),
    elapsed: () => 0,
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

it("says at once what no alarm can be made of, each hour again, and when it is over; and keeps nothing else back for it", async () => {
  const [told, said]: string[][] = [[], []];
  const clock = createManualClock();
  let message: string | null = null;
  let isTelegramUp = true;
  const watch = createSelfWatch({
    conditions: () => [
      { id: "store", severity: "critical", isForAdmins: true, isSaidDirectly: true, message },
      { id: "other", severity: "error", message: null },
    ],
    tell: async ({ id }) => void told?.push(id),
    async say(text) {
      if (!isTelegramUp) throw new Error("away");
      said?.push(text);
    },
    elapsed: clock.elapsed,
  });
  await watch.look();
  expect(said).toEqual([]);
  message = "the disk is full";
  isTelegramUp = false;
  await expect(watch.look()).rejects.toThrow("away");
  expect(told).toEqual(["other"]);
  isTelegramUp = true;
  await watch.look();
  await watch.look();
  expect(said).toEqual(["🔴 CRITICAL · Valvomo\nthe disk is full"]);
  clock.advance(3_600_000);
  await watch.look();
  expect(said).toHaveLength(2);
  message = null;
  await watch.look();
  await watch.look();
  expect(said?.slice(2)).toEqual(["✅ Over: store. What waited comes now."]);
});
