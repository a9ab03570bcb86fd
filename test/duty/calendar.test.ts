import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import type { OwnMessage } from "../../src/alarms/payloads/own.ts";
import { openDutyCalendar } from "../../src/duty/calendar.ts";
import { readCalendar } from "../../src/duty/calendar-turns.ts";
import { readSource } from "../../src/duty/read-source.ts";
import { parsePlants } from "../../src/plants/parse-plants.ts";
import { silentLog } from "../support/log.ts";
import { outgoing } from "../support/outgoing.ts";

const HOUR = 3_600_000;
const people = [
  { chatId: 21, threadId: null, name: "anna" },
  { chatId: 22, threadId: null, name: "ben" },
];
const calendarOf = (...lines: readonly string[]): string =>
  ["BEGIN:VCALENDAR", "VERSION:2.0", ...lines, "END:VCALENDAR", ""].join("\r\n");
const eventOf = (summary: string, ...lines: readonly string[]): string[] => [
  "BEGIN:VEVENT",
  `SUMMARY:${summary}`,
  ...lines,
  "END:VEVENT",
];
const NIGHTS = eventOf(
  "On call: Anna",
  "UID:1",
  "DTSTART;TZID=Europe/Helsinki:20261023T220000",
  "DTEND;TZID=Europe/Helsinki:20261024T060000",
  "RRULE:FREQ=DAILY;COUNT=5",
  "EXDATE;TZID=Europe/Helsinki:20261026T220000",
);
const MOVED = eventOf(
  "ben",
  "UID:1",
  "RECURRENCE-ID;TZID=Europe/Helsinki:20261027T220000",
  "DTSTART;TZID=Europe/Helsinki:20261027T230000",
  "DTEND;TZID=Europe/Helsinki:20261028T070000",
);
const WINDOW = [Date.UTC(2026, 9, 20), Date.UTC(2026, 10, 5)] as const;
const told = async (text: string, timeZone = "UTC") =>
  (await readCalendar(text, { people, timeZone }))(...WINDOW).map(({ startAt, endAt, who }) => [
    who.name,
    new Date(startAt).toISOString().slice(0, 16),
    new Date(endAt).toISOString().slice(0, 16),
  ]);

