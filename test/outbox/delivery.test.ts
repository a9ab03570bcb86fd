import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import mqtt from "mqtt";
import { afterEach, describe, expect, it } from "vitest";
import { createMqttSession } from "../../src/mqtt/session.ts";
import { anonymous, at } from "../support/mqtt-settings.ts";
import { silentLog } from "../support/log.ts";
import { hasMosquitto, startMosquitto } from "../support/mosquitto.ts";
import { until } from "../support/until.ts";
import { openSqlite } from "../../src/store/sqlite/sqlite.ts";
import { openTables } from "../support/store.ts";
import { append, closeAll, createWorld, opened, waiting } from "./support.ts";

afterEach(closeAll);

describe("outbox over real sockets", () => {
  it.skipIf(!hasMosquitto)("brings out in order what was to be published while the broker was away", async () => {
    const mosquitto = await startMosquitto();
    opened.push(() => mosquitto.remove());
    await mosquitto.stop();
    const session = createMqttSession({
      settings: { ...anonymous, ...at([mosquitto.url]), topics: ["plant/warnings"] },
      store: async () => undefined,
      now: Date.now,
      log: silentLog,
    });
    opened.push(() => session.stop());
    session.start();
    const { database, clock, outbox } = await createWorld({
      async mqtt({ target: topic, payload, isRetained }) {
        await session.publish({ topic, payload, isRetained });
        return null;
      },
    });
    for (let i = 0; i < 20; i++) await append(database, "mqtt", `${i}`, { target: `plant/warnings/${i % 3}/ack` });
    outbox.start();
    await mosquitto.start();
    const client = await mqtt.connectAsync(mosquitto.url);
    opened.push(() => client.endAsync());
    const heard: string[] = [];
    client.on("message", (_, payload) => heard.push(payload.toString()));
    await client.subscribeAsync("plant/warnings/+/ack", { qos: 1 });
    await until("connected", () => session.status().isConnected);
    clock.advance(1_000);
    await until("all are gone", async () => (await waiting(database)) === 0);
    await until("heard", () => heard.length >= 20);
    expect(heard).toEqual(Array.from({ length: 20 }, (_, i) => `${i}`));
  });

  it("loses nothing when it is killed, before and after the answer, and repeats at most one row a kill", async () => {
    const folder = mkdtempSync(join(tmpdir(), "valvomo-outbox-"));
    opened.push(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, "outbox.db");
    const received: string[] = [];
    let kill: (when: "unanswered" | "answered") => void = () => undefined;
    async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
      received.push(await text(request));
      kill("unanswered");
      response.end();
      kill("answered");
    }
    const server = createServer((request, response) => void answer(request, response)).listen(0, "127.0.0.1");
    await once(server, "listening");
    opened.push(() => server[Symbol.asyncDispose]());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

    const database = await openTables(openSqlite(path));
    opened.push(() => database.close());
    const rows = Array.from({ length: 60 }, (_, i) => `${i}`);
    for (const payload of rows) await append(database, "secondUrl", payload, { createdAt: Date.now() });

    const plan = (["unanswered", "answered", "unanswered", "answered", null] as const).entries();
    for (const [run, dieWhen] of plan) {
      const child = spawn(process.execPath, [join(import.meta.dirname, "sender.ts"), path, url], { stdio: "inherit" });
      const ended = once(child, "exit");
      opened.push(() => void child.kill("SIGKILL"));
      kill = (when) => {
        if (when === dieWhen && received.length >= (run + 1) * 10) child.kill("SIGKILL");
      };
      if (dieWhen) await ended;
      else await until("all are gone", async () => (await waiting(database)) === 0);
    }
    expect([...new Set(received)]).toEqual(rows);
    expect(received.length).toBeLessThanOrEqual(rows.length + 4);
  });
});
