import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createValvomo } from "../support/valvomo.ts";

const MAIN = join(import.meta.dirname, "..", "..", "src", "main.js");
/** Nobody is reached: what is refused is refused before. */
const SETTINGS = {
  TELEGRAM_BOT_TOKEN: "417:token-of-the-stand-in",
  TELEGRAM_API_ROOT: "http://127.0.0.1:9",
  TELEGRAM_ADMIN_IDS: "11",
  MQTT_URL: "mqtt://127.0.0.1:9",
  HTTP_PORT: "0",
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "valvomo-start-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What it says when it ends by itself; it is killed when it does not. */
function refusalOf(settings: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = SETTINGS) {
  const cwd = mkdtempSync(join(folder, "run-"));
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(cwd, ".env"), lines.join(""), { mode: 0o600 });
  const { status, stderr } = spawnSync(process.execPath, [MAIN], { cwd, env, encoding: "utf8", timeout: 30_000 });
  return { status, problems: stderr.split("\n").slice(0, -1) };
}

const refused = (...problems: (string | RegExp)[]) => ({
  status: 2,
  problems: [
    "Valvomo cannot start:",
    ...problems.map((problem) => (typeof problem === "string" ? `- ${problem}` : expect.stringMatching(problem))),
  ],
});

describe(
  "what is in the way of a start is a sentence with the setting's name, and exit code 2",
  { timeout: 90_000 },
  () => {
    it("for a port that is taken", async () => {
      const other = createServer().listen(0);
      await once(other, "listening");
      const { port } = other.address() as AddressInfo;
      const { HTTP_PORT: _, ...env } = SETTINGS;
      expect(refusalOf({ HTTP_PORT: String(port) }, env)).toEqual(
        refused(`HTTP_PORT: another program listens on port ${port}: end it, or choose another port.`),
      );
      other.close();
      expect(refusalOf({ HTTP_HOST: "192.0.2.1" })).toEqual(
        refused("HTTP_HOST: 192.0.2.1 is not an address of this machine."),
      );
    });

    it("for a database that is none, or cannot be", () => {
      writeFileSync(join(folder, "notes"), "no database");
      new DatabaseSync(join(folder, "newer.db")).exec(
        "CREATE TABLE schema_version (version INTEGER); INSERT INTO schema_version VALUES (99); CREATE TABLE alarms (id); CREATE TABLE events (id)",
      );
      mkdirSync(join(folder, "folder"));
      const said = (path: string) => refusalOf({ DATABASE_URL: `file:${path}` });
      expect(said(join(folder, "notes"))).toEqual(
        refused(/^- DATABASE_URL: .*notes is not a database of Valvomo, and was left/),
      );
      expect(said(join(folder, "notes", "valvomo.db"))).toEqual(
        refused(/^- DATABASE_URL: .*something above it is a file/),
      );
      expect(said(join(folder, "folder"))).toEqual(
        refused(/^- DATABASE_URL: .*folder is a folder: name a file in it\.$/),
      );
      expect(said("/proc/valvomo/valvomo.db")).toEqual(
        refused(/^- DATABASE_URL: the folder \/proc\/valvomo cannot be made/),
      );
      expect(said(join(folder, "newer.db"))).toEqual(
        refused(/^- DATABASE_URL: the database has schema 99, this Valvomo knows/),
      );
    });

    it("for all that is wrong at once, the plants file included", () => {
      const plants = join(folder, "plants.yaml");
      writeFileSync(plants, "fields:\n  - { field: 1, unit: % }\n  - { field: 9 }\n");
      const wrong = {
        PLANTS_FILE: plants,
        MQTT_PASSWORD: "secret # or not",
        MQTT_ALARM_TOPIC: "lut/#",
        TIME_ZONE: "Mars",
      };
      expect(refusalOf(wrong)).toEqual(
        refused(
          /^- \.env line 2: MQTT_PASSWORD has a # that some readers take for the start of a comment/,
          "MQTT_ALARM_TOPIC is not a setting: did you mean MQTT_ALARM_TOPICS?",
          /^- TIME_ZONE is not an IANA time zone/,
          /^- plants\.yaml line 2: a value that starts with % must stand in quotes/,
          /^- plants\.yaml line 3: fields › 2 › field: must be a whole number/,
        ),
      );
      expect(refusalOf({ PLANTS_FILE: "/nowhere.yaml", TIME_ZONE: "Mars" })).toEqual(
        refused("PLANTS_FILE: cannot read /nowhere.yaml (ENOENT).", /^- TIME_ZONE/),
      );
    });

    it("for a second start on the same database, which goes through when the first is killed", async () => {
      const first = createValvomo(SETTINGS);
      await first.start();
      expect(refusalOf({ DATABASE_URL: `file:${first.databasePath}` })).toEqual(
        refused(
          new RegExp(
            `^- DATABASE_URL: another Valvomo \\(process ${first.pid} on .+, since .+ UTC\\) uses .*valvomo\\.db`,
          ),
        ),
      );
      await first.kill();
      const second = createValvomo({ ...SETTINGS, DATABASE_URL: `file:${first.databasePath}` });
      await second.start();
      expect(await second.stop()).toBe(0);
      await Promise.all([first.remove(), second.remove()]);
    });
  },
);

