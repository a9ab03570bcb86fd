import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  chownSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import type { PostgresSettings } from "../../src/store/sql/settings.ts";
import { endsWithUs } from "./ends-with-us.ts";
import { freePort } from "./free-port.ts";
import { until } from "./until.ts";

/** Debian's, Homebrew's, and what the shell finds; the newest first. */
const FOLDERS = ["/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/bin"]
  .flatMap((pattern) => globSync(pattern))
  .filter((folder) => existsSync(join(folder, "initdb")))
  .sort((a, b) => Number(/\d+/.exec(b)?.[0] ?? 0) - Number(/\d+/.exec(a)?.[0] ?? 0));
const [BIN] = FOLDERS;

/** Whether a real PostgreSQL is there; see shared-postgres.ts for what it means if not. */
export const hasPostgres = BIN !== undefined;

/** Where its programs are. */
export const BINARIES = BIN ?? "";

/** PostgreSQL does not run as root. `nobody` and `nogroup` of Debian. */
const NOBODY = 65_534;
const identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : null;
const give = (path: string): void => {
  if (identity !== null) chownSync(path, identity.uid, identity.gid);
};
const ENDS_WITH_US = endsWithUs("QUIT");
/** The name of its superuser. */
const USER = "valvomo";

/** A PostgreSQL of one's own, with its data in a folder that goes away with it; fsync as in production. */
export interface Postgres {
  readonly port: number;
  start(): Promise<void>;
  /** Stops it in order; `immediate`: as a crash does. */
  stop(how?: "fast" | "immediate"): Promise<void>;
  /** SIGSTOP and SIGCONT to all of its processes. */
  freeze(): void;
  thaw(): void;
  /** Other configuration, from the next start or reload on. */
  configure(line: string): void;
  /** Lets it read its configuration again. */
  reload(): void;
  /** Lets a standby become the primary. */
  promote(): Promise<void>;
  /** What it wrote into its log. */
  log(): string;
  /** Stops it and removes what it kept. */
  remove(): Promise<void>;
}

