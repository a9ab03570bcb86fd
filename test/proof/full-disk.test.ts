import { dirname } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { openSqlite } from "../../src/store/sqlite/sqlite.ts";
import { JOINER } from "../../src/telegram/api/unlinked.ts";
import { hasMosquitto } from "../support/mosquitto.ts";
import { canMount, mountSmallDisk } from "../support/small-disk.ts";
import { until } from "../support/until.ts";
import { ADMIN, openMosquittoWorld } from "../support/world.ts";

const ALARMS = 40;

it.skipIf(!hasMosquitto || !canMount)(
  "a full disk: the admins are told what to do, /status says it first, the log does not repeat itself, and no alarm is lost",
  async () => {
    const { world: w } = await openMosquittoWorld();
    const disk = mountSmallDisk(dirname(w.app.databasePath), 24);
    onTestFinished(async () => {
      await w.app.kill();
      disk.remove();
    });
    await w.start();
    const said = (): string[] =>
      w.telegram.messages(ADMIN).flatMap(({ from, text }) => (from === "bot" ? [text.replaceAll(JOINER, "")] : []));
    disk.fill();
    const linesBefore = w.app.log.length;
    // Each is larger than what SQLite may have put aside of the disk.
    for (let i = 1; i <= ALARMS; i++) {
      const message = `Alarm ${i}: ${"x".repeat(30_000)}`;
      await w.warn({ id: `alarm ${i}`, message, severity: "critical", state: "active" });
    }
    const told = await until(
      "the admin is told",
      () => said().find((text) => text.includes("Nothing can be stored")),
      30_000,
    );
    expect(told).toContain("Nothing can be stored: the disk is full.");
    expect(told).toContain(`Make room on the disk of ${w.app.databasePath}`);
    await until("/healthz is red", async () => (await fetch(`${w.app.url()}/healthz`)).status === 503, 30_000);
    w.telegram.say({ chatId: ADMIN, userId: ADMIN, text: "/status" });
    const status = await until("the status", () => said().find((text) => text.includes("Broker")), 30_000);
    expect(status.trimStart()).toMatch(/^❌ Store: nothing can be stored since .*the disk is full/);

    // It goes on trying for a while.
    const tries = (): number =>
      w.app.log.slice(linesBefore).filter(({ msg }) => msg === "broker connection lost").length;
    await until("it has tried three times", () => tries() >= 3, 30_000);
    const errors = w.app.log.slice(linesBefore).filter(({ err }) => err !== undefined);
    const kinds = new Set(errors.map(({ msg, err }) => `${msg} ${(err as { message: string }).message}`));
    expect(errors.length).toBe(kinds.size);

    disk.free();
    await until("the admin is told that it is over", () => said().some((text) => text.includes("Over: store")), 40_000);
    const database = openSqlite(w.app.databasePath);
    onTestFinished(() => database.close());
    const alarms = () =>
      database.all<{ message: string; count: number }>(
        "SELECT message, event_count AS count FROM alarms WHERE message LIKE 'Alarm %'",
      );
    await until("all are stored", async () => (await alarms()).length === ALARMS, 40_000);
    // What was not stored was not acknowledged, and came again: each once.
    expect((await alarms()).filter(({ count }) => count !== 1)).toEqual([]);
    await until(
      "all are shown",
      () => new Set(said().flatMap((text) => /Alarm \d+:/.exec(text) ?? [])).size === ALARMS,
      40_000,
    );
  },
  180_000,
);