it("a start that was refused leaves nothing running and no stack on the screen", async () => {
  const child = spawn(process.execPath, [MAIN], { cwd: folder, env: { ...SETTINGS, DATABASE_URL: "file:/dev/null" } });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (said += data.toString()));
  const [code] = (await once(child, "close")) as [number];
  expect(code).toBe(2);
  expect(said).toBe("Valvomo cannot start:\n- DATABASE_URL: /dev/null is not a file.\n");
});

describe("the built copy", { timeout: 90_000 }, () => {
  /** Tells at the end which modules were loaded. */
  const watch = `import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
    process.on("exit", () => process.stdout.write(JSON.stringify(loaded)));`;
  /** Starts the program behind a link, without settings. */
  const start = () => {
    const main = join(folder, "link", "src", "main.js");
    const { status, stderr, stdout } = spawnSync(
      process.execPath,
      ["--import", `data:text/javascript,${encodeURIComponent(watch)}`, main],
      { cwd: folder, env: {}, encoding: "utf8", timeout: 60_000 },
    );
    const loaded = JSON.parse(stdout) as readonly string[];
    return { status, stderr, ours: loaded.filter((url) => !url.startsWith("node:") && !url.startsWith("data:")) };
  };

  const isCopy = (url: string): boolean => url.endsWith(")/dist/start.js");

  it("is run in the place of the source that it is made of, and of no other, whatever the folder is called", () => {
    const root = join(import.meta.dirname, "..", "..");
    const place = join(folder, "Größe 100%25 (#2?)");
    for (const name of ["src", "vendor", "package.json", "package-lock.json"])
      cpSync(join(root, name), join(place, name), { recursive: true, preserveTimestamps: true });
    symlinkSync(join(root, "node_modules"), join(place, "node_modules"));
    symlinkSync(place, join(folder, "link"));
    expect(start()).toMatchObject({ status: 2, stderr: expect.stringContaining("- TELEGRAM_BOT_TOKEN is missing") });

    expect(spawnSync(process.execPath, [join(place, "src", "bin", "build.ts")], { encoding: "utf8" })).toMatchObject({
      status: 0,
      stderr: "",
    });
    // As npm prune does: anew, and the same.
    const lock = join(place, "package-lock.json");
    const packages = readFileSync(lock);
    rmSync(lock);
    writeFileSync(lock, packages);
    const built = start();
    expect(built).toMatchObject({ status: 2, stderr: expect.stringContaining("- TELEGRAM_BOT_TOKEN is missing") });
    expect(built.ours.some(isCopy)).toBe(true);
    // 21 when this was written: what is needed only now and then is loaded then.
    expect(built.ours.length).toBeLessThan(40);

    appendFileSync(lock, "\n");
    expect(start().ours.some(isCopy)).toBe(false);
    writeFileSync(lock, packages);
    expect(start().ours.some(isCopy)).toBe(true);
    // Nothing of this file is in the copy as a module: its constants stand where they are used.
    const constants = join(place, "src", "alarms", "handling-parts.ts");
    const { atime, mtime } = statSync(constants);
    appendFileSync(constants, "\n");
    expect(start().ours.some(isCopy)).toBe(false);
    truncateSync(constants, statSync(constants).size - 1);
    utimesSync(constants, atime, mtime);
    expect(start().ours.some(isCopy)).toBe(true);
    const changed = join(place, "src", "lib", "must.ts");
    appendFileSync(changed, "\n");
    const { ours } = start();
    expect(ours.some(isCopy)).toBe(false);
    // 872 when this was written.
    expect(ours.length).toBeGreaterThan(500);
    expect(ours.length).toBeLessThan(900);
    rmSync(changed);
    expect(start().stderr).toContain("src/lib/must.ts' imported from");
  });
});
