import { afterEach, expect, it } from "vitest";
import { acknowledge } from "../../src/alarms/lifecycle/handling.ts";
import type { Alarm, Severity } from "../../src/alarms/types.ts";
import { whyView } from "../../src/telegram/cards/why-view.ts";
import { toPlain } from "../../src/telegram/api/render.ts";
import { eventOf } from "../support/alarms.ts";
import { createRoom, type Room } from "../support/room.ts";

/** A person's private chat, and a group. */
const CHATS = [5, -7] as const;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** ISA-18.2: what an operator can handle in an hour. */
const MOST = 12;
const ANNA = { userId: 11, name: "Anna", chatId: -7 };

interface Saying {
  readonly at: number;
  readonly id: string;
  readonly severity: Severity;
  readonly state: "active" | "cleared" | null;
}

/** The same numbers again for the same seed (mulberry32). */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Comes for a while, and goes. */
const comes = (id: string, severity: Severity, at: number, lastsMs: number): Saying[] => [
  { at, id, severity, state: "active" },
  { at: at + lastsMs, id, severity, state: "cleared" },
];
const times = <T>(count: number, one: (i: number) => T[]): T[] =>
  Array.from({ length: count }, (_, i) => one(i)).flat();

/** An hour with 43 raises, and three real troubles among them, which last. */
function dayOf(seed: number) {
  const random = createRandom(seed);
  const doorAt = random(40) * MINUTE;
  const tripAt = 5 * MINUTE + random(40 * MINUTE);
  const real = (["critical", "error", "error"] as const).map((severity, i) => ({
    at: 2 * MINUTE + random(50 * MINUTE),
    id: `trouble ${i}`,
    severity,
    state: "active" as const,
  }));
  const sayings: Saying[] = [
    ...times(10, (i) => comes("level", "warning", i * 6 * MINUTE + random(20_000), 3 * MINUTE)),
    ...times(15, (i) => comes("door", "warning", doorAt + i * 30_000 + random(5_000), 15_000)),
    ...times(4, (i) => comes("filter", "warning", i * 13 * MINUTE + random(MINUTE), 5 * MINUTE)),
    ...times(4, (i) => comes(`drive ${i}`, "error", tripAt + i * 700 + random(500), 8 * MINUTE)),
    ...times(7, (i) => [{ at: random(HOUR), id: `info ${i}`, severity: "info" as const, state: null }]),
    ...real,
  ];
  return { real, sayings: sayings.toSorted((a, b) => a.at - b.at) };
}

let room: Room | undefined;
afterEach(() => room?.close());

/** Lets an hour pass, in which somebody acknowledges what is bad two minutes after it came. */
async function live({ store, clock, take, pass }: Room, sayings: readonly Saying[]) {
  const alarms = new Map<string, { readonly alarmId: number; readonly at: number; raises: number }>();
  const isBad = (id: string): boolean => /trouble|drive/.test(id);

  async function say({ id, severity, state }: Saying): Promise<void> {
    const said = { id, message: `It is ${id}.`, source: id, severity, ...(state && { state }) };
    const event = eventOf(said, { at: clock.now() });
    await take([event]);
    const alarm = alarms.get(id) ?? {
      alarmId: (await store.alarms.ofEvent(event))?.id ?? 0,
      at: clock.now(),
      raises: 0,
    };
    alarms.set(id, alarm);
    if (state !== "cleared") alarm.raises += 1;
  }

  const waiting = [...sayings];
  for (let passed = 0; passed <= HOUR; passed += 1_000) {
    for (const saying of waiting.splice(0, waiting.filter(({ at }) => at <= passed).length)) await say(saying);
    await pass(1_000);
    for (const [id, { alarmId, at }] of alarms) {
      if (!isBad(id) || clock.now() - at !== 2 * MINUTE) continue;
      const apply = (alarm: Alarm, now: number): Alarm => acknowledge(alarm, ANNA, now);
      await store.act(alarmId, { by: ANNA, action: "acknowledge", apply });
    }
  }
  return alarms;
}

/** What rang in a chat. */
const heardIn = ({ telegram }: Room, chatId: number): { readonly at: number; readonly text: string }[] =>
  telegram.calls
    .filter(({ method, status }) => method === "sendMessage" && status === 200)
    .filter(({ params }) => Number(params["chat_id"]) === chatId && params["disable_notification"] !== true)
    .map(({ at, params }) => ({ at, text: String(params["text"]) }));

it.each([1, 2, 3, 4, 5, 6, 7, 8])(
  "a bad hour (seed %d): 43 raises ring 12 times at the most, each real trouble is heard at once, and what was saved is explained",
  { timeout: 240_000 },
  async (seed) => {
    const { real, sayings } = dayOf(seed);
    expect(sayings.filter(({ state }) => state !== "cleared")).toHaveLength(43);
    room = await createRoom({ chats: CHATS, togetherRate: { count: 2, withinMs: 5_000 } });
    const { store, telegram, clock } = room;
    const alarms = await live(room, sayings);
    const cameAt = (id: string): number => alarms.get(id)?.at ?? 0;

    for (const chatId of CHATS) {
      const heard = heardIn(room, chatId);
      expect(heard.length).toBeGreaterThan(6);
      expect(heard.map(({ text }) => text).slice(MOST)).toEqual([]);
      for (const { id, severity } of real) {
        const ring = heard.find(({ text }) => text.includes(`It is ${id}.`));
        // What comes with the drives is told with them, on a message that rings.
        const isWithDrives = Math.abs(cameAt(id) - cameAt("drive 0")) < 8_000;
        // A group takes a message in three seconds, if another one was just sent: only a critical one need not wait for that.
        const most = isWithDrives ? 5_000 : chatId < 0 ? 3_000 : 1_000;
        expect((ring?.at ?? Infinity) - cameAt(id)).toBeLessThanOrEqual(severity === "critical" ? 1_000 : most);
      }
      // Nothing is missed: whatever came is on some message, and each ring that was saved has its reason.
      const all = telegram.messages(chatId).map(({ text }) => text);
      for (const [id, { alarmId, raises }] of alarms) {
        expect(all.join("\n")).toContain(`It is ${id}.`);
        const rung = heard.filter(({ text }) => text.includes(`It is ${id}.`)).length;
        const alarm = await store.alarms.find(alarmId);
        if (id.startsWith("info") || rung >= raises || !alarm) continue;
        const decisions = await store.cards.decisions(alarmId, chatId, 1_000);
        const moment = { timeZone: "UTC", now: clock.now() };
        expect(toPlain(whyView(alarm, decisions, { isForHere: true, moment }))).toMatch(
          /but repeats|it chatters|told together/,
        );
      }
    }
  },
);
