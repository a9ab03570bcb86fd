import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { acknowledge } from "../../src/alarms/lifecycle/handling.ts";
import { tellWorth } from "../../src/alarms/lifecycle/worth.ts";
import type { AlarmRule } from "../../src/alarms/lifecycle/alarm-rule.ts";
import type { AlarmRules } from "../../src/alarms/lifecycle/escalation-plan.ts";
import { readPlantsFile } from "../../src/plants/plants-file.ts";
import { createRuleFile, type RuleWish } from "../../src/plants/rule-file.ts";
import type { WhatIf } from "../../src/quality/what-if.ts";
import { readWhatIf } from "../../src/store/quality/alarm-past.ts";
import { openReaderApart } from "../../src/store/quality/reader.ts";
import { eventOf } from "../support/alarms.ts";
import { createRoom, type Room } from "../support/room.ts";
import { RULES } from "../support/rules.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 10, 1);
const END = START + 30 * DAY;
const CHAT = 7;

/** What happens to an alarm: what its plant says, or what somebody does. */
type Line = { readonly at: number } & (
  | { readonly said: Readonly<Record<string, unknown>> }
  | { readonly done: "acknowledge" | "nothingToDo" }
);

/** One time that it stands; the values with which it comes and ends. */
const stood = (at: number, ms: number, name: string, value?: number, endValue?: number, limit?: number): Line[] => [
  { at, said: { ...NAMED[name], state: "active", value, limit } },
  { at: at + ms, said: { ...NAMED[name], state: "cleared", value: endValue, limit } },
];
const NAMED: Readonly<Record<string, object>> = Object.fromEntries(
  ["valve leaks", "door ajar", "bearing hot"].map((message) => [
    message,
    { message, source: "AMB", severity: "warning" },
  ]),
);
const times = <T>(count: number, make: (i: number) => readonly T[]): T[] =>
  Array.from({ length: count }, (_, i) => make(i)).flat();

/** A month in which each alarm has a fault of its own, and is right now and then. */
const MONTH: Readonly<Record<string, readonly Line[]>> = {
  // It chatters: eight times within two minutes, each night and each noon.
  "valve leaks": times(50, (i) => [
    ...times(8, (k) => stood(START + DAY / 2 + i * 12 * HOUR + k * 15 * SECOND, 5 * SECOND, "valve leaks")),
    ...(i % 10 === 5 ? stood(START + DAY / 2 + i * 12 * HOUR + 3 * HOUR, 20 * MINUTE, "valve leaks") : []),
  ]),
  // It is fleeting, but for each fifth; some of those are seen, and one is called nothing to do.
  "door ajar": times(60, (i) => {
    const at = START + 5 * HOUR + i * 11 * HOUR;
    const isTrue = i % 5 === 0;
    return [
      ...stood(at, isTrue ? 4 * MINUTE : 3 * SECOND + (i % 7) * SECOND, "door ajar"),
      ...(isTrue ? [{ at: at + MINUTE, done: "acknowledge" } as const] : []),
      ...(i === 10 ? [{ at: at + 10 * MINUTE, done: "nothingToDo" } as const] : []),
    ];
  }),
  // Its limit is too tight, and its value hovers there.
  "bearing hot": times(40, (i) => {
    const at = START + 7 * HOUR + i * 17 * HOUR;
    if (i % 8 === 0) return stood(at, 15 * MINUTE, "bearing hot", 91 + i / 10, 78, 80);
    return times(3, (k) =>
      stood(at + k * 70 * SECOND, 30 * SECOND, "bearing hot", 80.5 + (i % 5), k < 2 ? 79.5 : 78, 80),
    );
  }),
};

/** What helps against each fault. */
const HELPS: Readonly<Record<string, readonly string[]>> = {
  "valve leaks": ["delay", "chatter"],
  "door ajar": ["delay"],
  "bearing hot": ["hysteresis", "limit"],
};