describe("a calendar", () => {
  it("has turns by its rules over the night when clocks change, without what is excepted, and with what was moved", async () => {
    expect(await told(calendarOf(...NIGHTS, ...MOVED))).toEqual([
      ["anna", "2026-10-23T19:00", "2026-10-24T03:00"],
      ["anna", "2026-10-24T19:00", "2026-10-25T04:00"],
      ["anna", "2026-10-25T20:00", "2026-10-26T04:00"],
      ["ben", "2026-10-27T21:00", "2026-10-28T05:00"],
    ]);
  });

  it("is in the zone of the rota where it says none, in its own description of one, or in UTC", async () => {
    const zone = [
      "BEGIN:VTIMEZONE",
      "TZID:FLE Standard Time",
      "BEGIN:STANDARD",
      "DTSTART:16010101T040000",
      "TZOFFSETFROM:+0200",
      "TZOFFSETTO:+0200",
      "END:STANDARD",
      "END:VTIMEZONE",
    ];
    const times = (tzid: string, end = "") => [
      `DTSTART${tzid}:20261102T060000${end}`,
      `DTEND${tzid}:20261102T140000${end}`,
    ];
    const text = (lines: readonly string[]) => calendarOf(...zone, ...eventOf("anna", "UID:2", ...lines));
    expect(await told(text(times("")), "Europe/Helsinki")).toEqual([["anna", "2026-11-02T04:00", "2026-11-02T12:00"]]);
    expect(await told(text(times(";TZID=FLE Standard Time")))).toEqual([
      ["anna", "2026-11-02T04:00", "2026-11-02T12:00"],
    ]);
    expect(await told(text(times("", "Z")), "Europe/Helsinki")).toEqual([
      ["anna", "2026-11-02T06:00", "2026-11-02T14:00"],
    ]);
  });

  it("leaves out what is cancelled, gives what overlaps to whoever begins later, and never two people at once", async () => {
    const cancelled = eventOf("ben", "UID:3", "STATUS:CANCELLED", "DTSTART:20261101T060000Z", "DTEND:20261101T140000Z");
    const week = eventOf("anna", "UID:4", "DTSTART:20261101T000000Z", "DTEND:20261103T000000Z");
    const stand = eventOf("ben", "UID:5", "DTSTART:20261102T060000Z", "DTEND:20261102T080000Z");
    expect(await told(calendarOf(...stand, ...cancelled, ...week))).toEqual([
      ["anna", "2026-11-01T00:00", "2026-11-02T06:00"],
      ["ben", "2026-11-02T06:00", "2026-11-02T08:00"],
      ["anna", "2026-11-02T08:00", "2026-11-03T00:00"],
    ]);
  });

  it("says what of it names nobody, or two, or is no calendar", async () => {
    const problemsOf = async (title: string) => {
      const problems: string[] = [];
      const text = calendarOf(...eventOf(title, "UID:6", "DTSTART:20261101T060000Z", "DTEND:20261101T140000Z"));
      const turns = (await readCalendar(text, { people, timeZone: "UTC" }))(...WINDOW, (problem) =>
        problems.push(problem),
      );
      return [turns, problems];
    };
    expect(await problemsOf("Johanna")).toEqual([[], ["“Johanna” names nobody who is named under chats"]]);
    expect(await problemsOf("anna, ben")).toEqual([[], ["“anna, ben” names more than one person"]]);
    await expect(readCalendar("<html>", { people, timeZone: "UTC" })).rejects.toThrow("cannot be read as a calendar");
  });

  it.each([
    [
      "has no title",
      ["DTSTART:20261101T060000Z", "DTEND:20261101T140000Z"],
      "“” names nobody who is named under chats",
    ],
    ["has no start", ["SUMMARY:anna"], "“anna” cannot be understood: it needs a start, and an end or a length"],
    ["has a start that is none", ["SUMMARY:anna", "DTSTART:2026XX01T060000Z"], "“anna” cannot be understood"],
    ["ends too early", ["SUMMARY:anna", "DTSTART:20261101T060000Z", "DTEND:20261101T050000Z"], "ends before it begins"],
  ])("says it in words where an entry %s, and that takes no turn away from others", async (_words, entry, problem) => {
    const good = eventOf("ben", "UID:8", "DTSTART:20261102T060000Z", "DTEND:20261102T140000Z");
    const text = calendarOf("BEGIN:VEVENT", "UID:7", ...entry, "END:VEVENT", ...good);
    const problems: string[] = [];
    const turns = (await readCalendar(text, { people, timeZone: "UTC" }))(...WINDOW, (one) => problems.push(one));
    expect(turns.map(({ who }) => who.name)).toEqual(["ben"]);
    expect(problems).toEqual([expect.stringContaining(problem)]);
  });
});

