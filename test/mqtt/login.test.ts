import { pbkdf2Sync, randomBytes } from "node:crypto";
import { globSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/lib/time/clock.ts";
import { Drill } from "../../src/engine/drill.ts";
import { hasMosquitto, passwordLine } from "../support/mosquitto.ts";
import { until } from "../support/until.ts";
import { broker, isGranted, session } from "./opened.ts";

const login = { username: "valvomo", password: "right" };
const withPasswords = (password: string) => ({
  listener: "allow_anonymous false\npassword_file $DIR/passwords",
  files: { passwords: passwordLine("valvomo", password) },
});

describe.skipIf(!hasMosquitto)("a login at a real mosquitto", () => {
  it("is refused without a password and with a wrong one, in words", async () => {
    const { url } = await broker(withPasswords("right"));
    for (const settings of [{}, { ...login, password: "wrong" }]) {
      const refused = session(url, settings);
      const reason = await until("refused", () => refused.status().error);
      expect(reason).toBe(
        "it does not let us in: are MQTT_USERNAME and MQTT_PASSWORD right? (Connection refused: Not authorized)",
      );
      expect(refused.status().isConnected).toBe(false);
      await refused.stop();
    }
  });

  it("ends when the password is changed at the broker, and stands again when that is mended", async () => {
    const mosquitto = await broker(withPasswords("right"));
    const s = session(mosquitto.url, login);
    await until("subscribed", () => isGranted(s));
    await mosquitto.stop();
    mosquitto.change("passwords", passwordLine("valvomo", "another"));
    await mosquitto.start();
    await until("refused", () => s.status().error?.includes("MQTT_PASSWORD"));
    mosquitto.change("passwords", passwordLine("valvomo", "right"));
    await until("subscribed again", () => isGranted(s));
    expect(s.status().error).toBeNull();
  });
});

/** One user who may log in, and read what matches `topics`, in the file of mosquitto's own plugin. */
function rights(topics: readonly string[]): string {
  const salt = randomBytes(12);
  const password = pbkdf2Sync(login.password, salt, 101, 64, "sha512").toString("base64");
  const acls = topics.flatMap((topic) =>
    ["subscribePattern", "publishClientReceive"].map((acltype) => ({ acltype, topic, priority: 0, allow: true })),
  );
  return JSON.stringify({
    defaultACLAccess: { publishClientSend: true, publishClientReceive: false, subscribe: false, unsubscribe: true },
    roles: [{ rolename: "reader", acls }],
    clients: [
      {
        username: login.username,
        password,
        salt: salt.toString("base64"),
        iterations: 101,
        roles: [{ rolename: "reader" }],
      },
    ],
  });
}

const [plugin] = globSync("/usr/lib/*/mosquitto_dynamic_security.so");

describe.skipIf(!hasMosquitto)("an access list at a real mosquitto", () => {
  it.skipIf(plugin === undefined)(
    "that denies the alarm topic is told, and the topic granted once it is mended",
    async () => {
      const mosquitto = await broker({
        listener: `plugin ${plugin}\nplugin_opt_config_file $DIR/rights.json`,
        files: { "rights.json": rights(["lut/other/#"]) },
      });
      const topic = "lut/AMBsystem/warnings/#";
      const s = session(mosquitto.url, { ...login, topics: [topic] });
      await until("answered", () => s.status().subscriptions.length > 0);
      expect(s.status()).toMatchObject({
        isConnected: true,
        error: `not granted with QoS 1: ${topic}`,
        subscriptions: [{ topic, qos: null }],
      });
      await mosquitto.stop();
      mosquitto.change("rights.json", rights([topic]));
      await mosquitto.start();
      await until("granted", () => isGranted(s));
      expect(s.status().error).toBeNull();
    },
  );

  it("that is a file denies what comes, not the asking: a drill shows it", async () => {
    const { url } = await broker({
      listener: "allow_anonymous false\npassword_file $DIR/passwords\nacl_file $DIR/acl",
      files: {
        passwords: passwordLine("valvomo", "right"),
        acl: "user valvomo\ntopic write lut/AMBsystem/warnings/#\n",
      },
    });
    const s = session(url, login);
    await until("granted all the same", () => isGranted(s));
    const drill = new Drill({
      filters: ["lut/AMBsystem/warnings/#"],
      publish: s.publish,
      alarmOf: async () => null,
      decisions: async () => [],
      keyValue: { read: async () => null, write: async () => undefined },
      now: Date.now,
      after: systemClock.after,
      deadlineMs: 300,
    });
    const report = await drill.run({ chatId: 11, threadId: null, name: "Aino" });
    expect(report).toMatchObject({
      confirmedAt: expect.any(Number) as number,
      problem:
        "it did not come back: may we publish to lut/AMBsystem/warnings/valvomo-drill, and do we get what is published there?",
    });
  });
});
