import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import mqtt from "mqtt";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startBroker, type DemoBroker } from "../../src/demo/broker.ts";
import { startTelegram, type Telegram } from "../../src/demo/telegram/server.ts";
import { hasMosquitto, passwordLine, startMosquitto } from "../support/mosquitto.ts";
import { cloneProject, readRecipe } from "../support/recipe.ts";
import { until } from "../support/until.ts";

/** The recipe of the README, word for word, by somebody who has nothing but a shell. */

const TOKEN = "417:token-of-the-stand-in";
const ADMIN = 11;
const PASSWORD = "hall#6@lut";
const recipe = readRecipe();

let broker: DemoBroker;
let telegram: Telegram;
let folder: string;
let env: Record<string, string>;
let running: ChildProcess | null;
let log: string;
beforeEach(async () => {
  [broker, telegram] = await Promise.all([startBroker(), startTelegram({ token: TOKEN })]);
  telegram.addPrivateChat({ id: ADMIN, firstName: "Aino" });
  ({ folder, env } = cloneProject());
  [running, log] = [null, ""];
});
afterEach(async () => {
  if (running?.pid !== undefined && running.exitCode === null) {
    // npm ends at once; its output is closed when the program has ended too.
    const end = once(running, "close");
    process.kill(-running.pid, "SIGTERM");
    await end;
  }
  await telegram.stop();
  await broker.stop();
  rmSync(folder, { recursive: true, force: true });
});

const envFile = (): string => readFileSync(join(folder, ".env"), "utf8");
const sh = (command: string) => spawnSync("sh", ["-c", command], { cwd: folder, env, encoding: "utf8" });

/** Fills in a line that waits to be, or takes the "# " before a default away and says something else. */
function fill(name: string, value: string): void {
  const line = new RegExp(`^(# )?${name}=.*$`, "m");
  expect(envFile()).toMatch(line);
  writeFileSync(
    join(folder, ".env"),
    envFile().replace(line, () => `${name}=${value}`),
  );
}

/** Does all but the last step. */
async function follow(more: Readonly<Record<string, string>> = {}): Promise<void> {
  expect(sh(recipe.prepare).status).toBe(0);
  const values: Record<string, string> = {
    TELEGRAM_BOT_TOKEN: TOKEN,
    TELEGRAM_ADMIN_IDS: String(ADMIN),
    TELEGRAM_ALARM_CHAT_IDS: String(ADMIN),
    MQTT_URL: broker.url,
  };
  expect(recipe.names).toEqual(Object.keys(values));
  for (const name of recipe.names) fill(name, values[name] ?? "");
  // A Telegram that is none, and a port that nobody else has.
  for (const [name, value] of Object.entries({ TELEGRAM_API_ROOT: telegram.url, HTTP_PORT: "0", ...more })) {
    fill(name, value);
  }
  expect(recipe.run).toBe("npm ci && npm start");
  running = spawn("npm", ["start"], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  for (const stream of [running.stdout, running.stderr]) stream?.on("data", (data: Buffer) => (log += data.toString()));
  await until("it is subscribed", () => {
    if (running?.exitCode !== null) throw new Error(log);
    return log.includes('"msg":"subscribed"');
  });
}

const said = (words: string) =>
  telegram.waitFor(() => telegram.messages(ADMIN).find(({ text }) => text.includes(words)), 15_000);
const publish = (topic: string) => broker.publish({ topic, payload: Buffer.from("Coil hot"), qos: 1, retain: false });

it("is as it was read: four settings, one check", () => {
  expect(recipe).toMatchObject({ prepare: "cp .env.example .env && chmod 600 .env", check: "/drill" });
});

it("brings the plant's warnings into the chat, and nothing is to be complained of", async () => {
  await follow();
  await publish("lut/AMBsystem/warnings/chatbot");
  await said("Coil hot");
  telegram.say({ chatId: ADMIN, text: recipe.check });
  await said("Drill passed");
  telegram.say({ chatId: ADMIN, text: "/status" });
  expect((await said("Valvomo: ")).text).not.toMatch(/Settings|Subscription.*only|❌/);
}, 60_000);

it.skipIf(!hasMosquitto)(
  "brings them with the topics of a site's own, and a password with a # in it",
  async () => {
    const mosquitto = await startMosquitto({
      listener: "allow_anonymous false\npassword_file $DIR/passwords",
      files: { passwords: passwordLine("me", PASSWORD) },
    });
    const login = { MQTT_USERNAME: "me", MQTT_PASSWORD: PASSWORD };
    await follow({ MQTT_URL: mosquitto.url, ...login, MQTT_ALARM_TOPICS: "site/press 4/#,other/+" });
    const plant = await mqtt.connectAsync(mosquitto.url, { username: "me", password: PASSWORD });
    await plant.publishAsync("site/press 4/warnings/a", "Coil hot", { qos: 1 });
    await said("Coil hot");
    telegram.say({ chatId: ADMIN, text: recipe.check });
    expect((await said("Drill passed")).text).toContain("site/press 4/valvomo-drill, other/valvomo-drill");
    await plant.endAsync(true);
    await mosquitto.remove();
  },
  60_000,
);

it("tells of a filter that lost its end, in the drill, in /status and to the admins", async () => {
  await follow({ MQTT_ALARM_TOPICS: "lut/AMBsystem/warnings/" });
  await said("has no wildcard");
  telegram.say({ chatId: ADMIN, text: recipe.check });
  expect((await said("Drill failed")).text).toContain("write 'lut/AMBsystem/warnings/#'");
  telegram.say({ chatId: ADMIN, text: "/status" });
  expect((await said("Valvomo: ")).text).toMatch(
    /Settings: MQTT_ALARM_TOPICS: lut\/AMBsystem\/warnings\/ has no wildcard/,
  );
}, 60_000);

it("ends in words where the settings are not filled in", () => {
  sh(recipe.prepare);
  const { status, stderr } = sh("npm start");
  expect(status).toBe(2);
  for (const name of ["TELEGRAM_BOT_TOKEN", "TELEGRAM_ADMIN_IDS", "MQTT_URL"])
    expect(stderr).toContain(`- ${name} is missing.`);
}, 60_000);
