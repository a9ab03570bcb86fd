import { afterEach, describe, expect, it } from "vitest";
import { SECOND_PATH_FOR_MS, type Send } from "../../src/outbox/outbox.ts";
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
        return null;
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

  it("lets what is for a topic that the broker does not take wait, in words, and nothing else wait for it", async () => {
    const refused = new Map([["plant/forbidden", "it hung up on us"]]);
    const sent: string[] = [];
    const send: Send = async ({ target, payload }) => {
      sent.push(`${target} ${payload}`);
      return null;
    };
    const { database, outbox } = await createWorld({ mqtt: send }, undefined, () => refused);
    await append(database, "mqtt", "1", { target: "plant/forbidden" });
    await append(database, "mqtt", "2", { target: "plant/forbidden" });
    await append(database, "mqtt", "3");
    outbox.start();
    await until("the other one went", async () => (await waiting(database)) === 2);
    expect(await outbox.status()).toMatchObject([{ kind: "mqtt", count: 2, failure: "it hung up on us" }]);
    refused.clear();
    outbox.wake();
    await until("all went", async () => (await waiting(database)) === 0);
    expect(sent).toEqual(["plant/ack 3", "plant/forbidden 1", "plant/forbidden 2"]);
    expect(await outbox.status()).toEqual([]);
  });

  it("sends nothing while another process may be the active one, and that is no failure: a second after, it goes", async () => {
    const sent: string[] = [];
    let maySend = false;
    let asked = 0;
    const send: Send = async ({ payload }) => {
      sent.push(payload);
      return null;
    };
    const { database, clock, outbox } = await createWorld({ secondUrl: send }, undefined, undefined, () => {
      asked += 1;
      return maySend;
    });
    await append(database, "secondUrl", "1", { createdAt: clock.now() });
    outbox.start();
    for (let second = 1; second <= 60; second += 1) {
      await until("it asked", () => asked === second);
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(1_000);
    }
    expect([sent, outbox.secondPathFailures()]).toEqual([[], []]);
    maySend = true;
    await until("it asked once more", () => asked > 60);
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1_000);
    await until("it went", async () => (await waiting(database)) === 0);
    expect(sent).toEqual(["1"]);
  });

  it("says nothing of the second path if it is the store that fails", async () => {
    let failures = 0;
    const { outbox } = await createWorld({}, (store) => ({
      ...store,
      async oldest() {
        failures += 1;
        throw new Error("PostgreSQL cannot be reached");
      },
    }));
    outbox.start();
    await until("all have tried", () => failures === 3);
    await new Promise((resolve) => setImmediate(resolve));
    expect(outbox.secondPathFailures()).toEqual([]);
  });

  it("tries again after 1, 2, 4 … 60, 60 s, for ever, and again after 1 s the next time; new rows wait behind", async () => {
    const attempts: string[] = [];
    let isUp = false;
    const { database, clock, outbox } = await createWorld({
      async mqtt({ payload }) {
        attempts.push(payload);
        if (!isUp) throw new Error("away");
        return null;
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
    const hanging = Promise.withResolvers<null>();
    const { database, clock, outbox } = await createWorld({
      mqtt: () => hanging.promise,
      async secondUrl({ payload }) {
        sent.push(payload);
        return null;
      },
    });
    await append(database, "mqtt", "hangs");
    await append(database, "secondUrl", "goes", { createdAt: clock.now() });
    outbox.start();
    await until("it went", () => sent.length === 1);
    expect(await createOutboxStorage(database).oldest("mqtt")).toMatchObject({ payload: "hangs" });
    hanging.resolve(null);
  });

  it("sends again what could not be forgotten", async () => {
    const sent: string[] = [];
    let isFull = true;
    const { database, clock, outbox } = await createWorld(
      {
        async mqtt({ payload }) {
          sent.push(payload);
          return null;
        },
      },
      (store) => ({
        ...store,
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

  it("ends what is for the second path when its alarm is over, acknowledged or forgotten, or after hours; an answer to the plant never", async () => {
    const sent: string[] = [];
    let isUp = false;
    const take: Send = async ({ payload }) => {
      if (!isUp) throw new Error("no such host");
      sent.push(payload);
      return null;
    };
    const { database, clock, outbox } = await createWorld({ mqtt: take, secondUrl: take });
    const alarm = (id: number, state: string, acknowledgedAt: number | null, occurrence = 1) =>
      database.transaction((queries) =>
        queries.run(
          `INSERT INTO alarms (id, alarm_key, topic, message, severity, peak_severity, state, is_cleared_by_plant, occurrence,
             event_count, started_at, last_at, last_received_at, acknowledged_at, version)
           VALUES ($1, $2, 'a', 'a', 3, 3, $3, 1, $4, 1, 0, 0, 0, $5, 1)`,
          id,
          `${id}`,
          state,
          occurrence,
          acknowledgedAt,
        ),
      );
    await alarm(1, "active", null);
    await alarm(2, "active", 7);
    await alarm(3, "cleared", null);
    await alarm(4, "active", null, 2);
    const of = (id: number) => ({ createdAt: clock.now(), alarm: { id, occurrence: 1 } });
    for (const id of [2, 3, 4, 5, 1]) await append(database, "secondUrl", `alarm ${id}`, of(id));
    await append(database, "mqtt", "answer", { createdAt: clock.now() });
    outbox.start();
    await until(
      "both failed",
      async () => (await outbox.status()).filter(({ failure }) => failure !== null).length === 2,
    );
    // The rows of alarms that nobody need be told of any more do not keep the path shut: of them only the first is left.
    expect(await outbox.status()).toEqual([
      { kind: "mqtt", count: 1, oldestAt: clock.now(), failure: "no such host" },
      { kind: "secondUrl", count: 1, oldestAt: clock.now(), failure: "no such host" },
    ]);
    expect(outbox.secondPathFailures()).toEqual(["no such host"]);

    clock.advance(SECOND_PATH_FOR_MS - 30_000);
    await append(database, "secondUrl", "alarm 1 again", of(1));
    isUp = true;
    await until("all went", async () => {
      clock.advance(10_000);
      return (await waiting(database)) === 0;
    });
    expect(sent.toSorted()).toEqual(["alarm 1", "alarm 1 again", "answer"]);
    expect(await outbox.status()).toEqual([]);
    expect(outbox.secondPathFailures()).toEqual([]);

    await append(database, "secondUrl", "too old", { ...of(1), createdAt: clock.now() - SECOND_PATH_FOR_MS });
    outbox.wake();
    await until("gone", async () => (await waiting(database)) === 0);
    expect(sent).not.toContain("too old");
  });

  it("says of what is refused for good that it was, until something is taken again", async () => {
    const answers = ["hooks.example answered 422", null];
    const { database, clock, outbox } = await createWorld({ secondUrl: async () => answers.shift() ?? null });
    await append(database, "secondUrl", "first", { createdAt: clock.now() });
    outbox.start();
    await until("refused", async () => (await waiting(database)) === 0);
    expect(outbox.secondPathFailures()).toEqual(["hooks.example answered 422"]);
    await append(database, "secondUrl", "second", { createdAt: clock.now() });
    outbox.wake();
    await until("taken", async () => outbox.secondPathFailures().length === 0);
  });
});