/** Starts one on a free port. */
export async function startPostgres(
  options: {
    readonly port?: number;
    readonly lines?: readonly string[];
    /** Lines of pg_hba.conf; left out: whoever comes from this machine is let in. */
    readonly access?: readonly string[];
    readonly files?: Readonly<Record<string, string>>;
    /** Its collation and encoding, as initdb takes them. */
    readonly initdb?: readonly string[];
    /** The port of the primary that it follows from the start on, as `NAME_OF_STANDBY`, until it is promoted. */
    readonly follows?: number;
  } = {},
): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), "valvomo-postgres-"));
  give(folder);
  const data = join(folder, "data");
  const port = options.port ?? (await freePort());
  const log = join(folder, "log");
  let child: ChildProcess | null = null;

  await (options.follows === undefined ? init(data, options.initdb) : copyFrom(options.follows, data));
  for (const [name, content] of Object.entries(options.files ?? {})) {
    const path = join(data, name);
    writeFileSync(path, content, { mode: 0o600 });
    give(path);
  }
  const configure = (line: string): void => appendFileSync(join(data, "postgresql.conf"), `${line}\n`);
  configure(
    `port = ${port}\nunix_socket_directories = '${folder}'\nlisten_addresses = '127.0.0.1'\nshared_buffers = 16MB`,
  );
  for (const line of options.lines ?? []) configure(line);
  if (options.access) writeFileSync(join(data, "pg_hba.conf"), `local all all trust\n${options.access.join("\n")}\n`);

  async function start(): Promise<void> {
    const [program, ...args] = [...ENDS_WITH_US, join(BINARIES, "postgres"), "-D", data];
    const started = spawn(program, args, { ...identity, stdio: ["ignore", "ignore", "pipe"] });
    child = started;
    started.stderr.on("data", (text: Buffer) => appendFileSync(log, text));
    await until("PostgreSQL takes connections", async () => {
      if (started.exitCode !== null) throw new Error(`PostgreSQL ended: ${readFileSync(log, "utf8")}`);
      return isReady(folder, port);
    });
  }

  async function stop(how: "fast" | "immediate" = "fast"): Promise<void> {
    const running = child;
    child = null;
    if (running === null || running.exitCode !== null) return;
    // Not its exit: what it wrote last may come after that, and then finds no folder any more.
    const end = once(running, "close");
    running.kill(how === "fast" ? "SIGINT" : "SIGQUIT");
    await end;
  }
  // Its children make groups of their own; one may have ended by then.
  const signalAll = (signal: NodeJS.Signals): void => {
    if (child === null || child.exitCode !== null) return;
    const parent = String(child.pid);
    const listed = spawnSync("ps", ["-o", "pid=", "--ppid", parent], { encoding: "utf8" }).stdout;
    spawnSync("kill", ["-s", signal.slice("SIG".length), parent, ...listed.split(/\s+/).filter(Boolean)]);
  };

  await start();
  return {
    port,
    start,
    stop,
    freeze: () => signalAll("SIGSTOP"),
    thaw: () => signalAll("SIGCONT"),
    configure,
    reload: () => void child?.kill("SIGHUP"),
    promote: () => runPostgres("pg_ctl", ["promote", "-D", data]),
    log: () => readFileSync(log, "utf8"),
    async remove() {
      signalAll("SIGCONT");
      await stop("immediate");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const init = (data: string, how: readonly string[] = ["-E", "UTF8", "--locale=C.UTF-8"]): Promise<void> =>
  runPostgres("initdb", ["-D", data, "-U", USER, "-A", "trust", "--no-sync", ...how]);

/** By this name a primary knows the standby of tests, in `synchronous_standby_names`. */
const NAME_OF_STANDBY = "standby";

async function copyFrom(port: number, data: string): Promise<void> {
  const primary = `host=127.0.0.1 port=${port} user=${USER} application_name=${NAME_OF_STANDBY}`;
  await runPostgres("pg_basebackup", ["-D", data, "-d", primary, "-R", "-c", "fast", "--no-sync"]);
  // The copy brings along for whom its primary waits.
  appendFileSync(join(data, "postgresql.conf"), "synchronous_standby_names = ''\n");
}

/** A primary whose commits wait for its standby, and that standby. */
export async function startPair(): Promise<readonly [primary: Postgres, standby: Postgres]> {
  const primary = await startPostgres();
  const standby = await startPostgres({ follows: primary.port });
  primary.configure(`synchronous_standby_names = '${NAME_OF_STANDBY}'`);
  // Read anew, it would count from some later moment on, which nothing tells.
  await primary.stop();
  await primary.start();
  const inSync = "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'";
  await until("commits wait for the standby", async () => (await askPostgres(urlOn(primary.port), inSync)).length > 0);
  return [primary, standby];
}

/** Runs one of its programs, such as pg_dump, to its end. */
async function runPostgres(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(join(BINARIES, program), args, {
    ...identity,
    stdio: ["ignore", "ignore", "pipe"],
    cwd: "/",
  });
  let said = "";
  child.stderr.on("data", (text: Buffer) => (said += text.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${said}`);
}

/** Whether it lets us in: on its socket, where no access list stands in the way. */
async function isReady(host: string, port: number): Promise<boolean> {
  const client = new Client({ host, port, user: USER, database: "postgres" });
  client.on("error", () => undefined);
  return client.connect().then(
    () => client.end().then(() => true),
    () => false,
  );
}

/** Where its superuser finds a database of a server on this machine. */
export const urlOn = (port: number, database = "postgres"): string =>
  `postgres://${USER}@127.0.0.1:${port}/${database}`;

/** The servers of settings that lead to this machine. */
export const serversOn = (port: number, ...others: readonly number[]): PostgresSettings["servers"] => [
  { host: "127.0.0.1", port },
  ...others.map((other) => ({ host: "127.0.0.1", port: other })),
];

/** Asks a server what tests want to know of it, or do to it. */
export async function askPostgres(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client(url);
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

let made = 0;

/** Makes an empty database on a server on this machine. */
export async function createDatabase(
  port: number,
): Promise<PostgresSettings & { readonly url: string; readonly port: number }> {
  const database = `test_${process.pid}_${Date.now()}_${(made += 1)}`;
  await askPostgres(urlOn(port), `CREATE DATABASE ${database} TEMPLATE template0`);
  const url = urlOn(port, database);
  return { kind: "postgres", servers: serversOn(port), user: USER, database, password: null, tls: null, url, port };
}
