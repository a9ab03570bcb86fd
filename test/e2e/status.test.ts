import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startBroker, type DemoBroker } from "../../src/demo/broker.ts";
import { shapesIn, usesIn } from "../support/metrics.ts";
import { until } from "../support/until.ts";
import { ADMIN, createWorld, GROUP, type World } from "../support/world.ts";

let broker: DemoBroker;
let w: World;
beforeEach(async () => {
  broker = await startBroker();
});
afterEach(async () => {
  await w.remove();
  await broker.stop();
});

const texts = (chatId: number) => w.telegram.messages(chatId).map(({ text }) => text);

describe("an open link to the broker", () => {
  /** The same place, by a name that is not known for this machine's own. */
  const abroad = () => broker.url.replace("127.0.0.1", "127.1");

  it("is told at the start, in the admins' /status, and once to them; and that it is mended", async () => {
    w = await createWorld(abroad());
    await w.start();
    await w.telegram.waitFor(() => texts(ADMIN).length === 2, 10_000);
    for (const words of ["is not encrypted", "lets us in without a login"]) {
      expect(texts(ADMIN).filter((text) => text.includes(words))).toHaveLength(1);
      expect(w.app.log.filter(({ msg, level }) => msg.includes(words) && level === 40)).toHaveLength(1);
    }
    expect(texts(GROUP)).toEqual([]);
    const before = texts(ADMIN);
    await w.app.stop();
    await w.start();
    w.telegram.say({ chatId: ADMIN, text: "/status" });
    await w.telegram.waitFor(() => texts(ADMIN).length === 4, 10_000);
    expect(texts(ADMIN).slice(0, 2)).toEqual(before);
    expect(texts(ADMIN)[3]?.match(/Broker link: The (link to the )?broker/g)).toHaveLength(2);
    // Where others read along it is no business of theirs.
    w.telegram.say({ chatId: GROUP, userId: ADMIN, text: "/status" });
    const told = await w.telegram.waitFor(() => texts(GROUP).find((text) => text.includes("Broker")), 10_000);
    expect(told).not.toContain("Broker link");

    await w.app.stop();
    w.app.change({ MQTT_URL: broker.url });
    await w.start();
    await w.telegram.waitFor(() => texts(ADMIN).filter((text) => text.includes("CLEARED")).length === 2, 10_000);
    expect(texts(GROUP).filter((text) => text.includes("CLEARED"))).toEqual([]);
  });
});

/** A block of docs/running.md, by its name. */
function blockOf(name: string): string {
  const page = readFileSync(join(import.meta.dirname, "../../docs/running.md"), "utf8");
  const [, block] = new RegExp(`\\n\`\`\`\\w+ ${name}\\n([^]*?)\`\`\``).exec(page) ?? [];
  if (block === undefined) throw new Error(`docs/running.md has no block “${name}”`);
  return block;
}

describe("docs/running.md", () => {
  it("prints commands that read health, status, metrics and the log, and a log as it is", async () => {
    w = await createWorld(broker.url, { HTTP_TOKEN: "0123456789abcdef" });
    await w.start();
    // Not synchronously: the broker of this world lives in this process.
    const run = async (commands: string): Promise<string> => {
      const env = { PATH: process.env["PATH"], HTTP_TOKEN: "0123456789abcdef" };
      const printed = commands.replaceAll("http://localhost:8080", w.app.url());
      return (await promisify(execFile)("sh", ["-ec", printed], { cwd: dirname(w.app.databasePath), env })).stdout;
    };
    expect(await run(blockOf("health"))).toBe("active\nactive\n");
    const inside = await run(blockOf("inside"));
    expect(inside).toContain('"name": "Broker"');
    const watched = blockOf("watch").match(/valvomo_\w+/g) ?? [];
    expect(watched).not.toEqual([]);
    for (const name of watched) expect(inside).toContain(`# TYPE ${name} `);
    // Order and members of the lines are those of a start; what they hold is of another one.
    const shapeOf = (line: object) => ({
      ...line,
      time: "",
      broker: "",
      httpPort: 0,
      sessionPresent: true,
      version: "",
    });
    const shown = blockOf("start")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { msg: string });
    const written = shown.map(({ msg }) => w.app.log.find((line) => line.msg === msg) ?? {});
    expect(written.map(shapeOf)).toEqual(shown.map(shapeOf));
  });
});

describe("the program's own port", () => {
  it("tells who has the token how it is, in words and in numbers, and anybody else whether it is up", async () => {
    w = await createWorld(broker.url, { HTTP_TOKEN: "0123456789abcdef" });
    await w.start();
    await w.warn({ id: "a", message: "Coil hot", severity: "error", state: "active" });
    await w.telegram.waitFor(() => texts(GROUP).length > 0 && texts(ADMIN).length > 0, 10_000);
    const authorization = "Bearer 0123456789abcdef";
    const ask = (path: string, headers: Record<string, string> = { authorization }) =>
      fetch(w.app.url() + path, { headers });
    const metrics = await until("both cards are noted", async () => {
      const text = await (await ask("/metrics")).text();
      const areShown = text.includes('\nvalvomo_shown_seconds_count{severity="error"} 2\n');
      return areShown && text.includes("\nvalvomo_cards_waiting 0\n") && text;
    });
    for (const line of [
      "valvomo_up 1",
      'valvomo_link_up{link="broker"} 1',
      'valvomo_link_up{link="telegram"} 1',
      "valvomo_events_total 1",
      'valvomo_alarms_active{severity="error"} 1',
      'valvomo_alarms_active{severity="critical"} 0',
      "# TYPE valvomo_commit_seconds histogram",
      'valvomo_shown_seconds_count{severity="error"} 2',
      'valvomo_decisions_total{action="send",reason="first"} 2',
      'valvomo_lane_steps_total{step="call"} 2',
      'valvomo_telegram_call_seconds_count{method="sendMessage",result="ok"} 2',
      'valvomo_dropped_total{what="strangers"} 0',
    ]) {
      expect(metrics.split("\n")).toContain(line);
    }
    // What each has of labels, and means, is looked at without a program: test/monitoring.test.ts.
    const shapes = shapesIn(metrics);
    for (const file of ["docs/monitoring.md", "deploy/monitoring/alerts.yml", "deploy/monitoring/dashboard.json"]) {
      const names = usesIn(readFileSync(join(import.meta.dirname, "../..", file), "utf8")).map(({ name }) => name);
      expect(names.length).toBeGreaterThan(15);
      expect(names.filter((name) => name !== "up" && !shapes.has(name))).toEqual([]);
    }
    const numberOf = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(metrics)?.[1]);
    expect(numberOf('valvomo_telegram_calls_total\\{result="ok"\\}')).toBeGreaterThan(3);
    expect(numberOf("valvomo_commit_seconds_count")).toBeGreaterThan(0);
    expect(numberOf("process_resident_memory_bytes")).toBeGreaterThan(3e7);

    const status = (await (await ask("/status.json")).json()) as { lines: unknown[] };
    expect(status.lines).toContainEqual({ level: "ok", name: "Cards", detail: "none waiting" });

    const handedOn = { "x-forwarded-for": "203.0.113.7" };
    expect(await (await ask("/healthz", handedOn)).text()).toBe("active\n");
    for (const path of ["/metrics", "/status.json"]) {
      for (const headers of [{}, handedOn]) {
        expect((await ask(path, headers)).status).toBe(401);
        expect((await ask(path, { ...headers, authorization })).status).toBe(200);
      }
    }
  });
});