describe("the calendar of the duty", () => {
  async function open() {
    const clock = { at: Date.UTC(2026, 9, 24) };
    const world = { text: calendarOf(...NIGHTS, ...MOVED), told: [] as OwnMessage[], reads: 0, source: "a.ics" };
    const kept = new Map<string, unknown>();
    const setting = { source: world.source, everyMs: HOUR, people };
    const reopen = () =>
      openDutyCalendar({
        setting: () => setting,
        read: async () => {
          world.reads++;
          if (world.text === "") throw new Error("host: no answer");
          return world.text;
        },
        keyValue: {
          read: async (name) => kept.get(name) ?? null,
          write: async (name, content) => void kept.set(name, content),
        },
        timeZone: () => "UTC",
        now: () => clock.at,
        log: silentLog,
      });
    const tell = async (message: OwnMessage): Promise<void> => void world.told.push(message);
    return { clock, world, reopen, tell };
  }

  it("is read again when its time has come; while it cannot be used, the last good one counts, over a restart too, and admins are told", async () => {
    const { clock, world, reopen, tell } = await open();
    const first = await reopen();
    expect(first.turns()).toBeNull();
    await first.look(tell);
    await first.look(tell);
    expect([world.reads, world.told.at(-1)?.state]).toEqual([1, "cleared"]);
    const count = first.turns()?.(...WINDOW).length;
    for (const bad of [
      "",
      "nonsense",
      calendarOf(...eventOf("carl", "UID:9", "DTSTART:20261025T060000Z", "DTEND:20261026T140000Z")),
    ]) {
      clock.at += HOUR;
      world.text = bad;
      await first.look(tell);
      expect(world.told.at(-1)).toMatchObject({ state: "active", isForAdmins: true });
      expect(first.turns()?.(...WINDOW)).toHaveLength(count ?? -1);
    }
    expect((await reopen()).turns()?.(...WINDOW)).toHaveLength(count ?? -1);
    clock.at = Date.UTC(2027, 0, 1);
    world.text = calendarOf(...NIGHTS);
    await first.look(tell);
    expect(world.told.at(-1)?.message).toContain("names nobody for the next two weeks");
  });

  it("of before counts at a start also where an entry of it that comes near is nobody's; that nobody is on duty is said", async () => {
    const { clock, world, reopen, tell } = await open();
    const later = eventOf("Holiday", "UID:3", "DTSTART:20261110T060000Z", "DTEND:20261111T060000Z");
    world.text = calendarOf(...NIGHTS, ...MOVED, ...later);
    const first = await reopen();
    await first.look(tell);
    expect(world.told.at(-1)?.state).toBe("cleared");
    clock.at += 4 * 24 * HOUR;
    const second = await reopen();
    expect(second.turns()?.(...WINDOW)).toHaveLength(4);
    await second.look(tell);
    expect(world.told.at(-1)?.message).toContain("names nobody who is named under chats. What it said before stays");
    const other = await open();
    other.world.text = calendarOf(
      ...later,
      ...eventOf("Feast", "UID:4", "DTSTART:20261026T060000Z", "DTEND:20261027T060000Z"),
    );
    await (await other.reopen()).look(other.tell);
    expect(other.world.told.at(-1)?.message).toContain("Nobody is on duty by it");
  });

  it("is a path or a safe address in the plants file, and takes the place of a week", () => {
    const duty = (text: string) => parsePlants(`chats: { anna: 21, hall: -7 }\nduty: ${text}`, "p.yaml").duty;
    expect(duty("{ calendar: 'https://x.org/a.ics', every: 15m }")?.calendar).toEqual({
      source: "https://x.org/a.ics",
      everyMs: 15 * 60_000,
      people: [{ chatId: 21, threadId: null, name: "anna" }],
    });
    expect(() => duty("{ calendar: 'http://x.org/a.ics' }")).toThrow("an address that begins with https:");
    expect(() => duty("{ calendar: a.ics, week: [{ from: '06:00', to: '14:00', who: anna }] }")).toThrow("not both");
    expect(() => duty("{ zone: UTC }")).toThrow("needs a week or a calendar");
  });
});

describe("what is read from an address", () => {
  async function serve(answer: RequestListener): Promise<string> {
    const server: Server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret.ics`;
  }

  it("is its text, up to 1 MB, and no redirect; what is wrong names the host alone", async () => {
    const bytes = (count: number) => serve((_, response) => response.end("x".repeat(count)));
    expect(await readSource(await bytes(1_000_000), outgoing)).toHaveLength(1_000_000);
    await expect(readSource(await bytes(1_000_001), outgoing)).rejects.toThrow(
      /^127\.0\.0\.1:\d+: it is larger than 1 MB$/,
    );
    const moved = await serve((_, response) => response.writeHead(302, { location: "/b" }).end());
    await expect(readSource(moved, outgoing)).rejects.toThrow(/^127\.0\.0\.1:\d+: it answered 302$/);
    await expect(readSource("/nowhere/a.ics", outgoing)).rejects.toThrow("ENOENT");
  });
});
