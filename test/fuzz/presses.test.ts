import * as fc from "fast-check";
import { expect, it } from "vitest";
import { BUTTON_RIGHTS } from "../../src/telegram/access/button-rights.ts";
import { until } from "../support/until.ts";
import { GROUP } from "../support/world.ts";
import { checkTogether, RUNS, text } from "./cases.ts";
import { ALARMS, openProgram, type Program, type Somebody } from "./program.ts";

/** So many at once, then one looks what they did. */
const BATCH = 50;
/** Forty presses are each person's budget at once. */
const CROWD = Math.ceil(RUNS / 40);

interface Press {
  readonly who: Somebody;
  readonly isInGroup: boolean;
  readonly messageId: number;
  readonly data: string;
}

const id = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 0, max: ALARMS + 1 }) }, fc.nat());
/** As buttons of ours say it, though not of this alarm, this chat or this person. */
const buttonLike = fc.oneof(
  fc.tuple(fc.constantFrom("ack", "shelve"), id, fc.nat(2), fc.nat(4)).map((parts) => parts.join(":")),
  fc
    .tuple(id, fc.nat(2), fc.nat(4), fc.constantFrom("30m", "4h", "clears", "shift", "99d"))
    .map((parts) => `shelve:${parts.join(":")}`),
  fc
    .tuple(
      fc.constantFrom("unshelve", "card", "why", "trend", "take", "person", "people", "forget", "alarms", "shelved"),
      id,
    )
    .map((parts) => parts.join(":")),
  fc.tuple(id, fc.constantFrom("viewer", "operator", "admin", "none")).map((parts) => `role:${parts.join(":")}`),
  fc.tuple(fc.constantFrom("join", "subscribe"), fc.constantFrom("yes", "no")).map((parts) => parts.join(":")),
  fc.tuple(id, id).map((parts) => `board:${parts.join(":")}`),
  fc.constantFrom(
    "v:1..2s.0",
    "vl:1..2s.0",
    "v:9..2s.0",
    "vm:more:1..2s.0",
    "vm:main:9..2s.0",
    "help:plots",
    "help:constructor",
    "plot:x",
    "plot:d:2026-11-01",
  ),
);
const data = fc.oneof(
  { weight: 5, arbitrary: buttonLike },
  // Changed in one place.
  fc.tuple(buttonLike, fc.nat(20), text).map(([one, at, put]) => one.slice(0, at) + put + one.slice(at + 1)),
  fc
    .tuple(fc.constantFrom(...Object.keys(BUTTON_RIGHTS), "__proto__", "constructor"), text)
    .map(([kind, rest]) => `${kind}:${rest}`),
  text,
);
const press: fc.Arbitrary<Press> = fc.record({
  who: fc.record({ role: fc.constantFrom(null, "viewer" as const, "operator" as const), index: fc.nat(CROWD - 1) }),
  isInGroup: fc.boolean(),
  messageId: fc.integer({ min: 1, max: 12 }),
  data,
});

/** What nobody but an admin may change, whoever presses. */
const settingsOf = ({ rows }: Program) => [
  rows("SELECT user_id, role FROM people WHERE role IS NOT NULL ORDER BY id"),
  rows("SELECT * FROM routes"),
  rows("SELECT * FROM invitations"),
  rows("SELECT chat_id, time_zone, migrated_to FROM chats WHERE chat_id < 0"),
];

interface Handled {
  readonly acknowledgedBy: string | null;
  readonly shelvedBy: string | null;
}

/** What people did to the alarms, by their numbers. */
function handledOf({ rows }: Program): ReadonlyMap<number, Handled> {
  return new Map(
    rows("SELECT id, acknowledged_by AS acknowledgedBy, course FROM alarms").map(({ id, acknowledgedBy, course }) => {
      const { shelf } = JSON.parse(String(course)) as { shelf: { by: string } | null };
      return [Number(id), { acknowledgedBy: acknowledgedBy as string | null, shelvedBy: shelf?.by ?? null }];
    }),
  );
}

/** The alarms that a press may change, if who presses may. */
function alarmsMeant({ data, isInGroup }: Press): readonly number[] {
  const named = /^(?:ack|shelve):(\d{1,15}):\d{1,9}:\d(?::(?:30m|4h|clears|shift))?$|^unshelve:(\d{1,15})$/.exec(data);
  if (named) return [Number(named[1] ?? named[2])];
  return isInGroup && /^take:\d{1,15}:\d{1,15}:\d{1,15}$/.test(data)
    ? Array.from({ length: ALARMS }, (_, i) => i + 1)
    : [];
}

it("a press with made-up data is answered, and does no more than who presses may", async () => {
  const program = await openProgram(CROWD);
  const { telegram, app, idOf } = program;
  const settings = settingsOf(program);

  await checkTogether(BATCH, press, async (presses) => {
    const before = handledOf(program);
    const queries = presses.map(({ who, isInGroup, messageId, data }) => ({
      who,
      isInGroup,
      id: telegram.forge({ chatId: isInGroup ? GROUP : idOf(who), userId: idOf(who), messageId, data }),
    }));
    const isAnswered = ({ id }: { readonly id: string }): boolean => telegram.answers.has(id);
    // Where a stranger reads the alarms anyway they are told that they may not; elsewhere they get silence.
    const [silent, spoken] = [queries.filter(isStrangerAlone), queries.filter((query) => !isStrangerAlone(query))];
    await until("each is answered", () => spoken.every(isAnswered));
    await program.settled();
    expect(silent.filter(isAnswered)).toEqual([]);

    const after = handledOf(program);
    const allowed = new Set(presses.filter(({ who }) => who.role === "operator").flatMap(alarmsMeant));
    for (const [alarm, handled] of after) {
      if (!allowed.has(alarm)) expect(handled, `alarm ${alarm}`).toEqual(before.get(alarm));
      for (const name of [handled.acknowledgedBy, handled.shelvedBy]) expect(name ?? "operator").toMatch(/^operator/);
    }
    expect(settingsOf(program)).toEqual(settings);
    expect(telegram.calls.filter(({ description }) => description?.includes("parse"))).toEqual([]);
  });

  // It was no test of nothing: a press that is right does what it says.
  const operator = idOf({ role: "operator", index: 0 });
  const right = telegram.forge({ chatId: GROUP, userId: operator, messageId: 1, data: "ack:1:1:3" });
  await until("the right one is answered", () => telegram.answers.has(right));
  await program.settled();
  expect(handledOf(program).get(1)?.acknowledgedBy).toMatch(/^operator/);
  const broken = app.log.filter(({ level, err }) => Number(level) >= 50 && !isForeignMessage(err));
  expect(broken).toEqual([]);
}, 7_200_000);

const isStrangerAlone = ({ who, isInGroup }: { readonly who: Somebody; readonly isInGroup: boolean }): boolean =>
  who.role === null && !isInGroup;

/** What was pressed on is no message of ours that could be changed so. */
function isForeignMessage(error: unknown): boolean {
  const { message = "" } = (error ?? {}) as { message?: string };
  return /message to edit not found|can't be edited|there is no (text|caption|media)|not modified|MESSAGE_ID_INVALID/.test(
    message,
  );
}
