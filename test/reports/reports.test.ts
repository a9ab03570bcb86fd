import { Api } from "grammy";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTelegram, type Telegram } from "../../src/demo/telegram/server.ts";
import type { ThingSpeakServer } from "../../src/demo/thingspeak/server.ts";
import { digestOf } from "../../src/queries/field-summary.ts";
import { measurementOf } from "../../src/measurements/measurement.ts";
import { openReportStore, type ReportStore } from "../../src/reports/report-store.ts";
import { createReports, type ReportOptions } from "../../src/reports/reports.ts";
import type { Schedule } from "../../src/reports/schedule.ts";
import { countAlarms } from "../../src/store/alarms/alarm-lists.ts";
import type { Database } from "../../src/store/sql/database.ts";
import { openSqlite } from "../../src/store/sqlite/sqlite.ts";
import { openStore, type Store } from "../support/store.ts";
import { createReportSender } from "../../src/telegram/commands/report-sender.ts";
import { WorkerError } from "../../src/lib/worker-error.ts";
import { png } from "../demo/telegram/support.ts";
import { eventOf } from "../support/alarms.ts";
import { silentLog } from "../support/log.ts";
import { chatOf } from "../support/rules.ts";
import { connect, startServer } from "../thingspeak/support.ts";
import { clientOf } from "../../src/telegram/api/client.ts";
import { outgoing } from "../support/outgoing.ts";

const TOKEN = "123456:reports-test";
const ADMIN = 11;
const FORUM = -1_001_000_000_007;
const HOUR = 3_600_000;
const MINUTE = 60_000;
/** Where nothing is measured. */
const NOTHING = {
  measurements: async () => [],
  read: async () => Promise.reject(new Error("there is no field")),
  digest: async () => Promise.reject(new Error("there is no field")),
  plot: async () => Promise.reject(new Error("there is no field")),
};
const DAILY: Schedule = { minute: 7 * 60, weekday: null };
/** 07:00 in Helsinki on a Monday. */
const DUE = Date.parse("2026-11-23T05:00:00Z");

type Plot = NonNullable<ReportOptions["feed"]>["plot"];

let telegram: Telegram;
let thingspeak: ThingSpeakServer;
let database: Database;
let store: Store;
let plans: ReportStore;
let now: number;

beforeEach(async () => {
  telegram = await startTelegram({ token: TOKEN });
  const people = [{ id: ADMIN, firstName: "Aino" }];
  telegram.addPrivateChat(people[0]!);
  telegram.addGroup({ id: FORUM, title: "Hall 6", members: people, isForum: true, threadIds: [5] });
  thingspeak = await startServer();
  database = openSqlite(":memory:");
  store = await openStore(database, {
    destinationsOf: () => [chatOf(ADMIN)],
    timeZone: "Europe/Helsinki",
    now: () => now,
  });
  plans = await openReportStore(store.keyValue, silentLog);
  now = DUE + 30_000;
});
afterEach(async () => {
  await telegram.stop();
  await database.close();
});

function reports({ plot, ...options }: Partial<ReportOptions> & { plot?: Plot } = {}) {
  const channel = connect(thingspeak.url, { now: () => now });
  return createReports({
    store: plans,
    isServed: () => true,
    timeZoneOf: store.chats.timeZoneOf,
    currentId: store.chats.currentId,
    feed: {
      measurements: async () => (await channel.fields()).map((field) => measurementOf(field, [])),
      read: channel.read,
      digest: async (request) => digestOf(request),
      plot: plot ?? (async (field) => ({ png: png(40, 30), caption: [`plot of ${field}`] })),
    },
    alarms: (since) => countAlarms(database, since),
    startedAt: DUE - 100 * HOUR,
    send: createReportSender({ api: new Api(TOKEN, clientOf(telegram.url, outgoing)), log: silentLog }),
    now: () => now,
    log: silentLog,
    ...options,
  });
}

