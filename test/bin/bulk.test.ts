import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startThingSpeak, type ThingSpeakServer } from "../../src/demo/thingspeak/server.ts";

const SCRIPT = join(import.meta.dirname, "..", "..", "src", "bin", "bulk.ts");
const KEYS = { THINGSPEAK_WRITE_API_KEY: "WRITEKEY12345678", THINGSPEAK_USER_API_KEY: "USERKEY123456789" };

let server: ThingSpeakServer;
const folder = mkdtempSync(join(tmpdir(), "valvomo-bulk-"));
beforeAll(async () => {
  server = await startThingSpeak({ now: Date.now });
  server.addChannel({
    id: 9,
    name: "AMB",
    labels: { 1: "Sine" },
    readApiKey: null,
    writeApiKey: KEYS.THINGSPEAK_WRITE_API_KEY,
    userApiKey: KEYS.THINGSPEAK_USER_API_KEY,
  });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** Runs the command as `npm run bulk` does. */
async function run(args: readonly string[], typed = "", settings: Readonly<Record<string, string>> = KEYS) {
  const child = spawn(process.execPath, [SCRIPT, ...args], {
    cwd: folder,
    env: {
      TELEGRAM_BOT_TOKEN: "417:token-of-the-stand-in",
      TELEGRAM_ADMIN_IDS: "11",
      MQTT_URL: "mqtt://127.0.0.1",
      THINGSPEAK_URL: server.url,
      THINGSPEAK_CHANNEL_ID: "9",
      ...settings,
    },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (output += data.toString()));
  child.stdin.end(typed);
  const [code] = (await once(child, "close")) as [number];
  return { code, output };
}

it("npm run bulk sends a sine, and clears the channel once its number was typed", async () => {
  expect(await run(["--demo"])).toEqual({ code: 0, output: "Sending 60 entries to channel 9 …\nDone.\n" });
  const values = server.entriesOf(9).map(({ field1 }) => Number(field1));
  expect(values).toHaveLength(60);
  expect([Math.min(...values), Math.max(...values)]).toEqual([-1, 1]);

  const thought = await run(["--clear"], "no\n");
  expect(thought.code).toBe(1);
  expect(thought.output).toContain("Type 9 to go on: ");
  expect(thought.output).toContain("Nothing was deleted.");
  expect(server.entriesOf(9)).toHaveLength(60);

  expect((await run(["--clear"], "9\n")).code).toBe(0);
  expect(server.entriesOf(9)).toEqual([]);
}, 60_000);

it("npm run bulk says what is missing, and what was refused, without a key", async () => {
  expect(await run([])).toMatchObject({ code: 2, output: expect.stringContaining("npm run bulk -- --demo") as string });
  const without = await run(["--demo"], "", {});
  expect(without).toEqual({ code: 2, output: "- THINGSPEAK_WRITE_API_KEY is missing: it is needed to write.\n" });
  const wrong = await run(["--demo"], "", { THINGSPEAK_WRITE_API_KEY: "WRONGKEY12345678" });
  expect(wrong.code).toBe(1);
  expect(wrong.output).toContain("Not done: ThingSpeak answered 401 (error_auth_required).");
  expect(wrong.output).not.toContain("WRONGKEY");
}, 60_000);
