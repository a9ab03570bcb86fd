import { OWN_ENDS } from "../src/lib/time/former-clock.ts";
import { setImmediate } from "node:timers/promises";
import { Api } from "grammy";
import { Devices } from "../src/devices/devices.ts";
import { openMemberBook } from "../src/devices/member-book.ts";
import { createTwincatMessages, type SimulatedMember } from "../src/simulator/twincat.ts";
import { memberSeries } from "../src/sources/member-source.ts";
import { createLogger } from "../src/lib/log.ts";
import { Recorder } from "../src/recorder/recorder.ts";
import { createMemberTable } from "../src/store/members.ts";
import { openRecordings } from "../src/store/recordings/store.ts";
import { migrate } from "../src/store/schema.ts";
import { openSqlite } from "../src/store/sqlite/sqlite.ts";
import { DeviceCommands } from "../src/telegram/commands/device-commands.ts";
import { createManualClock } from "../test/support/clock.ts";
import { monotonicMs } from "./support/clock.ts";
import { atMost, percentile, type Bench, type Defer } from "./support/figure.ts";

const MEMBERS = 200;
const ROUNDS = 200;
const WARM_UP = 20;
const EVERY_MS = 5_000;
const CHAT = 11;
const MESSAGE = 1;
const DAY_MS = 86_400_000;
const log = createLogger({ level: "error", redact: (text) => text });

/**
 * A live card of a device with so many members, all of which changed: from the message of the plant, which is read, merged and
 * recorded, to the call that redraws the card. Nothing else runs here, and the call goes nowhere, so it is time of the main thread.
 */
export const live: Bench = {
  name: "live",
  async run(defer) {
    const clock = createManualClock();
    const { redraw, card } = await openLiveCard(defer, clock, MEMBERS);
    const took: number[] = [];
    for (let round = 0; round < WARM_UP + ROUNDS; round++) {
      const tookMs = await redraw(round);
      if (round >= WARM_UP) took.push(tookMs);
    }
    if (!card().includes("Member 1")) throw new Error(`the card shows something else: ${card()}`);
    return [
      atMost(`/live of ${MEMBERS} members, all changed, redrawn: main thread, p95`, 30, percentile(took, 0.95), "ms"),
    ];
  },
};

/** A live card of a device with so many members; `redraw` resolves with what one redrawing took of the main thread, ms. */
export async function openLiveCard(defer: Defer, clock: ReturnType<typeof createManualClock>, count: number) {
  const database = openSqlite(":memory:");
  defer(() => database.close());
  await migrate(database);
  const book = await openMemberBook(createMemberTable(database));
  const limits = { rawMs: 30 * DAY_MS, keepMs: 400 * DAY_MS };
  const recorder = await Recorder.open({ store: await openRecordings(database), limits, now: clock.now, log });
  const devices = new Devices({
    onUnread: () => undefined,
    onValue(device, member) {
      if (book.note(device, member))
        recorder.record(memberSeries(device.root, member), clock.now(), Number(member.value));
    },
  });
  const plant = createTwincatMessages({ mainTopic: "plants", device: "AMB", group: "Line", members: membersOf(count) });
  const receive = (message: ReturnType<typeof plant.desc>): void =>
    devices.take({ ...message, isRetained: false, receivedAt: clock.now() });
  receive(plant.desc(clock.now()));

  let onCall = (): void => undefined;
  let text = "";
  const api = new Api("417:bench");
  api.config.use((_call, _method, payload) => {
    if ("text" in payload) text = payload.text;
    onCall();
    const result = { message_id: MESSAGE, chat: { id: CHAT, type: "private" }, date: 0, text };
    return Promise.resolve({ ok: true, result } as never);
  });
  const commands = new DeviceCommands({
    devices,
    presences: () => [],
    numberOf: ({ root }, member) => book.of(root, member)?.number ?? null,
    askerIn: (_, caller) => ({ ...caller, isAdmin: true }),
    api,
    pace: { turn: async (_, kind) => ({ kind, end: () => undefined }), isFree: () => true },
    keyValue: {
      read: async () => [[CHAT, MESSAGE, { device: 1, page: 0, userId: CHAT, username: null }, clock.now() + DAY_MS]],
      write: async () => undefined,
    },
    isServed: () => true,
    timeZoneOf: () => "Europe/Helsinki",
    clock,
    log,
  });
  defer(async () => commands.stopAll());
  await commands.resume(OWN_ENDS);
  return {
    redraw: async (round: number): Promise<number> => {
      const redrawn = new Promise<void>((resolve) => {
        onCall = resolve;
      });
      const values = new Map(membersOf(count).map(({ path }, i) => [path, 50 + 10 * Math.sin(round + i)]));
      const startedAt = monotonicMs();
      receive(plant.snapshot(clock.now(), values));
      clock.advance(EVERY_MS);
      await redrawn;
      const tookMs = monotonicMs() - startedAt;
      // The call comes to its end, and the next round is planned.
      await setImmediate();
      return tookMs;
    },
    card: () => text,
  };
}

const membersOf = (count: number): SimulatedMember[] =>
  Array.from({ length: count }, (_, i) => ({
    path: `stUnit${i % 10}.fValue${i}`,
    displayName: `Member ${i}`,
    unit: "°C",
    isReadOnly: true,
    min: 0,
    max: 100,
    decimals: 1,
  }));
