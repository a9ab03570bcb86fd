import { generateKeyPairSync } from "node:crypto";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { parseEnvFile } from "../../src/config/env-file.ts";
import { CONFIG_NAMES, SECRET_NAMES } from "../../src/config/given.ts";
import { secretsOf } from "../../src/config/config.ts";
import { readConfig } from "../../src/config/read-config.ts";
import { ConfigError } from "../../src/lib/errors.ts";

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
  writeFileSync(join(folder, "file"), content, { mode: 0o600 });
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
  it("takes main topics with blanks and slashes in them, and none with wildcards", () => {
    const read = (topics: string) => readConfig({ ...required, TWINCAT_MAIN_TOPICS: topics }).twincat.mainTopics;
    expect(read("plants/hall 6, /,plants/hall 6,")).toEqual(["plants/hall 6", "/"]);
    for (const wrong of ["plants/#", "plants/+", "x".repeat(501)])
      expect(() => read(wrong)).toThrow(/TWINCAT_MAIN_TOPICS/);
  });

  it("needs three variables and fills in the rest", () => {
    expect(readConfig(required)).toEqual({
      telegram: {
        token: TOKEN,
        apiRoot: "https://api.telegram.org",
        webhookUrl: null,
        adminIds: [11],
        alarmChatIds: [],
        adminTotp: new Map(),
        pace: true,
      },
      mqtt: {
        brokers: [{ url: "mqtt://localhost", username: null, password: null }],
        ca: null,
        cert: null,
        key: null,
        passphrase: null,
        minVersion: "TLSv1.2",
        clientId: "valvomo",
        topics: ["lut/AMBsystem/warnings/#"],
      },
      alarms: {
        returnAfterMs: 3_600_000,
        twincatTimeZone: "UTC",
        chatter: { count: 5, withinMs: 600_000 },
        repeating: { count: 2, withinMs: 3_600_000 },
        lateAfterMs: 300_000,
      },
      liveTopics: [],
      loopTestMs: 300_000,
      ackSuffix: null,
      secondPath: { afterMs: 60_000, topic: null, url: null },
      twincat: { mainTopics: [], isActive: true, isWritable: false },
      plantsFile: null,
      keepHistoryMs: 90 * 86_400_000,
      historySize: { share: 0.5 },
      recording: { keepMs: 400 * 86_400_000, maxBytes: 1e9 },
      floodRate: { count: 10, withinMs: 600_000 },
      togetherRate: { count: 2, withinMs: 5_000 },
      thingspeak: null,
      bridge: {
        url: "https://api.thingspeak.com",
        writeApiKey: null,
        userApiKey: null,
        bulkTopic: null,
        channelId: null,
        point: "off",
        pointEveryMs: 15_000,
        entriesPerCall: 960,
      },
      feedFile: null,
      database: { kind: "file", path: "data/valvomo.db" },
      timeZone: "UTC",
      http: { host: null, port: 8080, token: null },
      outgoing: { minVersion: "TLSv1.2", proxy: null },
      logLevel: "info",
      notes: [],
    });
  });

  it("reads lists, durations and files", () => {
    const config = readConfig({
      ...required,
      TELEGRAM_ALARM_CHAT_IDS: " 5, -1001234567890 ,",
      MQTT_ALARM_TOPICS: "a/#,b/+/c",
      ALARM_RETURN_AFTER: "90s",
      MQTT_URL: "mqtts://broker",
      MQTT_CA_FILE: fileWith(CERTIFICATE),
      THINGSPEAK_CHANNEL_ID: "9",
    });
    expect(config.telegram.alarmChatIds).toEqual([5, -1_001_234_567_890]);
    expect(config.mqtt.topics).toEqual(["a/#", "b/+/c"]);
    expect(config.alarms.returnAfterMs).toBe(90_000);
    expect(config.mqtt.ca?.toString()).toBe(CERTIFICATE);
    expect(config.thingspeak).toEqual({ url: "https://api.thingspeak.com", channelId: "9", readApiKey: null });
  });

  it("turns the bridge on by a topic for bulk, and by a write key for points", () => {
    const { bridge } = readConfig({ ...required, MQTT_BULK_TOPIC: "bulkWrite", THINGSPEAK_CHANNEL_ID: "417" });
    expect(bridge).toMatchObject({ bulkTopic: "bulkWrite", channelId: 417, point: "off" });
    const withKey = { ...required, THINGSPEAK_WRITE_API_KEY: "ABCDEFGHIJKLMNOP" };
    expect(readConfig(withKey).bridge).toMatchObject({ bulkTopic: null, point: "newest", pointEveryMs: 15_000 });
    expect(readConfig({ ...withKey, THINGSPEAK_POINT: "off" }).bridge.point).toBe("off");
    expect(readConfig({ ...required, THINGSPEAK_POINT: "bulk", THINGSPEAK_POINT_EVERY: "1s" }).bridge).toMatchObject({
      point: "bulk",
      pointEveryMs: 1_000,
    });
  });

  it("takes a secret of the second factor for each admin, also from a file", () => {
    const pairs = "11:JBSWY3DPEHPK3PXP, 12:GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    const config = readConfig({ ...required, TELEGRAM_ADMIN_TOTP_FILE: fileWith(`${pairs}\n`) });
    expect([...config.telegram.adminTotp]).toEqual([
      [11, "JBSWY3DPEHPK3PXP"],
      [12, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"],
    ]);
    const problem =
      "TELEGRAM_ADMIN_TOTP is not a list of user id:secret; npm run totp makes a secret of 32 characters.";
    for (const text of ["11", "11:short", "11:jbswy3dpehpk3pxp", "x:JBSWY3DPEHPK3PXP"]) {
      expect(problemsOf({ ...required, TELEGRAM_ADMIN_TOTP: text })).toEqual([problem]);
    }
  });

  const ownForms = new Set(["TELEGRAM_ADMIN_TOTP", "MQTT_URL", "DATABASE_URL", "DATABASE_PASSWORD"]);
  it.each(SECRET_NAMES.filter((name) => !ownForms.has(name)))("takes %s from a file", (name) => {
    const { [name as "MQTT_URL"]: _, ...others } = { ...required, THINGSPEAK_CHANNEL_ID: "9" };
    const value = name === "TELEGRAM_BOT_TOKEN" ? TOKEN : "https://me:a-long-secret@host/hook";
    const config = readConfig({ ...others, [`${name}_FILE`]: fileWith(`${value}\n`) });
    expect(secretsOf(config)).toContain(value);
    expect(problemsOf({ ...others, [`${name}_FILE`]: "/does/not/exist" })).toEqual([
      `${name}_FILE: cannot read /does/not/exist (ENOENT).`,
    ]);
    expect(problemsOf({ ...required, [name]: TOKEN, [`${name}_FILE`]: fileWith("x") })[0]).toContain("both set");
  });

  it("refuses files that are no PEM, a second password, and a database without a path", () => {
    const [ca, key] = [fileWith("no"), fileWith("no")];
    const tls = { ...required, MQTT_URL: "mqtts://broker" };
    expect(problemsOf({ ...tls, MQTT_CA_FILE: ca, MQTT_CERT_FILE: ca, MQTT_KEY_FILE: key })).toEqual([
      "MQTT_CA_FILE holds no certificate in PEM form.",
      "MQTT_CERT_FILE holds no certificate in PEM form.",
      "MQTT_KEY_FILE holds no private key in PEM form.",
    ]);
    const twice = { MQTT_URL: "mqtt://me:s3cret@broker", MQTT_PASSWORD: "another" };
    const problems = problemsOf({ ...required, ...twice, DATABASE_URL: "file:" });
    expect(problems[0]).toMatch(/^MQTT_PASSWORD is set, and MQTT_URL holds a password/);
    expect(problems[1]).toMatch(/^DATABASE_URL must be file:/);
    expect(problemsOf({ ...required, DATABASE_URL: "file::memory:" })[0]).toMatch(/^DATABASE_URL keeps nothing/);
    expect(problemsOf({ ...required, DATABASE_URL: "file:a.db?mode=ro" })[0]).toMatch(/^DATABASE_URL must be file:/);
  });

  it.each(["pa#ss", "pa/ss", "12#ss", "12/s@s", "?", "#@:"])(
    "says how a password such as %s is written in MQTT_URL, and does not tell it",
    (password) => {
      const problems = problemsOf({ ...required, MQTT_URL: `mqtt://me:${password}@broker:1883` });
      expect(problems).toEqual([expect.stringMatching(/^MQTT_URL cannot be read: is there a # .* MQTT_PASSWORD/)]);
    },
  );

  it.each(["pa@ss", "pa:ss", "pa%23ss"])(
    "takes the password %s out of MQTT_URL, and cuts it out of the log",
    (password) => {
      const config = readConfig({ ...required, MQTT_URL: `mqtt://me:${password}@broker:1883` });
      const [broker] = config.mqtt.brokers;
      expect(broker).toEqual({ url: "mqtt://me@broker:1883", username: "me", password: decodeURIComponent(password) });
      expect(secretsOf(config)).toContain(broker?.password);
    },
  );

  it("takes several brokers, each with its own login or with that of all, from a file as well", () => {
    const MQTT_URL = "mqtts://a.example:8883, wss://you:p%2Cq@b.example/mqtt,mqtt://us@c.example";
    const login = { MQTT_USERNAME: "me", MQTT_PASSWORD: "shared" };
    const config = readConfig({ ...required, ...login, MQTT_URL });
    expect(config.mqtt.brokers).toEqual([
      { url: "mqtts://a.example:8883", username: "me", password: "shared" },
      { url: "wss://you@b.example/mqtt", username: "you", password: "p,q" },
      { url: "mqtt://us@c.example", username: "us", password: "shared" },
    ]);
    expect(secretsOf(config)).toEqual(expect.arrayContaining(["shared", "p,q"]));
    const { MQTT_URL: _, ...rest } = required;
    const filed = readConfig({ ...rest, ...login, MQTT_URL_FILE: fileWith(MQTT_URL) });
    expect(filed.mqtt.brokers).toEqual(config.mqtt.brokers);
  });

  it("names each broker of several that is wrong, by its place", () => {
    const MQTT_URL = "mqtt://a,http://b,mqtt://me:s3#cret@c,,mqtt://a,mqtt://me:50%@d";
    expect(problemsOf({ ...required, MQTT_URL })).toEqual([
      expect.stringMatching(/^MQTT_URL \(broker 2 of 6\) is not a URL/),
      expect.stringMatching(/^MQTT_URL \(broker 3 of 6\) cannot be read/),
      expect.stringMatching(/^MQTT_URL \(broker 4 of 6\) is not a URL/),
      expect.stringMatching(/^MQTT_URL \(broker 5 of 6\) names the same host and port as one before it/),
      expect.stringMatching(/^MQTT_URL \(broker 6 of 6\) has a user name or password that is not percent-encoded/),
    ]);
  });

  it("wants certificates for a broker that can use them, be it one of several", () => {
    const ca = fileWith(CERTIFICATE);
    const problemsAt = (MQTT_URL: string) => problemsOf({ ...required, MQTT_URL, MQTT_CA_FILE: ca });
    expect(problemsAt("mqtt://a, ws://b")).toEqual([
      "MQTT_CA_FILE is for mqtts:// and wss:// only, and MQTT_URL is neither.",
    ]);
    expect(problemsAt("mqtt://a, mqtts://b")).toEqual([]);
  });

  it.each([
    "mqtt://",
    "mqtt:broker",
    "broker:1883",
    "//broker",
    "mqtt://me%@broker",
    "mqtt://broker:99999",
    "tcp://broker",
  ])("refuses %s as the address of a broker", (url) => {
    expect(problemsOf({ ...required, MQTT_URL: url })).toEqual([
      expect.stringMatching(/^MQTT_URL (is not a URL|has a user)/),
    ]);
  });

  it("takes away the quotes that docker leaves around what its env file says", () => {
    const env = { ...required, MQTT_PASSWORD: "'pa#ss'", MQTT_ALARM_TOPICS: '"a/#,b/+"', MQTT_CA_FILE: "''" };
    const config = readConfig(env);
    expect(config.mqtt).toMatchObject({ brokers: [{ password: "pa#ss" }], topics: ["a/#", "b/+"], ca: null });
  });

  it.each([
    ["MQTT_ALARM_TOPIC", "MQTT_ALARM_TOPICS"],
    ["MQTT_ALARMS_TOPICS", "MQTT_ALARM_TOPICS"],
    ["TELEGRAM_TOKEN", "TELEGRAM_BOT_TOKEN"],
    ["TELEGRAM_BOT_TOKEN_FIEL", "TELEGRAM_BOT_TOKEN_FILE"],
    ["MQTT_USER", "MQTT_USERNAME"],
    ["mqtt_url", "MQTT_URL"],
    ["TIMEZONE", "TIME_ZONE"],
    ["THINKSPEAK_CHANNEL_ID", "THINGSPEAK_CHANNEL_ID"],
  ])("tells that %s is like a setting, and none", (name, meant) => {
    expect(problemsOf({ ...required, [name]: "x" })).toEqual([`${name} is not a setting: did you mean ${meant}?`]);
    expect(problemsOf({ ...required, [name]: "" })).toEqual([]);
  });

  it("tells that only secrets are read from files", () => {
    expect(problemsOf({ ...required, MQTT_CLIENT_ID_FILE: "/x" })).toEqual([
      "MQTT_CLIENT_ID_FILE is not a setting: MQTT_CLIENT_ID is not a secret, and takes its value directly.",
    ]);
  });

  it.each([
    "HTTP_PROXY",
    "http_proxy",
    "MQTT_PORT",
    "MQTT_SERVICE_HOST",
    "MQTT_PORT_1883_TCP_ADDR",
    "PATH",
    "HOME",
    "TZ",
    "LOGNAME",
  ])("leaves %s to those whose it is", (name) => {
    expect(readConfig({ ...required, [name]: "tcp://10.0.0.1:1883" }).notes).toEqual([]);
  });

  it("does not start where certificates are not looked at", () => {
    for (const value of ["0", "'0'"]) {
      expect(problemsOf({ ...required, NODE_TLS_REJECT_UNAUTHORIZED: value })).toEqual([
        expect.stringMatching(/^NODE_TLS_REJECT_UNAUTHORIZED=0 lets anybody pose as Telegram/),
      ]);
    }
    expect(problemsOf({ ...required, NODE_TLS_REJECT_UNAUTHORIZED: "1" })).toEqual([]);
  });

  it("tells of an alarm filter without a wildcard, and of files with secrets that others can read", () => {
    const secret = fileWith("hello");
    chmodSync(secret, 0o644);
    const { notes } = readConfig({
      ...required,
      MQTT_ALARM_TOPICS: "lut/AMBsystem/warnings/,a/b,c/#,+/d",
      MQTT_LIVE_TOPICS: "plants/,plants/AMB/live",
      MQTT_PASSWORD_FILE: secret,
    });
    expect(notes).toEqual([
      `MQTT_PASSWORD_FILE: ${secret} can be read by other users of this machine, and holds secrets: chmod 600 ${secret}`,
      expect.stringMatching(
        /^MQTT_ALARM_TOPICS: lut\/AMBsystem\/warnings\/ has no wildcard.* its # .* write 'lut\/AMBsystem\/warnings\/#'\.$/,
      ),
      expect.stringMatching(/^MQTT_ALARM_TOPICS: a\/b has no wildcard.*'a\/b\/#'\.$/),
      expect.stringMatching(/^MQTT_LIVE_TOPICS: plants\/ has no wildcard/),
    ]);
  });

  it("looks at once at files that are read later, and waits for no pipe", () => {
    const folder = dirname(fileWith("x"));
    const pipe = join(folder, "pipe");
    spawnSync("mkfifo", [pipe]);
    const problems = problemsOf({ ...required, PLANTS_FILE: pipe, FEED_FILE: folder, MQTT_PASSWORD_FILE: pipe });
    expect(problems).toEqual([
      `MQTT_PASSWORD_FILE: cannot read ${pipe} (it is not a regular file).`,
      `PLANTS_FILE: cannot read ${pipe} (it is not a regular file).`,
      `FEED_FILE: cannot read ${folder} (it is a folder).`,
    ]);
    expect(problemsOf({ ...required, PLANTS_FILE: "/does/not/exist", HTTP_PORT: "x" })).toEqual([
      "PLANTS_FILE: cannot read /does/not/exist (ENOENT).",
      "HTTP_PORT is not a port number.",
    ]);
    expect(readConfig({ ...required, FEED_FILE: join(folder, "later.csv") }).notes).toHaveLength(1);
  });

  it("wants TLS where something secret is sent, but on this machine", () => {
    const secure =
      /^(\S+) must start with https:\/\/, as (.+) could be read on the way \(http:\/\/ is for this machine only\)\.$/;
    for (const [name, secret] of [
      ["TELEGRAM_API_ROOT", "the bot's token"],
      ["TELEGRAM_WEBHOOK_URL", "what people write"],
      ["THINGSPEAK_URL", "the channel's key"],
      ["SECOND_PATH_URL", "what is posted there"],
    ] as const) {
      const [problem, ...others] = problemsOf({ ...required, [name]: "http://server.example:8080/x" });
      expect(secure.exec(problem ?? "")?.slice(1)).toEqual([name, secret]);
      expect(others).toEqual([]);
      expect(problemsOf({ ...required, [name]: "no URL" })).toHaveLength(1);
      for (const host of ["localhost", "127.0.0.1", "127.1.2.3", "[::1]"]) {
        expect(problemsOf({ ...required, [name]: `http://${host}:8080/x` })).toEqual([]);
      }
      expect(problemsOf({ ...required, [name]: "http://127.0.0.1.example/x" })).toHaveLength(1);
    }
  });

  it.each([
    ["https://valvomo.example/telegram", true],
    ["https://valvomo.example:8443/a/b", true],
    ["https://valvomo.example:9000/telegram", false],
    ["https://valvomo.example/", false],
    ["https://valvomo.example/metrics", false],
    ["https://me@valvomo.example/telegram", false],
    ["https://valvomo.example/telegram?a=b", false],
  ])("takes %s for a webhook: %s", (text, isTaken) => {
    const problems = problemsOf({ ...required, TELEGRAM_WEBHOOK_URL: text });
    expect(problems).toHaveLength(isTaken ? 0 : 1);
  });

  it("refuses certificates for a link that is not encrypted, an encrypted key without its passphrase, and a short token", () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const key = fileWith(
      privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "open sesame" }),
    );
    const tls = { ...required, MQTT_URL: "mqtts://broker", MQTT_CERT_FILE: fileWith(CERTIFICATE), MQTT_KEY_FILE: key };
    expect(readConfig({ ...tls, MQTT_KEY_PASSPHRASE: "open sesame" }).mqtt.passphrase).toBe("open sesame");
    const wrong = "MQTT_KEY_FILE is encrypted: MQTT_KEY_PASSPHRASE is missing or wrong.";
    expect(problemsOf(tls)).toEqual([wrong]);
    expect(problemsOf({ ...tls, MQTT_KEY_PASSPHRASE: "close sesame" })).toEqual([wrong]);
    expect(problemsOf({ ...required, MQTT_CA_FILE: fileWith(CERTIFICATE) })).toEqual([
      "MQTT_CA_FILE is for mqtts:// and wss:// only, and MQTT_URL is neither.",
    ]);
    expect(problemsOf({ ...required, HTTP_TOKEN: "0123456789" })[0]).toMatch(/^HTTP_TOKEN is too short: 16 characters/);
  });

  it("takes the proxy in either case, and its password for a secret", () => {
    const config = readConfig({ ...required, https_proxy: "http://me:p%40ss@proxy:3128", NO_PROXY: "localhost" });
    expect(config.outgoing.proxy).toEqual({ url: "http://me:p%40ss@proxy:3128", except: "localhost" });
    expect(secretsOf(config)).toEqual(expect.arrayContaining(["http://me:p%40ss@proxy:3128", "p@ss", "me:p@ss"]));
    expect(problemsOf({ ...required, HTTPS_PROXY: "http://me:50%@proxy" })[0]).toMatch(/percent-encoded/);
    expect(readConfig({ ...required, TLS_MIN_VERSION: "1.3" }).outgoing.minVersion).toBe("TLSv1.3");
    expect(readConfig({ ...required, TLS_MIN_VERSION: "TLSv1.2" }).mqtt.minVersion).toBe("TLSv1.2");
    expect(problemsOf({ ...required, TLS_MIN_VERSION: "1.1" })[0]).toMatch(
      /^TLS_MIN_VERSION must be one of 1\.2, 1\.3/,
    );
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

  it.each(["0s", "0 min", "0h", "0.0d", "-5m", "0"])("takes %s for no length of time", (text) => {
    expect(problemsOf({ ...required, ALARM_RETURN_AFTER: text })).toEqual([
      expect.stringContaining("is not a duration"),
    ]);
  });

  it.each(["-1001234567890", "0", "11,-5"])("takes %s for no admins: these are people", (ids) => {
    const problems = problemsOf({ ...required, TELEGRAM_ADMIN_IDS: ids });
    expect(problems).toEqual([expect.stringContaining("TELEGRAM_ADMIN_IDS names a group or nobody")]);
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
      DATABASE_URL: `postgres://me:${secret}@host`,
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
    expect(problems).toContain("HTTP_PORT is not a port number.");
    expect(problems.join("\n")).not.toContain(secret);
  });

  it.each([
    ["FLOOD_RATE", "is not a rate: write a number, a slash and a duration, for example 10/10m, or off."],
    ["MQTT_LOOP_TEST", "is not a duration: write a number and s, m, h or d, for example 90s or 1h, or off."],
  ])("says what may be written in the place of what %s cannot be", (name, sentence) => {
    expect(problemsOf({ ...required, [name]: "ten" })).toEqual([`${name} ${sentence}`]);
  });

  it("names the topic of a list that is refused, and nothing of what may be secret", () => {
    const env = {
      ...required,
      MQTT_ALARM_TOPICS: "lut/#,plants/#/warnings",
      TWINCAT_MAIN_TOPICS: "plants,plants/+",
      TELEGRAM_ALARM_CHAT_IDS: "-100, s3cr3t",
    };
    expect(problemsOf(env)).toEqual([
      "TELEGRAM_ALARM_CHAT_IDS is not a Telegram id: write whole numbers, separated by commas.",
      "MQTT_ALARM_TOPICS (plants/#/warnings) is not an MQTT topic filter: # only as the last level, + only as a whole level.",
      "TWINCAT_MAIN_TOPICS (plants/+) has wildcards: name what stands before the device's name in its topics.",
    ]);
  });

  it("does not call missing what a line of the file was refused for", () => {
    const { values, problems } = parseEnvFile("MQTT_URL=\nTELEGRAM_BOT_TOKEN=1:a # mine\nMQTT_URL=mqtt://a\n", ".env");
    const read = () => readConfig(Object.fromEntries(values), { problems, notes: [] });
    expect(problems).toHaveLength(2);
    expect(read).toThrow(expect.objectContaining({ problems: [...problems, "TELEGRAM_ADMIN_IDS is missing."] }));
  });

  it("says of each setting in its own words why it is refused", () => {
    const nonsense = Object.fromEntries(CONFIG_NAMES.map((name) => [name, "+?#".repeat(200)]));
    const problems = problemsOf(nonsense);
    expect(problems.length).toBeGreaterThan(30);
    expect(problems.filter((problem) => /Invalid|Too |expected|received/.test(problem))).toEqual([]);
  });
});

describe("npm start", () => {
  it("is what is said to whoever starts it by an older Node.js, in a sentence", () => {
    const main = join(import.meta.dirname, "..", "..", "src", "main.js");
    const older = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '24.6.0' } })";
    const run = spawnSync(process.execPath, ["--import", `data:text/javascript,${older}`, main], { encoding: "utf8" });
    expect(run.status).toBe(2);
    expect(run.stderr).toBe(
      `- Valvomo needs Node.js 24.7 or newer, and this is 24.6.0 (${process.execPath}). Start it by npm start: npm ci has brought the right one along.\n`,
    );
  });

  it("ends with code 2 and one line per problem", () => {
    const folder = mkdtempSync(join(tmpdir(), "valvomo-config-"));
    folders.push(folder);
    const main = join(import.meta.dirname, "..", "..", "src", "main.js");
    const { status, stderr, stdout } = spawnSync(process.execPath, [main], {
      cwd: folder,
      env: { TELEGRAM_BOT_TOKEN: TOKEN, MQTT_URL: "nonsense" },
      encoding: "utf8",
    });
    expect(status).toBe(2);
    expect(stderr).toContain("- TELEGRAM_ADMIN_IDS is missing.");
    expect(stderr).toContain("- MQTT_URL is not a URL that starts with mqtt://");
    expect(stderr + stdout).not.toContain(TOKEN);
  });
});

