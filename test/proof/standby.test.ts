import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../src/lib/time/clock.ts";
import { PostgresLeaseTable } from "../../src/lease/lease-table.ts";
import { Lease } from "../../src/lease/lease.ts";
import { TTL_MS } from "../../src/lease/trust.ts";
import { identityOf } from "../../src/app/program.ts";
import { openPostgres } from "../../src/store/postgres/database.ts";
import { newSessionName } from "../../src/store/postgres/options.ts";
import { migrate, NEWEST_SCHEMA } from "../../src/store/schema.ts";
import { JOINER } from "../../src/telegram/api/unlinked.ts";
import { createSharedDatabase } from "../support/databases.ts";
import { hasMosquitto, startMosquitto } from "../support/mosquitto.ts";
import { silentLog } from "../support/log.ts";
import { askPostgres, hasPostgres } from "../support/postgres.ts";
import { startProxy } from "../support/proxy.ts";
import { until } from "../support/until.ts";
import { createValvomo, type Valvomo } from "../support/valvomo.ts";
import { ADMIN, createWorld, TOKEN } from "../support/world.ts";

/** The usual one. */
const CLIENT_ID = "valvomo";
/** On a machine that does much else; `npm run bench` has the figures. */
/** The schema of version 0.1. */
const OF_0_1 = 4;
const TAKE_OVER_MS = 10_000;

async function open(settings: Readonly<Record<string, string>> = {}) {
  const mosquitto = await startMosquitto();
  const { url } = await createSharedDatabase();
  const w = await createWorld(mosquitto.url, {
    TELEGRAM_ALARM_CHAT_IDS: String(ADMIN),
    DATABASE_URL: url,
    ...settings,
  });
  const others: Valvomo[] = [];
  onTestFinished(async () => {
    await Promise.all(others.map((one) => one.remove()));
    await w.remove();
    await mosquitto.remove();
  });
  const said = (text: string) =>
    w.telegram
      .messages(ADMIN)
      .filter(({ from }) => from === "bot")
      .map((message) => message.text.replaceAll(JOINER, ""))
      .filter((one) => one.includes(text));
  return {
    ...w,
    url,
    said,
    warn: (name: string, changes: Readonly<Record<string, string>> = {}) =>
      w.warn({ id: name, message: `Alarm ${name}`, severity: "error", state: "active", ...changes }),
    untilSaid: (text: string, ms = 15_000) => until(text, () => said(text)[0], ms),
    /** One more process with the same settings. */
    another(changes: Readonly<Record<string, string>> = {}): Valvomo {
      const one = createValvomo({ ...w.app.settings(), ...changes });
      others.push(one);
      return one;
    },
  };
}

async function pageOf(app: Valvomo, path: string): Promise<string> {
  const answer = await fetch(`${app.url()}${path}`);
  return `${answer.status} ${(await answer.text()).trim()}`;
}

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

/** The active one has seen that somebody stands by. */
const untilNotAlone = async (app: Valvomo) => {
  const known = `SELECT 1 FROM leases WHERE holder_pid = ${app.pid} AND NOT is_alone`;
  await until("it sees one that stands by", async () => (await pageOf(app, "/metrics")).includes("valvomo_standbys 1"));
  await until("the others know it", async () => (await askPostgres(app.databaseUrl, known)).length > 0);
};

