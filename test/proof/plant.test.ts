import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { afterEach, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { hasMosquitto, passwordLine, startMosquitto, type Mosquitto } from "../support/mosquitto.ts";
import { createPki } from "../support/pki.ts";
import { startPlant, type PlantProgram } from "../support/plant.ts";
import { until } from "../support/until.ts";

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

function plant(...options: readonly string[]): PlantProgram {
  const program = startPlant(...options);
  ends.push(() => program.stop());
  return program;
}

/** A broker, and all that passes it. */
async function listen(broker: Mosquitto): Promise<{ client: MqttClient; heard: { topic: string; text: string }[] }> {
  const client = await mqtt.connectAsync(broker.url, { clientId: "listener", clean: false, reconnectPeriod: 200 });
  ends.push(() => client.endAsync(true));
  const heard: { topic: string; text: string }[] = [];
  client.on("message", (topic, payload) => heard.push({ topic, text: payload.toString("latin1") }));
  await client.subscribeAsync("#", { qos: 1 });
  return { client, heard };
}

describe("npm run plant, before there is a broker", () => {
  it("prints its help", async () => {
    const program = plant("--help");
    expect(await program.ended).toBe(0);
    expect(program.said()).toContain("npm run plant -- --broker mqtt://localhost");
  });

  it("ends with 2 and says what is wrong with its options", async () => {
    const program = plant("--speed", "fast");
    expect(await program.ended).toBe(2);
    expect(program.said()).toMatch(
      /^- --broker is missing.*\n- --speed is a number from 1 to 1000000, not “fast”\.\n$/,
    );
  });

  it("says that there is no link, goes on trying, and ends at once when it is told to", async () => {
    const program = plant("--broker", `mqtt://127.0.0.1:${await freePort()}`);
    await until("it says so", () => /No link to .*: ECONNREFUSED/.test(program.said()));
    program.type("overheat");
    await until("it hears commands all the same", () => program.said().includes("heats up"));
    expect(await program.stop()).toBe(0);
  });
});

describe.skipIf(!hasMosquitto)("npm run plant", () => {
  async function broker(options: Parameters<typeof startMosquitto>[0] = {}): Promise<Mosquitto> {
    const started = await startMosquitto(options);
    ends.push(() => started.remove());
    return started;
  }

  it("hears commands typed and published, and is said to be gone by the broker when it is killed off", async () => {
    const mosquitto = await broker();
    const { client, heard } = await listen(mosquitto);
    const program = plant("--broker", mosquitto.url, "--every", "1s", "--bulk-every", "2s");
    await until("everything is sent", () =>
      ["bulkWrite", "remote/thingspeak/417/publish", "plants/AMB-1/TcIotCommunicator/Desc"].every((topic) =>
        heard.some((message) => message.topic === topic),
      ),
    );
    await client.publishAsync("plants/AMB-1/faults", "trip", { qos: 1 });
    const ring = "plants/AMB-1/TcIotCommunicator/Messages/1";
    await until("the ring has it", () => heard.some(({ topic, text }) => topic === ring && text.includes("tripped")));
    program.type("calm");
    await until("the ring is empty", () => heard.some(({ topic, text }) => topic === ring && text === ""));
    await client.publishAsync("plants/AMB-1/faults", "boom", { qos: 1 });
    await until("it says what there is", () => program.said().includes("“boom” is not a command"));
    expect(await program.stop()).toBe(0);
    await until("the will is there", () => heard.some(({ text }) => text.includes('{"Online":false}')));
  });

  it("makes an hour of the past, the same again for the same seed, and ends", async () => {
    const mosquitto = await broker();
    const run = async (seed: string): Promise<string[]> => {
      const { client, heard } = await listen(mosquitto);
      const options = [
        "--from",
        "2026-11-20T06:00:00Z",
        "--for",
        "1h",
        "--speed",
        "1000000",
        "--send",
        "bulk,warnings",
      ];
      expect(await plant("--broker", mosquitto.url, "--seed", seed, "--troubles", "daily", ...options).ended).toBe(0);
      await client.publishAsync("end", "", { qos: 1 });
      await until("all is heard", () => heard.some(({ topic }) => topic === "end"));
      await client.endAsync();
      return heard.filter(({ topic }) => topic === "bulkWrite").map(({ text }) => text);
    };
    const first = await run("5");
    expect(first.join("").match(/\|/g)).toHaveLength(240);
    expect(first[0]).toMatch(/^2026-11-20T06:00:00Z,/);
    expect(first.at(-1)).toMatch(/2026-11-20T06:59:45Z[^|]*\|$/);
    expect(await run("5")).toEqual(first);
    expect(await run("6")).not.toEqual(first);
  });

  it("loses nothing while the broker is restarted", async () => {
    const mosquitto = await broker();
    const { heard } = await listen(mosquitto);
    const program = plant(
      "--broker",
      mosquitto.url,
      "--every",
      "1s",
      "--bulk-every",
      "1s",
      "--send",
      "bulk",
      "--for",
      "12s",
    );
    const count = () => new Set(heard.map(({ text }) => text.split(",")[7])).size;
    await until("it has begun", () => count() >= 2);
    await mosquitto.stop();
    await mosquitto.start();
    expect(await program.ended).toBe(0);
    // A ramp in each entry tells one from the other.
    await until("all are there", () => count() === 12);
    expect(program.said().match(/Connected to/g)).toHaveLength(2);
  }, 40_000);

  it("says that it is refused", async () => {
    const mosquitto = await broker({
      listener: "allow_anonymous false",
      lines: ["password_file $DIR/passwords"],
      files: { passwords: passwordLine("amb-1", "right") },
    });
    const program = plant("--broker", mosquitto.url, "--username", "amb-1");
    await until("it says so", () => /No link to .*: (?:5|Connection refused: Not authorized)/.test(program.said()));
    expect(await program.stop()).toBe(0);
  });

  it("speaks TLS, with an authority, a certificate and a password of its own; a broker of another authority is refused", async () => {
    const pki = createPki();
    ends.push(async () => pki.remove());
    const { ca, server, client } = pki;
    const mosquitto = await broker({
      listener: [`cafile ${ca}`, `certfile ${server.cert}`, `keyfile ${server.key}`, "require_certificate true"].join(
        "\n",
      ),
      lines: ["allow_anonymous false", "password_file $DIR/passwords"],
      files: { passwords: passwordLine("amb-1", "right") },
    });
    const folder = mkdtempSync(join(tmpdir(), "valvomo-plant-"));
    ends.push(async () => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "password"), "right\n");
    const login = ["--username", "amb-1", "--password-file", join(folder, "password")];
    const own = ["--cert", client.cert, "--key", client.key];
    const url = `mqtts://localhost:${mosquitto.port}`;
    const past = ["--send", "bulk", "--from", "1h", "--for", "1m", "--speed", "1000"];
    const good = plant("--broker", url, "--ca", ca, ...own, ...login, ...past);
    expect(await good.ended).toBe(0);
    expect(good.said()).toBe(`Connected to ${url}.\n`);
    const bad = plant("--broker", url, "--ca", pki.otherCa, ...own, ...login, ...past);
    await until("it says so", () => /No link to .*CERT|No link to .*SIGNATURE/.test(bad.said()));
    expect(await bad.stop()).toBe(0);
  });
});
