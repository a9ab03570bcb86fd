import type { Socket } from "node:net";
import { generate, type Packet } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { createHangUps, TopicRefused } from "../../src/mqtt/hang-ups.ts";
import { createMqttSession } from "../../src/mqtt/session.ts";
import { createManualClock } from "../support/clock.ts";
import { collectingLog } from "../support/log.ts";
import { anonymous, at } from "../support/mqtt-settings.ts";
import { until } from "../support/until.ts";
import { granting, startCrudeBroker } from "./crude-broker.ts";
import { endLater } from "./opened.ts";

describe("a topic on which a broker hangs up", () => {
  const HOUR = 3_600_000;
  function start() {
    const clock = createManualClock();
    const reasons: string[] = [];
    const hangUps = createHangUps({ elapsed: clock.elapsed, onRefused: (reason) => reasons.push(reason) });
    return { clock, reasons, hangUps, refused: (broker = "a") => [...hangUps.refused(broker).keys()] };
  }

  it("counts each topic by itself, and says how many links it cost", () => {
    const { hangUps, refused } = start();
    expect(["x", "y", "x", "y"].map((topic) => hangUps.hungUp("a", topic))).toEqual([0, 0, 2, 2]);
    expect(refused()).toEqual(["x", "y"]);
  });

  it("is given up for an hour the second time, in words, there and not elsewhere", () => {
    const { clock, reasons, hangUps, refused } = start();
    hangUps.hungUp("a", "x");
    expect(refused()).toEqual([]);
    hangUps.hungUp("a", "x");
    expect([refused(), refused("b")]).toEqual([["x"], []]);
    const words =
      "the broker a hung up on us twice when we published on x: may we publish there? We try again once an hour";
    expect([reasons, hangUps.refused("a").get("x")]).toEqual([[words], words]);
    clock.advance(HOUR);
    expect(refused()).toEqual([]);
  });

  it("is given up at once when it hangs up again after that hour, and free when it has taken something", () => {
    const { clock, hangUps, refused } = start();
    hangUps.hungUp("a", "x");
    hangUps.hungUp("a", "x");
    clock.advance(HOUR);
    hangUps.hungUp("a", "x");
    expect(refused()).toEqual(["x"]);
    clock.advance(HOUR);
    hangUps.taken("a", "x");
    hangUps.hungUp("a", "x");
    expect(refused()).toEqual([]);
  });
});

describe("a broker that hangs up on who publishes what they may not", () => {
  /** It does so on `forbidden/…`, and answers all else. */
  async function start() {
    const { log, lines } = collectingLog();
    const answer = granting(() => undefined);
    const broker = await startCrudeBroker((packet: Packet, socket: Socket) => {
      answer(packet, socket);
      if (packet.cmd !== "publish") return;
      if (packet.topic.startsWith("forbidden/")) socket.destroy();
      else if (packet.qos === 1) socket.write(generate({ cmd: "puback", messageId: packet.messageId ?? 0 }));
    });
    const session = createMqttSession({
      settings: { ...anonymous, ...at([broker.url]), topics: ["plant/#"] },
      live: { topics: ["live/#"], onMessage: () => undefined },
      store: async () => undefined,
      now: Date.now,
      log,
    });
    endLater({ remove: () => session.stop() });
    session.start();
    const isUp = () => session.status().subscriptions.filter(({ qos }) => qos !== null).length === 2;
    await until("both links are up", isUp);
    const published = (topic: string) =>
      broker.received.filter((packet) => packet.cmd === "publish" && packet.topic === topic).length;
    return { broker, session, lines, isUp, published };
  }
  const message = (topic: string) => ({ topic, payload: "x", isRetained: false });

  it("is asked twice, and then no more: the link stands, and whatever else is published goes out", async () => {
    const { broker, session, lines, isUp, published } = await start();
    for (let i = 0; i < 2; i++) {
      await expect(session.publish(message("forbidden/active"))).rejects.toThrow("connection lost before the PUBACK");
      await until("the link is up again", isUp);
    }
    await expect(session.publish(message("forbidden/active"))).rejects.toThrow(TopicRefused);
    await session.publish(message("plant/ack"));
    expect([published("forbidden/active"), published("plant/ack")]).toEqual([2, 1]);
    expect([...session.status().refusedTopics.keys()]).toEqual(["forbidden/active"]);
    expect(lines().filter(({ msg }) => msg === "not published")).toHaveLength(1);
    // Both links, and the first one again, twice.
    expect(broker.logins()).toBe(4);
  });

  it("is not taken for another program with our client id, however many topics it is", async () => {
    const { session, isUp } = await start();
    for (const topic of ["a", "a", "b", "b"]) {
      await expect(session.publish(message(`forbidden/${topic}`))).rejects.toThrow("connection lost before the PUBACK");
      await until("the link is up again", isUp);
    }
    expect(session.status().refusedTopics.size).toBe(2);
    expect(session.status()).toMatchObject({ isConnected: true, isContested: null });
  });

  it("is asked twice with what has no answer, too", async () => {
    const { session, isUp, published } = await start();
    for (let i = 1; i <= 2; i++) {
      session.send(message("forbidden/heartbeat"));
      await until("it came, and the link went", () => published("forbidden/heartbeat") === i && !isUp());
      await until("the link is up again", isUp);
    }
    session.send(message("forbidden/heartbeat"));
    session.send(message("plant/heartbeat"));
    await until("the other one came", () => published("plant/heartbeat") === 1);
    expect(published("forbidden/heartbeat")).toBe(2);
  });

  it("is not blamed for a link that ends later, as when it restarts: what it took on that link it takes", async () => {
    const { broker, session, isUp } = await start();
    await session.publish(message("plant/ack"));
    for (let i = 0; i < 2; i++) {
      const lost = session.publish(message("plant/ack"));
      broker.hangUp();
      await expect(lost).rejects.toThrow("connection lost before the PUBACK");
      await until("the links are up again", isUp);
    }
    await session.publish(message("plant/ack"));
  });
});
