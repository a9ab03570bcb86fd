import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { CONFIG_NAMES, readConfig, SECRET_NAMES } from "../src/config.ts";
import { ConfigError } from "../src/errors.ts";

const TOKEN = "123456:ABCdefGHIjklMNOpqrSTUvwxYZ";
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBdjCCARugAwIBAgIUcpyLumIUllA0GzHU1nbQTkKfj14wCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjMwMjM4MDhaGA8yMTI2MTAzMDAyMzgw
OFowDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDFu
7wNxuk5eP1odabJMLtaiFyQ9qsXfIFSYINSXdj7apLjuWkRc53TTB1cHN5SvQAhu
6aIyyiMgi40xflW44s+jUzBRMB0GA1UdDgQWBBSeiC+93ee1iU+xv4CDjzGS7Mqy
nTAfBgNVHSMEGDAWgBSeiC+93ee1iU+xv4CDjzGS7MqynTAPBgNVHRMBAf8EBTAD
AQH/MAoGCCqGSM49BAMCA0kAMEYCIQDj4xjPZzf3D7I+frvuVicgTFI1JzkmmrK+
2BIeR1THIQIhALMKI6NiJx3FBxfCHWvKhs0p9slJgA38h0o7JIGM2tnX
-----END CERTIFICATE-----
`;
const required = { TELEGRAM_BOT_TOKEN: TOKEN, TELEGRAM_ADMIN_IDS: "11", MQTT_URL: "mqtt://localhost" };

const folders: string[] = [];
function fileWith(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), "valvomo-config-"));
  folders.push(folder);
  writeFileSync(join(folder, "file"), content);
  return join(folder, "file");
}
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe("readConfig", () => {
  it("needs three variables and fills in the rest", () => {
    expect(readConfig(required)).toEqual({
      telegram: {
        token: TOKEN,
        apiRoot: "https://api.telegram.org",
        adminIds: [11],
        alarmChatIds: [],
        adminTotp: new Map(),
        pace: true,
      },
      mqtt: {
        url: "mqtt://localhost",
        username: null,
        password: null,
        ca: null,
        cert: null,
        key: null,
        clientId: "valvomo",
        topics: ["lut/AMBsystem/warnings/#"],
      },
      alarms: {
        returnAfterMs: 3_600_000,
        twincatTimeZone: "UTC",
        chatter: { count: 5, withinMs: 600_000 },
        lateAfterMs: 300_000,
      },
      liveTopics: [],
      ackSuffix: null,
      secondPath: { afterMs: 60_000, topic: null, url: null },
      plantsFile: null,
      keepHistoryMs: 90 * 86_400_000,
      floodRate: { count: 10, withinMs: 600_000 },
      thingspeak: null,
      databasePath: "data/valvomo.db",
      timeZone: "UTC",
      httpPort: 8080,
      logLevel: "info",
    });
  });

  it("reads lists, durations and files", () => {
    const config = readConfig({
      ...required,
      TELEGRAM_ALARM_CHAT_IDS: " 5, -1001234567890 ,",
      MQTT_ALARM_TOPICS: "a/#,b/+/c",
      ALARM_RETURN_AFTER: "90s",
      MQTT_CA_FILE: fileWith(CERTIFICATE),
      THINGSPEAK_CHANNEL_ID: "9",
    });
    expect(config.telegram.alarmChatIds).toEqual([5, -1_001_234_567_890]);
    expect(config.mqtt.topics).toEqual(["a/#", "b/+/c"]);
    expect(config.alarms.returnAfterMs).toBe(90_000);
    expect(config.mqtt.ca?.toString()).toBe(CERTIFICATE);
    expect(config.thingspeak).toEqual({ url: "https://api.thingspeak.com", channelId: "9", readApiKey: null });
  });

  it("takes a secret of the second factor for each admin, also from a file", () => {
    const pairs = "11:JBSWY3DPEHPK3PXP, 12:GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    const config = readConfig({ ...required, TELEGRAM_ADMIN_TOTP_FILE: fileWith(`${pairs}\n`) });
    expect([...config.telegram.adminTotp]).toEqual([
      [11, "JBSWY3DPEHPK3PXP"],
      [12, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"],
    ]);
    const problem = "TELEGRAM_ADMIN_TOTP is no list of user id:secret; npm run totp makes a secret of 32 characters.";
    for (const text of ["11", "11:short", "11:jbswy3dpehpk3pxp", "x:JBSWY3DPEHPK3PXP"]) {
      expect(problemsOf({ ...required, TELEGRAM_ADMIN_TOTP: text })).toEqual([problem]);
    }
  });

  it.each(SECRET_NAMES.filter((name) => name !== "TELEGRAM_ADMIN_TOTP"))("takes %s from a file", (name) => {
    const { [name as "MQTT_URL"]: _, ...others } = { ...required, THINGSPEAK_CHANNEL_ID: "9" };
    const config = readConfig({ ...others, [`${name}_FILE`]: fileWith(`${TOKEN}\n`) });
    expect([config.telegram.token, config.mqtt.password, config.thingspeak?.readApiKey]).toContain(TOKEN);
    expect(problemsOf({ ...others, [`${name}_FILE`]: "/does/not/exist" })).toEqual([
      `${name}_FILE: cannot read /does/not/exist (ENOENT).`,
    ]);
    expect(problemsOf({ ...required, [name]: TOKEN, [`${name}_FILE`]: fileWith("x") })[0]).toContain("both set");
  });

  it("refuses files that are no PEM, a password in the URL, and a database without a path", () => {
    const [ca, key] = [fileWith("no"), fileWith("no")];
    expect(problemsOf({ ...required, MQTT_CA_FILE: ca, MQTT_CERT_FILE: ca, MQTT_KEY_FILE: key })).toEqual([
      "MQTT_CA_FILE holds no certificate in PEM form.",
      "MQTT_CERT_FILE holds no certificate in PEM form.",
      "MQTT_KEY_FILE holds no private key in PEM form.",
    ]);
    const problems = problemsOf({ ...required, MQTT_URL: "mqtt://me:s3cret@broker", DATABASE_URL: "file:" });
    expect(problems[0]).toMatch(/^MQTT_URL holds a password/);
    expect(problems[1]).toMatch(/^DATABASE_URL must be file:/);
  });

  it("counts an empty variable as not set", () => {
    expect(readConfig({ ...required, TIME_ZONE: "", HTTP_PORT: " ", TELEGRAM_ALARM_CHAT_IDS: "" }).timeZone).toBe(
      "UTC",
    );
  });

  it("cannot be changed afterwards", () => {
    const config = readConfig(required);
    expect(() => Object.assign(config.telegram.adminIds, { 0: 666 })).toThrow(TypeError);
  });

  it("reports every problem at once, naming the variable and never its value", () => {
    const secret = "s3cr3t-value";
    const problems = problemsOf({
      TELEGRAM_BOT_TOKEN: secret,
      TELEGRAM_ADMIN_IDS: "me",
      TELEGRAM_ALARM_CHAT_IDS: "1.5",
      TELEGRAM_PACE: "fast",
      MQTT_URL: `http://user:${secret}@broker`,
      MQTT_ALARM_TOPICS: "a/#/b",
      MQTT_CERT_FILE: fileWith("x"),
      ALARM_RETURN_AFTER: "soon",
      TWINCAT_TIME_ZONE: "local",
      THINGSPEAK_CHANNEL_ID: secret,
      DATABASE_URL: "postgres://x",
      TIME_ZONE: "Mars/Olympus",
      HTTP_PORT: "99999",
      LOG_LEVEL: "loud",
    });
    for (const name of [
      "TELEGRAM_BOT_TOKEN",
      "TELEGRAM_ADMIN_IDS",
      "TELEGRAM_ALARM_CHAT_IDS",
      "TELEGRAM_PACE",
      "MQTT_URL",
    ]) {
      expect(problems.filter((problem) => problem.startsWith(`${name} `))).toHaveLength(1);
    }
    for (const name of [
      "MQTT_ALARM_TOPICS",
      "ALARM_RETURN_AFTER",
      "TWINCAT_TIME_ZONE",
      "THINGSPEAK_CHANNEL_ID",
      "DATABASE_URL",
      "TIME_ZONE",
    ]) {
      expect(problems.filter((problem) => problem.startsWith(`${name} `))).toHaveLength(1);
    }
    expect(problems).toContain("MQTT_CERT_FILE and MQTT_KEY_FILE belong together: set both or none.");
    expect(problems).toContain("LOG_LEVEL must be one of debug, info, warn, error.");
    expect(problems).toContain("HTTP_PORT is no port number.");
    expect(problems.join("\n")).not.toContain(secret);
  });
});