/** The day before, an entry a minute but for the last hour; field 4 is blank. */
function fill(): void {
  const indexes = Array.from({ length: 1_380 }, (_, i) => i);
  thingspeak.load(7, {
    times: indexes.map((i) => DUE - 24 * HOUR + i * MINUTE),
    columns: { field1: indexes.map((i) => (i % 2 === 0 ? 60 : 62)), field4: indexes.map(() => Number.NaN) },
  });
}
const said = (chatId = ADMIN) => telegram.messages(chatId).filter(({ from }) => from === "bot");
const want = (schedule: Schedule = DAILY, chatId = ADMIN, threadId: number | null = null) =>
  plans.save(chatId, { threadId, schedule, sentAt: DUE - 20 * HOUR });

describe("a report", () => {
  it("tells of the day what was measured and what came, with the plots", async () => {
    fill();
    const old = { message: "Old", severity: "error", id: "old" };
    await store.record([
      eventOf({ ...old }, { at: DUE - 30 * HOUR }),
      eventOf({ message: "Hot", severity: "critical", id: "a" }, { at: DUE - 5 * HOUR }),
      eventOf({ message: "Hot", severity: "critical", id: "a", state: "cleared" }, { at: DUE - 4 * HOUR }),
      eventOf({ message: "Warm", severity: "warning", id: "b" }, { at: DUE - 3 * HOUR }),
      eventOf({ message: "Warm", severity: "warning", id: "c" }, { at: DUE - 3 * HOUR }),
    ]);
    await want();
    await reports().tick();
    const [words, picture, ...others] = said();
    expect(words?.text.split("\n")).toEqual([
      "Report",
      "2026-11-22 07:00 → 11-23 07:00",
      "Alarms: 1 critical, 2 warning; 3 are active now, 1 came and went, not acknowledged.",
      "Valvomo was up all the time.",
      "Coil temperature: 60 to 62, mean over time 61, last 62; 1,380 of 1,440 entries",
      expect.stringContaining("Rotor speed: 1,380 of 1,440 entries, 1,380 without a number"),
    ]);
    expect(picture?.caption).toBe("plot of 1");
    expect(others).toEqual([]);
    expect(said().filter(({ isSilent }) => !isSilent)).toEqual([]);
  });

  it("sends several plots as one album, in the thread where it was asked for", async () => {
    thingspeak.load(7, { times: [DUE - HOUR], columns: { field1: [1], field4: [2] } });
    await want(DAILY, FORUM, 5);
    await reports().tick();
    expect(said(FORUM).map(({ caption, threadId }) => [caption, threadId])).toEqual([
      [null, 5],
      ["plot of 1", 5],
      ["plot of 4", 5],
    ]);
    expect(telegram.calls.filter(({ method }) => method === "sendMediaGroup")).toHaveLength(1);
  });

  it("tells of the week", async () => {
    await want({ minute: 7 * 60, weekday: 1 });
    await reports({ feed: NOTHING, startedAt: DUE - 5 * HOUR }).tick();
    expect(said()[0]?.text.split("\n")).toEqual([
      "Report",
      "2026-11-16 07:00 → 11-23 07:00",
      "No alarms came; none is active now.",
      "Valvomo was restarted at 2026-11-23 02:00.",
    ]);
  });

  it("tells all fields but the one that cannot be read, and why", async () => {
    await plans.save(ADMIN, { threadId: null, schedule: DAILY, sentAt: DUE - 24 * HOUR });
    thingspeak.append(7, { at: DUE - HOUR, field1: 61.5, field4: 3_000 });
    thingspeak.fault({ kind: "denied" }, 9, "/channels/7/fields/4");
    await reports().tick();
    expect(said()[0]?.text).toContain("Coil temperature: 61.5 to 61.5");
    expect(said()[0]?.text).toContain("Rotor speed: ⚠️ ThingSpeak refuses the read key.");
  });

  it("comes also when ThingSpeak fails", async () => {
    thingspeak.fault({ kind: "status", status: 404 });
    await want();
    await reports().tick();
    expect(said()[0]?.text).toContain("No alarms came");
    expect(said()[0]?.text).toContain("No measurements: ThingSpeak does not know this channel.");
  });

  it("comes with the other pictures when one cannot be drawn", async () => {
    thingspeak.load(7, { times: [DUE - HOUR], columns: { field1: [1], field4: [2] } });
    await want();
    const plot = async (field: number) => {
      if (field === 1) throw new WorkerError("slow", "as the test wants");
      return { png: png(40, 30), caption: [`plot of ${field}`] };
    };
    await reports({ plot }).tick();
    expect(said().map(({ text, caption }) => caption ?? text.includes("Coil temperature: 1 to 1"))).toEqual([
      true,
      "plot of 4",
    ]);
  });

  it("is not sent again when Telegram refuses the pictures", async () => {
    fill();
    await want();
    telegram.fault({
      method: "sendPhoto",
      failure: { status: 400, description: "Bad Request: PHOTO_INVALID_DIMENSIONS" },
    });
    const one = reports();
    await one.tick();
    now += HOUR;
    await one.tick();
    expect(said()).toHaveLength(1);
  });
});