/** What repeats rings once an hour, but for the valve, which has chatter alone against it. */
const rulesOf = (name: string): AlarmRules => ({ ...RULES, ...(name === "valve leaks" && { repeating: null }) });

/** Lets a month pass in the program; what rang stands in its store. */
async function live(lines: readonly Line[], rules: AlarmRules): Promise<Room> {
  const room = await createRoom({ chats: [CHAT], floodRate: null, rules, at: START - DAY });
  onTestFinished(() => room.close());
  const passTo = async (at: number): Promise<void> => {
    const left = at - room.clock.now();
    // What a rule waits for is over within seconds.
    await room.pass(Math.min(left, 20 * SECOND), SECOND);
    if (left > 20 * SECOND) await room.pass(left - 20 * SECOND, left - 20 * SECOND);
  };
  for (const line of lines.toSorted((a, b) => a.at - b.at)) {
    await passTo(line.at);
    if ("said" in line) await room.take([eventOf(line.said, { at: line.at })]);
    else {
      const by = { userId: 5, name: "Anna", chatId: CHAT };
      const { done } = line;
      await room.store.act(1, {
        by,
        action: done,
        apply: (alarm, now) => (done === "acknowledge" ? acknowledge(alarm, by, now) : tellWorth(alarm, by, done)),
      });
    }
  }
  await passTo(END);
  return room;
}

/** How often its alarm rang, by the card, and by what was decided and sent. */
async function ringsIn({ path }: Room): Promise<readonly number[]> {
  const reader = await openReaderApart({ kind: "file", path });
  try {
    const [card] = await reader.all<{ rings: number; rung: number }>("SELECT rings, rung FROM cards");
    const [sent] = await reader.all<{ count: number }>(
      "SELECT COUNT(*) AS count FROM decisions WHERE action = 'send' AND result = 'ok'",
    );
    return [card?.rings ?? 0, card?.rung ?? 0, sent?.count ?? 0];
  } finally {
    await reader.close();
  }
}

async function foretold({ path }: Room, rules: AlarmRules): Promise<WhatIf> {
  const reader = await openReaderApart({ kind: "file", path });
  try {
    const request = { startAt: START, endAt: END, rules, routes: [], scope: "shared", reading: {} } as const;
    const found = await readWhatIf(reader, { ...request, alarmId: 1 });
    if (found === null) throw new Error("there is no such alarm");
    return found;
  } finally {
    await reader.close();
  }
}

/** Writes a rule as an admin does, and reads it as the program does. */
async function written({ rule, remedy }: Omit<RuleWish, "alarm">): Promise<readonly AlarmRule[]> {
  const folder = mkdtempSync(join(tmpdir(), "valvomo-what-if-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "plants.yaml");
  writeFileSync(path, "shifts: ['06:00']\n");
  const file = createRuleFile(path);
  const [topic = "", message = ""] = [rule.topics[0], rule.messages[0]];
  const wish = { alarm: { topic, source: rule.sources[0] ?? null, message }, rule, remedy };
  const offer = await file.offer(wish);
  if (offer.kind !== "ready") throw new Error(JSON.stringify(offer));
  expect(await file.add(wish, offer.mark)).toMatchObject({ kind: "added" });
  return (await readPlantsFile(path)).alarms;
}

describe("what was foretold is what rings, once it is a rule", () => {
  it.each(Object.entries(MONTH))("%s", async (name, lines) => {
    const rules = rulesOf(name);
    const before = await live(lines, rules);
    const found = await foretold(before, rules);
    expect(await ringsIn(before)).toEqual([found.rings, found.rings, found.rings]);
    const offered = found.remedies.filter((one) => "rule" in one);
    expect(offered.filter(({ rings }) => rings < found.rings).map(({ kind }) => kind)).toEqual(HELPS[name]);
    for (const { rule, remedy, rings } of offered) {
      const single = await written({ rule, remedy });
      expect(single).toEqual([rule]);
      expect(await ringsIn(await live(lines, { ...rules, single }))).toEqual([rings, rings, rings]);
    }
  });
});
