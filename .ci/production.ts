import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, cpSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { startBroker } from "../src/demo/broker.ts";
import { startTelegram } from "../src/demo/telegram/server.ts";

/**
 * Checks what an image would hold, without one: the tracked files in an empty folder, built, with few packages, an SBOM
 * of them, and `npm start` as nobody who may write to nothing but the data folder. Then: healthy, connected to broker and
 * Telegram, a warning arrives as a card, the database is private, SIGTERM ends it in order.
 */

const TOKEN = "1:production-check";
const ADMIN = 1;
const DEADLINE_MS = 30_000;
const MAX_PACKAGES = 150;
/** `nobody` and `nogroup` of Debian. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "valvomo-production-"));
/** The only place that may be written to, as the volume of a container. */
const data = mkdtempSync(join(tmpdir(), "valvomo-data-"));

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

/** That what was built is what runs. */
function checkCopy(): void {
  const find = "import('./src/bin/built-copy.ts').then(({ findBuiltCopy }) => process.exit(findBuiltCopy() ? 0 : 1))";
  const { status } = spawnSync(process.execPath, ["-e", find], { cwd: folder, env });
  if (status !== 0) throw new Error("it does not run what npm run build built");
}

/** @returns how many packages are installed */
function countPackages(): number {
  const { packages } = JSON.parse(readFileSync(join(folder, "node_modules", ".package-lock.json"), "utf8")) as {
    packages: object;
  };
  const count = Object.keys(packages).length;
  if (count >= MAX_PACKAGES) throw new Error(`${count} packages are installed: ${MAX_PACKAGES} are too many`);
  return count;
}

/** As the release makes it. */
function checkSbom(): void {
  const args = ["sbom", "--sbom-format", "cyclonedx", "--omit=dev", "--package-lock-only"];
  const { stdout } = spawnSync("npm", args, { cwd: folder, env, encoding: "utf8" });
  const { bomFormat, components } = JSON.parse(stdout) as { bomFormat: string; components: { purl: string }[] };
  // By what scanners look for: npm names a package as we do, where we have it under another name.
  const has = (name: string): boolean => components.some(({ purl }) => purl.startsWith(`pkg:npm/${name}@`));
  if (bomFormat !== "CycloneDX" || !has("grammy") || has("vitest")) throw new Error("the SBOM is not right");
}

/**
 * What stands before a command, so that it runs with as few rights as in a container: root becomes nobody, on a file system that
 * is read-only but for the data folder where mounts can be made. Who is not root anyway may not write to the program's files.
 */
function withFewRights(): string[] {
  chmodSync(folder, 0o755);
  if (!isRoot) {
    spawnSync("chmod", ["-R", "a-w", folder]);
    return [];
  }
  chownSync(data, NOBODY, NOBODY);
  const ids = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
  const asNobody = ["setpriv", ...ids, "--no-new-privs", "--inh-caps=-all"];
  if (spawnSync("unshare", ["--mount", "true"]).status !== 0) return asNobody;
  const script = `set -e
    mount --make-rprivate /
    mount --bind "$0" "$0"
    mount -o remount,ro,bind / /
    exec "$@"`;
  return ["unshare", "--mount", "sh", "-c", script, data, ...asNobody];
}

async function check(): Promise<number> {
  copyTrackedFiles();
  npm("ci", "--ignore-scripts");
  npm("run", "build");
  npm("prune", "--omit=dev", "--ignore-scripts");
  checkCopy();
  const packages = countPackages();
  checkSbom();
  const [broker, telegram] = await Promise.all([startBroker(), startTelegram({ token: TOKEN })]);
  telegram.addPrivateChat({ id: ADMIN, firstName: "Admin" });
  const settings = {
    TELEGRAM_BOT_TOKEN: TOKEN,
    TELEGRAM_API_ROOT: telegram.url,
    TELEGRAM_ADMIN_IDS: String(ADMIN),
    TELEGRAM_ALARM_CHAT_IDS: String(ADMIN),
    MQTT_URL: broker.url,
    HTTP_PORT: "0",
    DATABASE_URL: `file:${data}/deep/valvomo.db`,
    SQLITE_TMPDIR: data,
    HOME: data,
  };
  // A process group of its own, as npm puts a shell between itself and the program.
  const child = spawn("env", [...withFewRights(), "npm", "start"], {
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
    const { mode, uid } = statSync(join(data, "deep", "valvomo.db"));
    if ((mode & 0o777) !== 0o600) throw new Error("others may read the database");
    if (isRoot && uid !== NOBODY) throw new Error("it does not run as nobody");
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
  return packages;
}

try {
  const packages = await check();
  console.log(
    `production install: ${packages} packages, healthy with few rights, connected, a card shown, stopped in order`,
  );
} finally {
  spawnSync("chmod", ["-R", "u+w", folder]);
  for (const made of [folder, data]) rmSync(made, { recursive: true, force: true });
}
process.exit(0);