describe("when it comes", () => {
  const words = () => said().filter(({ text }) => text.startsWith("Report"));

  it("does not go to a chat that is served no more, and goes on when it is again", async () => {
    fill();
    await want();
    let isServed = false;
    const shown = reports({ isServed: () => isServed });
    await shown.tick();
    expect(said()).toEqual([]);
    isServed = true;
    await shown.tick();
    expect(said()).not.toEqual([]);
  });

  it("comes once, when it is due, and then the next day", async () => {
    await plans.save(ADMIN, { threadId: null, schedule: DAILY, sentAt: DUE - 23 * HOUR });
    const one = reports({ feed: NOTHING });
    now = DUE - 1;
    await one.tick();
    expect(words()).toHaveLength(0);
    now = DUE;
    await one.tick();
    await one.tick();
    now = DUE + 24 * HOUR - 1;
    await one.tick();
    expect(words()).toHaveLength(1);
    now += 1;
    await one.tick();
    expect(words()).toHaveLength(2);
  });

  it("comes late and once after a time away, and not at all when it is 12 h late", async () => {
    await want();
    now = DUE + 49 * HOUR;
    const again = async () => createAndTick(await openReportStore(store.keyValue, silentLog));
    await again();
    await again();
    expect(words()).toHaveLength(1);
    expect(words()[0]?.text).toContain("2026-11-24 07:00 → 11-25 07:00");
    now = DUE + 48 * HOUR + 24 * HOUR + 12 * HOUR + 1;
    await again();
    expect(words()).toHaveLength(1);
  });
  const createAndTick = (known: ReportStore) => reports({ store: known, feed: NOTHING }).tick();

  it("is tried again after ten minutes while Telegram is away, and the others get theirs", async () => {
    await want();
    await want(DAILY, FORUM);
    const one = reports({ feed: NOTHING });
    telegram.fault({ method: "sendMessage", chatId: ADMIN, failure: "html" });
    await one.tick();
    now += 9 * MINUTE;
    await one.tick();
    expect([words().length, said(FORUM).length]).toEqual([0, 1]);
    now += MINUTE;
    await one.tick();
    await one.tick();
    expect([words().length, said(FORUM).length]).toEqual([1, 1]);
  });

  it("is given up for a chat that threw us out", async () => {
    await want();
    telegram.block(ADMIN);
    const one = reports({ feed: NOTHING });
    await one.tick();
    telegram.unblock(ADMIN);
    now += HOUR;
    await one.tick();
    expect(words()).toHaveLength(0);
    now = DUE + 24 * HOUR;
    await one.tick();
    expect(words()).toHaveLength(1);
  });

  it("follows a group that became a supergroup", async () => {
    const group = -77;
    telegram.addGroup({ id: group, title: "Hall 7", members: [{ id: ADMIN, firstName: "Aino" }] });
    await want(DAILY, group);
    telegram.migrate(group, -1_001_000_000_077);
    await store.chats.migrate(group, -1_001_000_000_077);
    await reports({ feed: NOTHING }).tick();
    expect(said(-1_001_000_000_077).filter(({ text }) => text.startsWith("Report"))).toHaveLength(1);
    expect(plans.all().map(({ chatId, sentAt }) => [chatId, sentAt])).toEqual([[-1_001_000_000_077, DUE]]);
  });

  it("stays ended when somebody ended it while it was being sent", async () => {
    await want();
    const send = async () => {
      await plans.save(ADMIN, null);
      return { kind: "done", messageId: 1 } as const;
    };
    await reports({ feed: NOTHING, send }).tick();
    expect(plans.all()).toEqual([]);
    expect((await openReportStore(store.keyValue, silentLog)).all()).toEqual([]);
  });
});