describe(".env.example", () => {
  const text = readFileSync(join(import.meta.dirname, "..", "..", ".env.example"), "utf8");
  /** What stands there as a default, in a comment, or waits to be filled in. */
  const SETTING = /^(# )?([A-Z][A-Z_]*)=(.*)$/;
  const example = new Map(
    text.split("\n").flatMap((line) => {
      const [, mark, name = "", written = ""] = SETTING.exec(line) ?? [];
      const [value = ""] = parseEnvFile(`${name}=${written}`, "").values.values();
      return name === "" ? [] : [[name, { value, isDefault: mark !== undefined }] as const];
    }),
  );

  it("names every variable, and no other", () => {
    expect([...example.keys()].toSorted()).toEqual([...CONFIG_NAMES].toSorted());
  });

  it("sets nothing but what a site must say, so that it does for a container and a service as it is", () => {
    const site = ["TELEGRAM_BOT_TOKEN", "TELEGRAM_ADMIN_IDS", "TELEGRAM_ALARM_CHAT_IDS", "MQTT_URL"];
    expect([...example].filter(([, { isDefault }]) => !isDefault).map(([name]) => name)).toEqual(site);
    expect(Object.fromEntries(parseEnvFile(text, ".env").values)).toEqual(
      Object.fromEntries(site.map((name) => [name, ""])),
    );
  });

  it("shows the defaults that are true", () => {
    const all = { ...required, THINGSPEAK_CHANNEL_ID: "9" };
    const shown = [...example].filter(([, { value }]) => value !== "");
    expect(shown.length).toBeGreaterThan(15);
    for (const [name, { value }] of shown) expect(readConfig({ ...all, [name]: value })).toEqual(readConfig(all));
  });

  it("is taken whole, with each of its comments taken away", () => {
    const uncommented = text.replace(/^# (?=[A-Z][A-Z_]*=)/gm, "");
    const { values, problems } = parseEnvFile(uncommented, ".env");
    expect(problems).toEqual([]);
    expect(readConfig({ ...Object.fromEntries(values), ...required })).toEqual(readConfig(required));
  });

  it("has a comment above each group, with its type", () => {
    const lines = text.split("\n");
    for (const [i, line] of lines.entries()) {
      if (!SETTING.test(line)) continue;
      const above = lines
        .slice(0, i)
        .toReversed()
        .find((other) => !SETTING.test(other));
      expect(`${line}: ${above}`).toMatch(/: # /);
    }
  });
});
