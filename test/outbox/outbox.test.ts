import { afterEach, describe, expect, it } from "vitest";
import { createOutboxStorage } from "../../src/store/outbox.ts";
import { until } from "../support/until.ts";
import { append, closeAll, createWorld, waiting } from "./support.ts";

afterEach(closeAll);

describe("outbox", () => {
  it("sends what an earlier run left and what is added, in order, one at a time, and forgets it", async () => {
    const sent: string[] = [];
    let under = 0;
    const { database, outbox } = await createWorld({
      async mqtt({ target, payload }) {
        under += 1;
        expect(under).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        sent.push(`${target} ${payload}`);
        under -= 1;
      },
    });
    for (let i = 0; i < 5; i++) await append(database, "mqtt", `${i}`);
    outbox.start();
    for (let i = 5; i < 50; i++) {
      await append(database, "mqtt", `${i}`);
      outbox.wake();
    }
    await until("all are gone", async () => (await waiting(database)) === 0);
    expect(sent).toEqual(Array.from({ length: 50 }, (_, i) => `plant/ack ${i}`));
  });

  it("tries again after 1, 2, 4 … 60, 60 s, for ever, and again after 1 s the next time; new rows wait behind", async () => {
    const attempts: string[] = [];
    let isUp = false;
    const { database, clock, outbox } = await createWorld({
      async mqtt({ payload }) {
        attempts.push(payload);
        if (!isUp) throw new Error("away");
      },
    });
    await append(database, "mqtt", "first");
    outbox.start();
    const failed = async (count: number) => {
      await until(`${count} attempts`, () => attempts.length === count);
      // The timer is set in the turn after the attempt.
      await new Promise((resolve) => setImmediate(resolve));
    };
    await failed(1);
    for (const [i, seconds] of [1, 2, 4, 8, 16, 32, 60, 60, 60].entries()) {
      outbox.wake();
      clock.advance(seconds * 1_000 - 1);
      await failed(i + 1);
      clock.advance(1);
      await failed(i + 2);
    }
    await append(database, "mqtt", "second");
    outbox.wake();
    isUp = true;
    clock.advance(60_000);
    await until("all are gone", async () => (await waiting(database)) === 0);
    expect(attempts.slice(-2)).toEqual(["first", "second"]);
    isUp = false;
    await append(database, "mqtt", "third");
    outbox.wake();
    await failed(13);
    clock.advance(1_000);
    await failed(14);
  });

  it("lets no kind wait for another", async () => {
    const sent: string[] = [];
    const hanging = Promise.withResolvers<void>();
    const { database, outbox } = await createWorld({
      mqtt: () => hanging.promise,
      https: async ({ payload }) => void sent.push(payload),
    });
    await append(database, "mqtt", "hangs");
    await append(database, "https", "goes");
    outbox.start();
    await until("it went", () => sent.length === 1);
    expect(await createOutboxStorage(database).oldest("mqtt")).toMatchObject({ payload: "hangs" });
    hanging.resolve();
  });

  it("sends again what could not be forgotten", async () => {
    const sent: string[] = [];
    let isFull = true;
    const { database, clock, outbox } = await createWorld(
      { mqtt: async ({ payload }) => void sent.push(payload) },
      (store) => ({
        oldest: store.oldest,
        async delete(id) {
          if (isFull) throw new Error("disk full");
          await store.delete(id);
        },
      }),
    );
    await append(database, "mqtt", "once");
    outbox.start();
    await until("sent", () => sent.length === 1);
    isFull = false;
    await until("sent again", () => {
      clock.advance(1_000);
      return sent.length === 2;
    });
    await until("gone", async () => (await waiting(database)) === 0);
  });

  it("gives up what is under way when it is stopped, keeps it, and takes nothing up any more", async () => {
    const sent: string[] = [];
    const { database, clock, outbox } = await createWorld({
      mqtt: ({ payload }, signal) => {
        sent.push(payload);
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopping"))));
      },
    });
    await append(database, "mqtt", "hangs");
    outbox.start();
    await until("under way", () => sent.length === 1);
    await outbox.stop();
    outbox.wake();
    clock.advance(120_000);
    expect(await waiting(database)).toBe(1);
    expect(sent).toEqual(["hangs"]);
  });
});
