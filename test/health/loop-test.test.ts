import { beforeEach, describe, expect, it } from "vitest";
import { createHangUps, TopicRefused, type HangUps } from "../../src/mqtt/hang-ups.ts";
import { ConnectionLost } from "../../src/mqtt/publish.ts";
import { LoopTest } from "../../src/health/loop-test.ts";
import { createManualClock, type ManualClock } from "../support/clock.ts";

const FILTER = "lut/warnings/#";
const TOPIC = "lut/warnings/valvomo-loop";
const EVERY_MS = 300_000;

let clock: ManualClock;
let loop: LoopTest;
let kept: unknown;
/** What was published. */
let sent: string[];
/** What the broker's access list lets through, and how long it takes. */
let [mayWrite, mayRead, delayMs] = [true, true, 4];
/** Whether it ends the link of who publishes what they may not. */
let hangsUp = false;
let link: { isConnected: boolean; since: number };

const message = (topic: string) => ({
  topic,
  payload: new Uint8Array(),
  isRetained: false,
  receivedAt: clock.now(),
});

let hangUps: HangUps;
function start(filters: readonly string[] = [FILTER], everyMs: number | null = EVERY_MS): void {
  loop = new LoopTest({
    filters,
    everyMs,
    session: "valvomo at mqtt://broker",
    mqtt: () => ({
      status: () => ({
        ...link,
        subscriptions: link.isConnected ? filters.map((topic) => ({ topic, qos: 1, isLive: false })) : [],
      }),
      async publish({ topic, payload, isRetained }) {
        expect([payload, isRetained]).toEqual(["", false]);
        const refusal = hangUps.refused("broker").get(topic);
        if (refusal !== undefined) throw new TopicRefused(refusal);
        sent.push(topic);
        if (hangsUp) {
          link = { isConnected: false, since: clock.now() };
          hangUps.hungUp("broker", topic);
          throw new ConnectionLost("connection lost before the PUBACK");
        }
        hangUps.taken("broker", topic);
        if (mayWrite && mayRead) clock.after(delayMs, () => expect(loop.sift([message(topic)])).toEqual([]));
      },
    }),
    keyValue: { read: async () => kept, write: async (_, content) => void (kept = content) },
    clock,
  });
}

beforeEach(() => {
  clock = createManualClock();
  hangUps = createHangUps({ elapsed: clock.elapsed, onRefused: () => undefined });
  [kept, sent] = [null, []];
  [mayWrite, mayRead, delayMs, hangsUp] = [true, true, 4, false];
  link = { isConnected: true, since: clock.now() };
  start();
});

async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 1_000) {
    clock.advance(1_000);
    await loop.check();
  }
}
const stateOf = () => loop.status().map(({ state }) => state)[0];

describe("the loop through the broker", () => {
  it("is tried soon after the start and then every five minutes, and tells how long it takes", async () => {
    await pass(10_000);
    expect(loop.status()).toEqual([{ filter: FILTER, topic: TOPIC, state: "passes", delayMs: 4 }]);
    await pass(1_200_000);
    expect(sent).toHaveLength(5);
  });

  it("is lost when what came back does not any more, within a minute of the next try, also after a restart", async () => {
    await pass(10_000);
    mayRead = false;
    await pass(EVERY_MS + 60_000);
    expect(stateOf()).toBe("lost");
    start();
    expect(stateOf()).toBe("unknown");
    await pass(60_000);
    expect(stateOf()).toBe("lost");
    mayRead = true;
    await pass(EVERY_MS + 10_000);
    expect(stateOf()).toBe("passes");
  });

  it("is no more than impossible where it never came back: nobody gave us the right", async () => {
    mayWrite = false;
    await pass(60_000);
    expect(stateOf()).toBe("impossible");
    mayWrite = true;
    await pass(EVERY_MS);
    expect(stateOf()).toBe("passes");
  });

  it("is not lost while anything else comes by the filter, as only the right to write is gone, and is found when that comes again", async () => {
    await pass(10_000);
    mayWrite = false;
    for (let i = 0; i < 200; i++) {
      await pass(5_000);
      const others = [message("lut/warnings/amb-1")];
      expect(loop.sift(others)).toEqual(others);
      expect(stateOf()).toBe("passes");
    }
    await pass(EVERY_MS + 60_000);
    expect(stateOf()).toBe("lost");
    loop.sift([message("lut/warnings/amb-1")]);
    expect(stateOf()).toBe("passes");
  });

  it("says nothing about a link that is down, or went in the middle of it", async () => {
    await pass(10_000);
    mayRead = false;
    for (let i = 0; i < 20; i++) {
      await pass(20_000);
      link = { isConnected: i % 2 === 0, since: clock.now() };
    }
    expect(stateOf()).toBe("passes");
  });

  it("is given up for an hour at a broker that hangs up on who may not publish: twice is enough", async () => {
    hangsUp = true;
    const passConnecting = async (ms: number): Promise<void> => {
      for (let passed = 0; passed < ms; passed += 1_000) {
        if (!link.isConnected) link = { isConnected: true, since: clock.now() };
        await pass(1_000);
      }
    };
    await passConnecting(3_000_000);
    expect(sent).toHaveLength(2);
    expect(stateOf()).toBe("impossible");
    await passConnecting(1_000_000);
    expect(sent).toHaveLength(3);
    hangsUp = false;
    await passConnecting(4_000_000);
    expect(stateOf()).toBe("passes");
    expect(sent.length).toBeGreaterThan(5);
  });

  it("is known at another broker, or another session, only when it came back there", async () => {
    await pass(10_000);
    kept = { session: "valvomo at mqtt://another", passed: [FILTER] };
    mayRead = false;
    start();
    await pass(60_000);
    expect(stateOf()).toBe("impossible");
  });

  it("takes the late answer of an earlier try for what it is", async () => {
    await pass(10_000);
    delayMs = 12_000;
    await pass(EVERY_MS + 60_000);
    expect(stateOf()).toBe("passes");
  });

  it("has no topic of its own where a filter leaves nothing open, is shared, or is the broker's; and is off by a setting", async () => {
    start(["lut/warnings/amb-1", "$share/valvomo/lut/#", "$SYS/#"]);
    await pass(60_000);
    start([FILTER], null);
    await pass(60_000);
    expect(sent).toEqual([]);
    expect(loop.status()).toEqual([]);
  });
});