describe("npm start", () => {
  it("ends with code 2 and one line per problem", () => {
    const folder = mkdtempSync(join(tmpdir(), "valvomo-config-"));
    folders.push(folder);
    const main = join(import.meta.dirname, "..", "src", "main.js");
    const { status, stderr, stdout } = spawnSync(process.execPath, [main], {
      cwd: folder,
      env: { TELEGRAM_BOT_TOKEN: TOKEN, MQTT_URL: "nonsense" },
      encoding: "utf8",
    });
    expect(status).toBe(2);
    expect(stderr).toContain("- TELEGRAM_ADMIN_IDS is missing.");
    expect(stderr).toContain("- MQTT_URL is no URL that starts with mqtt://");
    expect(stderr + stdout).not.toContain(TOKEN);
  });
});

describe(".env.example", () => {
  const example = Object.fromEntries(
    readFileSync(join(import.meta.dirname, "..", ".env.example"), "utf8")
      .split("\n")
      .filter((line) => /^[A-Z]/.test(line))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );

  it("names every variable, and no other", () => {
    expect(Object.keys(example).toSorted()).toEqual([...CONFIG_NAMES].toSorted());
  });

  it("shows the defaults that are true", () => {
    expect(readConfig({ ...example, ...required })).toEqual(readConfig(required));
    const { TELEGRAM_BOT_TOKEN: _, ...withoutToken } = { ...example, ...required };
    expect(problemsOf({ ...withoutToken })).toEqual(["TELEGRAM_BOT_TOKEN is missing."]);
    // Each default that is shown is really one: without it nothing changes.
    const all = { ...required, THINGSPEAK_CHANNEL_ID: "9" };
    const shown = Object.entries(example).filter(([, value]) => value !== "");
    for (const [name, value] of shown) expect(readConfig({ ...all, [name]: value })).toEqual(readConfig(all));
  });

  it("has a comment above each group, with its type", () => {
    const lines = readFileSync(join(import.meta.dirname, "..", ".env.example"), "utf8").split("\n");
    for (const [i, line] of lines.entries()) {
      if (!/^[A-Z]/.test(line)) continue;
      const above = lines
        .slice(0, i)
        .toReversed()
        .find((other) => !/^[A-Z]/.test(other));
      expect(`${line}: ${above}`).toMatch(/: # /);
    }
  });
});
