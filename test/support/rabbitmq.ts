import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import mqtt from "mqtt";
import { endsWithUs } from "./ends-with-us.ts";
import { freePorts } from "./free-port.ts";
import { until } from "./until.ts";

// The scripts beside it insist on a user of their own, and on folders of the system.
const [SERVER] = globSync("/usr/lib/rabbitmq/lib/*/sbin/rabbitmq-server");
const EPMD = [...globSync("/usr/lib/erlang/erts-*/bin/epmd"), "/usr/bin/epmd"].find((path) => existsSync(path));

/** Whether a real RabbitMQ is there. CI must have it; elsewhere its tests are skipped with a loud line. */
export const hasRabbitmq = SERVER !== undefined && EPMD !== undefined;
if (!hasRabbitmq) {
  if (process.env["CI"]) throw new Error("RabbitMQ is not installed: CI must test against a real cluster");
  process.stderr.write("\n*** rabbitmq-server is not installed: the tests against a real cluster are SKIPPED ***\n\n");
}

/** One node of it. */
interface Node {
  readonly port: number;
  /** With the login of one of its users. */
  readonly url: (user: "valvomo" | "plant" | "reader") => string;
  /** Resolves when it lets clients in. */
  start(): Promise<void>;
  /** Ends it as a power cut does. */
  kill(): Promise<void>;
}

/** A cluster of RabbitMQ nodes on this machine alone, with all that it keeps in a folder that goes away with it. */
export interface Cluster {
  readonly nodes: readonly Node[];
  /** What the nodes said lately. */
  log(): string;
  /** Kills all of it, and the port mapper of Erlang that it had for itself. */
  remove(): Promise<void>;
}

const BOOT_MS = 90_000;
const PASSWORD = "right";
/** Who may log in: `valvomo` and `plant` may do all, `reader` may publish nothing. */
const DEFINITIONS = {
  vhosts: [{ name: "/" }],
  users: ["valvomo", "plant", "reader"].map((name) => ({ name, password: PASSWORD, tags: "" })),
  permissions: ["valvomo", "plant", "reader"].map((user) => ({
    user,
    vhost: "/",
    configure: ".*",
    write: ".*",
    read: ".*",
  })),
  topic_permissions: [{ user: "reader", vhost: "/", exchange: "amq.topic", write: "^$", read: ".*" }],
};

/** Starts so many nodes that keep durable sessions in quorum queues. */
export async function startCluster(count: number): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), "valvomo-rabbitmq-"));
  const [epmdPort, ...ports] = await freePorts(1 + 2 * count);
  const children = new Set<ChildProcess>();
  let said = "";

  function run(command: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
    const [program = "", ...args] = [...endsWithUs("KILL"), ...command];
    const child = spawn(program, args, {
      cwd: folder,
      env: { PATH: process.env["PATH"], ERL_CRASH_DUMP_BYTES: "0", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    children.add(child);
    child.once("exit", () => children.delete(child));
    const note = (data: Buffer): void => void (said = (said + data.toString()).slice(-5_000));
    child.stdout?.on("data", note);
    child.stderr?.on("data", note);
    return child;
  }

  async function kill(child: ChildProcess): Promise<void> {
    if (!children.has(child)) return;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  }

  // One of our own: the one that Erlang starts by itself is a daemon, and listens to everybody.
  run([EPMD ?? "", "-port", String(epmdPort), "-address", "127.0.0.1"]);
  writeFileSync(join(folder, "definitions.json"), JSON.stringify(DEFINITIONS));
  const names = Array.from({ length: count }, (_, index) => `valvomo${index + 1}@localhost`);
  const peers = names.map((name, index) => `cluster_formation.classic_config.nodes.${index + 1} = ${name}`);

  function createNode(name: string, index: number): Node {
    const home = join(folder, name);
    mkdirSync(home);
    const [port = 0, distPort] = ports.slice(2 * index);
    const config = [
      "listeners.tcp = none",
      `mqtt.listeners.tcp.1 = 127.0.0.1:${port}`,
      "mqtt.allow_anonymous = false",
      "mqtt.durable_queue_type = quorum",
      `load_definitions = ${join(folder, "definitions.json")}`,
      "mqtt.subscription_ttl = 86400000",
      "cluster_formation.peer_discovery_backend = classic_config",
      ...peers,
    ];
    writeFileSync(join(home, "rabbitmq.conf"), config.join("\n"));
    writeFileSync(join(home, "enabled_plugins"), "[rabbitmq_mqtt].\n");
    writeFileSync(join(home, ".erlang.cookie"), "valvomo", { mode: 0o400 });
    const env = {
      HOME: home,
      // So that the process that we start is the node itself.
      RUNNING_UNDER_SYSTEMD: "true",
      ERL_EPMD_PORT: String(epmdPort),
      ERL_EPMD_ADDRESS: "127.0.0.1",
      RABBITMQ_NODENAME: name,
      RABBITMQ_DIST_PORT: String(distPort),
      RABBITMQ_CONFIG_FILE: join(home, "rabbitmq.conf"),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(home, "enabled_plugins"),
      RABBITMQ_CONF_ENV_FILE: join(home, "none"),
      RABBITMQ_MNESIA_BASE: join(home, "mnesia"),
      RABBITMQ_LOG_BASE: home,
      RABBITMQ_LOGS: "-",
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1}",
    };
    let child: ChildProcess | null = null;
    return {
      port,
      url: (user) => `mqtt://${user}:${PASSWORD}@127.0.0.1:${port}`,
      async start() {
        const started = run([SERVER ?? ""], env);
        child = started;
        await until(
          `${name} lets clients in`,
          () => {
            if (!children.has(started)) throw new Error(`${name} ended: ${said}`);
            return letsIn(`mqtt://plant:${PASSWORD}@127.0.0.1:${port}`);
          },
          BOOT_MS,
        );
      },
      async kill() {
        if (child) await kill(child);
      },
    };
  }

  const nodes = names.map(createNode);
  const remove = async (): Promise<void> => {
    await Promise.all([...children].map(kill));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    // One after the other: some that begin at once may never agree on who has which client id.
    for (const node of nodes) await node.start();
  } catch (error) {
    await remove();
    throw error;
  }
  return { nodes, log: () => said, remove };
}

/** Whether somebody may log in: that it listens is said before the cluster knows who is who. */
async function letsIn(url: string): Promise<boolean> {
  try {
    const client = await mqtt.connectAsync(url, { reconnectPeriod: 0, connectTimeout: 5_000 }, false);
    await client.endAsync(true);
    return true;
  } catch {
    await setTimeout(200);
    return false;
  }
}
