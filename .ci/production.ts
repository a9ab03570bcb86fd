import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { startBroker } from "../src/demo/broker.ts";
import { startTelegram } from "../src/demo/telegram/server.ts";

/**
 * Checks what an image would hold, without one: the tracked files in an empty folder, `npm ci --omit=dev`, `npm start`, and
 * then: healthy, connected to broker and Telegram, a warning arrives as a card, SIGTERM ends it in order.
 */

const TOKEN = "1:production-check";
const ADMIN = 1;
const DEADLINE_MS = 30_000;

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "valvomo-production-"));

/** As a stranger's shell has it: without the tools of this project's own install. */
const env = {
  HOME: process.env["HOME"],
  PATH: (process.env["PATH"] ?? "")
    .split(":")
    .filter((path) => !path.includes("node_modules") && !path.includes("node-gyp-bin"))
    .join(":"),
};

function npm(...args: string[]): void {
  const { status } = spawnSync("npm", args, { cwd: folder, env, stdio: "inherit" });
  if (status !== 0) throw new Error(`npm ${args.join(" ")} ended with ${status}`);
}

function copyTrackedFiles(): void {
  const { stdout } = spawnSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" });
  for (const file of stdout.split("\0").filter((name) => name !== "")) {
    cpSync(join(root, file), join(folder, file), { recursive: true });
  }
}

async function check(): Promise<void> {
  copyTrackedFiles();
  npm("ci", "--omit=dev");
  const [broker, telegram] = await Promise.all([startBroker(), startTelegram({ token: TOKEN })]);
  telegram.addPrivateChat({ id: ADMIN, firstName: "Admin" });
  const settings = {
    TELEGRAM_BOT_TOKEN: TOKEN,
    TELEGRAM_API_ROOT: telegram.url,
    TELEGRAM_ADMIN_IDS: String(ADMIN),
    TELEGRAM_ALARM_CHAT_IDS: String(ADMIN),
    MQTT_URL: broker.url,
    HTTP_PORT: "0",
  };
  // A process group of its own, as npm puts a shell between itself and the program.
  const child = spawn("npm", ["start"], {
    cwd: folder,
    env: { ...env, ...settings },
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  const killTimer = setTimeout(() => process.kill(-(child.pid ?? 0), "SIGKILL"), DEADLINE_MS);
  try {
    const logged: string[] = [];
    const httpPort = await new Promise<number>((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`npm start ended with ${code}`)));
      createInterface(child.stdout).on("line", (line) => {
        logged.push(line);
        if (line.includes("Valvomo is up")) resolve((JSON.parse(line) as { httpPort: number }).httpPort);
      });
    });
    await telegram.waitFor(() => telegram.calls.some(({ method }) => method === "getUpdates"), DEADLINE_MS);
    const health = await fetch(`http://127.0.0.1:${httpPort}/healthz`);
    if (health.status !== 200) throw new Error(`/healthz answers ${health.status}`);
    // Published again until it arrives: the subscription may still be on its way, and a repeat only counts.
    const publish = () =>
      broker.publish({
        topic: "lut/AMBsystem/warnings/chatbot",
        payload: Buffer.from("Coil hot"),
        qos: 1,
        retain: false,
      });
    const publishing = setInterval(() => void publish(), 200);
    await telegram.waitFor(() => telegram.messages(ADMIN).some(({ text }) => text.includes("Coil hot")), DEADLINE_MS);
    clearInterval(publishing);
    // npm ends at once; its output is closed only when the program has ended too.
    const end = once(child, "close");
    process.kill(-(child.pid ?? 0), "SIGTERM");
    await end;
    if (!logged.some((line) => line.includes("Valvomo is down"))) throw new Error("it did not stop in order");
  } finally {
    clearTimeout(killTimer);
    await telegram.stop();
    await broker.stop();
  }
}

try {
  await check();
  console.log(`production install: healthy, connected, a card shown, stopped in order `);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
