import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, expect, it } from "vitest";

const MAIN = join(import.meta.dirname, "..", "..", "src", "main.js");
const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

const secrets = {
  TELEGRAM_BOT_TOKEN: "123456:ABCdefGHIjklMNOpqrSTUvwxYZ",
  MQTT_PASSWORD: `bröker "p@ss" $&+`,
  MQTT_KEY_PASSPHRASE: "open sesame, please",
  THINGSPEAK_READ_API_KEY: "READKEY987654321",
  SECOND_PATH_URL: "https://hooks.example/services/T000/secret-of-the-hook",
  HTTP_TOKEN: "0123456789abcdef",
  HTTPS_PROXY: "http://me:pr%C3%B6xy%40pass@127.0.0.1:9",
};
/** With a login of its own. */
const OTHER_BROKER = "mqtt://me:s%C3%A4cond%40broker@127.0.0.1:8";
/** As they stand in URLs, headers, JSON and stacks. */
const forms = [
  ...Object.values(secrets),
  new URL(`mqtt://me:${encodeURIComponent(secrets.MQTT_PASSWORD)}@broker`).href,
  Object.assign(new URL("mqtt://me@broker"), { password: secrets.MQTT_PASSWORD }).href,
  JSON.stringify(secrets.MQTT_PASSWORD),
  Buffer.from("me:pröxy@pass").toString("base64"),
  "pröxy@pass",
  "säcond@broker",
  OTHER_BROKER,
];
const parts = [
  "ABCdefGHIjkl",
  "bröker",
  "br%C3%B6ker",
  "sesame",
  "READKEY",
  "secret-of-the-hook",
  "0123456789",
  "pr%C3%B6xy",
  "pröxy",
  "säcond",
  "s%C3%A4cond",
];

/** Runs the real start until it is up, and then something that goes wrong, as a bug would. */
async function crash(bug: string): Promise<{ output: string; code: number | null }> {
  const folder = mkdtempSync(join(tmpdir(), "valvomo-crash-"));
  folders.push(folder);
  const preload = join(folder, "bug.mjs");
  writeFileSync(preload, `process.once("SIGUSR2", () => { ${bug} });`);
  const env: Record<string, string> = {
    TELEGRAM_ADMIN_IDS: "1",
    TELEGRAM_API_ROOT: "http://127.0.0.1:9",
    MQTT_URL: `mqtt://127.0.0.1:9,${OTHER_BROKER}`,
    THINGSPEAK_CHANNEL_ID: "9",
    HTTP_PORT: "0",
  };
  for (const [name, value] of Object.entries(secrets)) {
    env[`${name}_FILE`] = join(folder, name);
    writeFileSync(join(folder, name), `${value}\n`);
  }
  const child = spawn(process.execPath, ["--import", preload, MAIN], { cwd: folder, env });
  child.stdout.on("data", (chunk: Buffer) => chunk.includes("Valvomo is up") && child.kill("SIGUSR2"));
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { output: out + err, code: code as number | null };
}

const thrown = `Object.assign(new Error("lost: " + ${JSON.stringify(forms)}.join(" | ")), { url: ${JSON.stringify(forms[0])} })`;

it.each([
  ["an exception that nobody caught", `throw ${thrown};`],
  ["a promise that nobody waited for", `void Promise.reject(${thrown});`],
  ["something thrown that is not an error", `throw ${JSON.stringify(forms.join(" | "))};`],
])("a crash by %s tells what happened, and no secret", async (_, bug) => {
  const { output, code } = await crash(bug);
  expect(code).toBe(1);
  expect(output).toContain("Valvomo ends: ");
  expect(output.match(/\[secret\]/g)?.length).toBeGreaterThan(5);
  for (const part of parts) expect(output).not.toContain(part);
});
