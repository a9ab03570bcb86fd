import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { freePort } from "../support/free-port.ts";
import { until } from "../support/until.ts";

const MAIN = join(import.meta.dirname, "..", "..", "src", "main.js");

it.each([
  ["whose reader goes away, as with head,", "pipe" as const],
  ["on a full disk", "/dev/full" as const],
])("a log %s does not end the program, nor does SIGHUP; SIGTERM does, in order", async (_, out) => {
  const folder = mkdtempSync(join(tmpdir(), "valvomo-log-"));
  const port = await freePort();
  const file = out === "pipe" ? null : openSync(out, "w");
  const child = spawn(process.execPath, [MAIN], {
    cwd: folder,
    stdio: ["ignore", file ?? "pipe", file ?? "pipe"],
    // Nobody is reached, which is logged.
    env: {
      TELEGRAM_BOT_TOKEN: "417:token-of-the-stand-in",
      TELEGRAM_API_ROOT: "http://127.0.0.1:9",
      TELEGRAM_ADMIN_IDS: "11",
      MQTT_URL: "mqtt://127.0.0.1:9",
      DATABASE_URL: `file:${join(folder, "valvomo.db")}`,
      HTTP_PORT: String(port),
    },
  });
  child.stdout?.destroy();
  child.stderr?.destroy();
  if (file !== null) closeSync(file);
  const exit = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await exit;
    rmSync(folder, { recursive: true });
  });
  const isUp = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${port}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
  await until("it is up", isUp);
  child.kill("SIGHUP");
  expect(await isUp()).toBe(true);
  child.kill("SIGTERM");
  expect(await exit).toEqual([0, null]);
});
