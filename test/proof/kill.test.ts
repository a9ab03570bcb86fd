import { describe, expect, it, onTestFinished } from "vitest";
import { PROGRAM_DATABASES } from "../support/databases.ts";
import { hasMosquitto } from "../support/mosquitto.ts";
import { createProof, type Proof } from "../support/proof.ts";
import { until } from "../support/until.ts";

const COUNT = 200;
const startedAt = Date.now();

/** All may be under way to the program at once, none of them acknowledged. */
async function startWith(settings: Readonly<Record<string, string>>): Promise<Proof> {
  const proof = await createProof({ lines: ["max_inflight_messages 0"], settings });
  onTestFinished(() => proof.remove());
  await proof.start();
  return proof;
}

/** Each machine says that it stopped; `second` tells one time from the next. */
async function publish({ warn }: Proof, second = 0): Promise<void> {
  const timestamp = (i: number) => new Date(startedAt + 1_000 * second + i).toISOString();
  const says = (i: number) => ({ id: `machine-${i}`, message: `Machine ${i} stopped.`, value: second });
  await Promise.all(Array.from({ length: COUNT }, (_, i) => warn({ ...says(i), timestamp: timestamp(i) })));
}

const cardsOfTwo = (proof: Proof) => proof.cards().filter(({ text }) => text.includes("2×")).length;

/** None lost, none counted twice, and no more cards than one for each machine and one for each kill. */
async function expectAllTold(proof: Proof, kills: number): Promise<void> {
  await proof.telegram.waitFor(() => new Set(proof.machines()).size === COUNT, 15_000);
  expect(await proof.count("events")).toBe(COUNT);
  expect(proof.machines().length - COUNT).toBeLessThanOrEqual(kills);
  expect(cardsOfTwo(proof)).toBe(0);
}

/** Lets the next call of a method go wrong, and waits until it has. */
async function untilUnanswered({ telegram }: Proof, method: string, failure: "hang" | "hangAfter"): Promise<void> {
  const before = telegram.calls.length;
  telegram.fault({ method, failure });
  await until("a call waits for its answer in vain", () =>
    telegram.calls.slice(before).some((call) => call.method === method && call.status === null),
  );
}

describe.skipIf(!hasMosquitto).each(PROGRAM_DATABASES)("kill -9, with 200 alarms on their way to %s", (_, settings) => {
  // Nothing else comes that is acknowledged.
  const start = async () => startWith({ MQTT_LOOP_TEST: "off", ...(await settings()) });

  it("after store, before PUBACK: the broker sends all of them again, and none counts twice", async () => {
    const proof = await start();
    proof.proxy.hold("toServer");
    await publish(proof);
    await until("all are stored", async () => (await proof.count("events")) === COUNT);
    await proof.app.kill();
    proof.proxy.cut();
    proof.proxy.restore();
    const pubacks = proof.watchPubacks();
    await proof.start();
    await expectAllTold(proof, 1);
    await until("all came again", () => pubacks() === COUNT);
  });

  it("after PUBACK, before send: the broker has forgotten them, the program has not", async () => {
    const proof = await start();
    const lift = proof.telegram.fault({ method: "sendMessage", failure: "hang", times: Infinity });
    const pubacks = proof.watchPubacks();
    await publish(proof);
    await until("all are acknowledged", () => pubacks() === COUNT);
    await proof.telegram.waitFor(() => proof.telegram.calls.some(({ method }) => method === "sendMessage"));
    await proof.app.kill();
    lift();
    expect(proof.cards()).toEqual([]);
    await proof.start();
    await expectAllTold(proof, 0);
    expect(pubacks()).toBe(COUNT);
  });

  it("after send, before commit: each kill repeats at most the one card of which nobody could know", async () => {
    const proof = await start();
    const publishing = publish(proof);
    const kills = [50, 100, 150];
    for (const shown of kills) {
      await proof.telegram.waitFor(() => proof.machines().length >= shown, 15_000);
      await untilUnanswered(proof, "sendMessage", "hangAfter");
      await proof.app.kill();
      await proof.start();
    }
    await publishing;
    await expectAllTold(proof, kills.length);
    expect(proof.machines().length).toBeGreaterThan(COUNT);
  });

  it("in mid-edit: each card is brought up to date, and none is sent anew", async () => {
    const proof = await start();
    await publish(proof);
    await expectAllTold(proof, 0);
    const publishing = publish(proof, 1);
    for (const failure of ["hang", "hangAfter"] as const) {
      await proof.telegram.waitFor(() => cardsOfTwo(proof) >= 50, 15_000);
      await untilUnanswered(proof, "editMessageText", failure);
      await proof.app.kill();
      await proof.start();
    }
    await publishing;
    await proof.telegram.waitFor(() => cardsOfTwo(proof) === COUNT, 15_000);
    expect(proof.machines()).toHaveLength(COUNT);
    expect(await proof.count("events")).toBe(2 * COUNT);
  });
});