describe.skipIf(!hasMosquitto || !hasPostgres)("two processes at one database", () => {
  it("one is active, the other stands by and says so; a kill, a freeze and a stop are taken over, and nothing is lost", async () => {
    const w = await open();
    const [a, b] = [w.app, w.another()];
    await w.start();
    await b.start("standing by");
    expect(await Promise.all([pageOf(a, "/healthz"), pageOf(a, "/active")])).toEqual(["200 active", "200 active"]);
    expect(await Promise.all([pageOf(b, "/healthz"), pageOf(b, "/active")])).toEqual(["200 standby", "503 standby"]);
    await w.warn("one");
    await w.untilSaid("Alarm one");
    await untilNotAlone(a);

    // Killed.
    await a.kill();
    let began = performance.now();
    await w.warn("two");
    await w.untilSaid("Alarm two");
    expect(performance.now() - began).toBeLessThan(TAKE_OVER_MS);
    expect(await w.untilSaid("Take-over")).toMatch(
      new RegExp(`process ${b.pid} on .+ is active now, in the place of process \\d+ on .+, which fell silent at`),
    );
    expect(await pageOf(b, "/active")).toBe("200 active");
    w.telegram.say({ chatId: ADMIN, text: "/status" });
    expect(await w.untilSaid("Last take-over")).toMatch(new RegExp(`Active: process ${b.pid} on `));

    // Frozen; it wakes up, finds itself replaced and ends.
    await a.start("standing by");
    await untilNotAlone(b);
    b.freeze();
    began = performance.now();
    await w.warn("three");
    await w.untilSaid("Alarm three");
    expect(performance.now() - began).toBeLessThan(TAKE_OVER_MS);
    const ended = b.ended();
    b.thaw();
    expect(await ended).toBeNull();
    expect(b.errors()).toBe("Valvomo ends: another process has taken over.\n");

    // Stopped: handed over, at once.
    await b.start("standing by");
    await untilNotAlone(a);
    const stopping = a.stop();
    await until("the other is active", async () => (await pageOf(b, "/active")) === "200 active");
    expect(await stopping).toBe(0);
    await w.warn("four");
    await w.untilSaid("Alarm four");
    await w.untilSaid("which was stopped and handed over");
    for (const name of ["one", "two", "three", "four"]) expect(w.said(`Alarm ${name}`)).toHaveLength(1);
    expect(await b.stop()).toBe(0);
  }, 90_000);

  it("what a delay, a flood or a shelf holds back comes at its time from whoever takes over, once", async () => {
    const [delayMs, shelfMs] = [20_000, 60_000];
    const plants = join(mkdtempSync(join(tmpdir(), "valvomo-standby-")), "plants.yaml");
    onTestFinished(() => rmSync(dirname(plants), { recursive: true }));
    writeFileSync(plants, `alarms: [{ message: "Alarm slow *", delay: ${delayMs / 1_000}s }]\n`);
    const w = await open({ PLANTS_FILE: plants, FLOOD_RATE: "3/10m" });
    const [a, b] = [w.app, w.another()];
    await w.start();
    await b.start("standing by");
    await untilNotAlone(a);
    await w.warn("aside");
    const number = /#(\d+)$/.exec(await w.untilSaid("Alarm aside"))?.[1];
    w.telegram.say({ chatId: ADMIN, text: `/shelve ${number} 1m` });
    await w.untilSaid(`#${number} is shelved until`);
    const shelvedAt = Date.now();
    await until("the shelf ends soon", () => Date.now() - shelvedAt > shelfMs - 5_000, shelfMs);

    for (const name of ["slow and brief", "slow and staying"]) await w.warn(name);
    for (let i = 1; i <= 9; i += 1) await w.warn(`flood ${i}`);
    const stored = async () =>
      Number((await askPostgres(w.url, "SELECT COUNT(*) AS n FROM alarms WHERE message LIKE 'Alarm %'"))[0]?.["n"]);
    await until("all of it is stored", async () => (await stored()) === 12);
    await a.kill();
    await w.warn("slow and brief", { state: "cleared" });
    await w.warn("flood 9", { severity: "critical" });
    await until("the other is active", async () => (await pageOf(b, "/active")) === "200 active");
    const cards = () =>
      askPostgres(
        w.url,
        `SELECT message, occurrence, told_at - started_at AS waited, rings, rung, ring_reason, board_id IS NOT NULL AS is_on_board,
           message_id IS NOT NULL AS has_message, is_pending FROM alarms LEFT JOIN cards ON alarm_id = alarms.id ORDER BY alarms.id`,
      );
    const cardOf = async (name: string) => (await cards()).find(({ message }) => message === `Alarm ${name}`);
    await until("the delay is over", async () => (await cardOf("slow and staying"))?.["waited"] != null, 2 * delayMs);
    await until("all is shown", async () => (await cards()).every((card) => Number(card["is_pending"] ?? 0) === 0));

    const waited = Number((await cardOf("slow and staying"))?.["waited"]);
    expect(waited).toBeGreaterThanOrEqual(delayMs);
    expect(waited).toBeLessThan(delayMs + TAKE_OVER_MS);
    expect(await cardOf("slow and brief")).toMatchObject({ occurrence: "0", rings: null });
    expect(await cardOf("aside")).toMatchObject({ ring_reason: "unshelved", rings: "2", rung: "2", is_on_board: true });
    for (let i = 1; i <= 8; i += 1) {
      const card = await cardOf(`flood ${i}`);
      expect([card?.["rings"], card?.["rung"]]).toEqual(["1", "1"]);
      expect(card?.["is_on_board"] !== card?.["has_message"], `flood ${i} is shown, in one place`).toBe(true);
    }
    const isCritical = (text: string) => text.includes("🔴 CRITICAL") && text.includes("Alarm flood 9");
    expect(w.said("").filter(isCritical)).toHaveLength(1);
    expect(w.said("Alarm slow and brief")).toEqual([]);
  }, 180_000);

  it("whoever is cut off from the database says so, sends nothing any more and stays, and is started anew as a standby", async () => {
    const w = await open();
    const link = await startProxy(Number(new URL(w.url).port));
    onTestFinished(() => link.close());
    const [a, b] = [w.app, w.another()];
    a.change({ DATABASE_URL: w.url.replace(/:\d+\//, `:${link.port}/`) });
    await w.start();
    await b.start("standing by");
    await w.warn("one");
    await w.untilSaid("Alarm one");
    await untilNotAlone(a);

    link.blackhole();
    const began = performance.now();
    await w.untilSaid("Nothing can be stored");
    await w.warn("two");
    await w.untilSaid("Alarm two");
    expect(performance.now() - began).toBeLessThan(TAKE_OVER_MS);
    expect(await pageOf(a, "/active")).toBe("503 not active");
    const ended = a.ended();
    link.restore();
    expect(await ended).toBeNull();
    await a.start("standing by");
    expect(await pageOf(b, "/active")).toBe("200 active");
    expect(w.said("Alarm two")).toHaveLength(1);
  }, 60_000);

  it("one whose clock is an hour ahead takes over, says so, and shows and reminds at the right time", async () => {
    const w = await open();
    const b = w.another({
      NODE_OPTIONS: `--import=${join(import.meta.dirname, "..", "support", "shifted-clock.mjs")}`,
      TEST_CLOCK_AHEAD_MS: "3600000",
    });
    await w.start();
    await b.start("standing by");
    await untilNotAlone(w.app);
    await w.warn("one");
    const before = await w.untilSaid("Alarm one");
    await w.app.stop();
    await w.warn("two");
    // Both say when they came, and when somebody is reminded of them.
    const [first, second] = [before, await w.untilSaid("Alarm two")].map((text) => text.match(/\d\d:\d\d:\d\d/g) ?? []);
    expect(first).toHaveLength(2);
    const minutesApart = (i: number) => minutesOf(second?.[i] ?? "") - minutesOf(first?.[i] ?? "");
    for (const i of [0, 1]) expect((minutesApart(i) + 1_440) % 1_440).toBeLessThan(5);
    await w.untilSaid("is 1 h ahead of PostgreSQL’s");
    // Nobody was reminded an hour early.
    expect(w.said("Alarm one")).toEqual([expect.not.stringContaining("Reminded")]);
  }, 60_000);

  it("one is updated after the other: the new one waits and changes nothing, then takes over; an old one never does again", async () => {
    const w = await open();
    const settings = await createSharedDatabase();
    w.app.change({ DATABASE_URL: settings.url });
    // Version 0.1 for everybody who looks: it is active, and its tables are older.
    const tables = await openPostgres(settings);
    await migrate(tables, OF_0_1);
    await tables.close();
    const olderProcess = (): Lease => {
      const id = newSessionName("process");
      const lease = new Lease({
        table: new PostgresLeaseTable(settings, id, TTL_MS),
        me: {
          id,
          host: "old",
          pid: 1,
          version: "0.1.0",
          schema: OF_0_1,
          settings: identityOf(TOKEN, CLIENT_ID),
        },
        clock: systemClock,
        onLost: () => undefined,
        log: silentLog,
      });
      onTestFinished(() => lease.release());
      return lease;
    };
    const old = olderProcess();
    await old.take(() => undefined);
    const schema = async () => (await askPostgres(settings.url, "SELECT version FROM schema_version"))[0]?.["version"];

    await w.app.start("standing by");
    await until("the old one sees it", () => old.processes().length === 2);
    expect(Number(await schema())).toBe(OF_0_1);
    await old.release();
    await w.untilSaid("Take-over");
    expect(Number(await schema())).toBe(NEWEST_SCHEMA);

    const older = olderProcess();
    const taken = older.take(() => undefined).then(() => "taken");
    await until("it is there", async () => (await pageOf(w.app, "/metrics")).includes("valvomo_standbys 1"));
    w.telegram.say({ chatId: ADMIN, text: "/status" });
    await w.untilSaid("cannot take over, as it is older than the database");
    expect(await w.app.stop()).toBe(0);
    expect(await Promise.race([taken, delay(4_000, "not taken")])).toBe("not taken");
  }, 60_000);

  it("one whose plants file is broken does not stand by: it could not take over", async () => {
    const w = await open();
    await w.start();
    const path = join(import.meta.dirname, "..", "..", "package.json");
    const other = w.another({ PLANTS_FILE: path });
    await expect(other.start("standing by")).rejects.toThrow(/ended with 2: .*package\.json/s);
  }, 30_000);

  it("one with another client id is refused in words", async () => {
    const w = await open();
    await w.start();
    const other = w.another({ MQTT_CLIENT_ID: "another-plant" });
    await expect(other.start()).rejects.toThrow(/ended with 2: .*another bot or another MQTT_CLIENT_ID/s);
  }, 30_000);
});
