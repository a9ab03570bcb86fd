import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { SETTING_NAMES } from "../src/config/given.ts";
import { readConfig } from "../src/config/read-config.ts";

const ROOT = join(import.meta.dirname, "..");
const FOLDER = "deploy/standby";
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const FIVE = ["TELEGRAM_BOT_TOKEN", "TELEGRAM_ADMIN_IDS", "TELEGRAM_ALARM_CHAT_IDS", "MQTT_URL", "DATABASE_URL"];
/** What a call to Telegram that is under way may take at most, and a little more: see valvomo.service. */
const STOP_SECONDS = 20;

const probe = z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) });
const podSchema = z.object({
  terminationGracePeriodSeconds: z.number(),
  enableServiceLinks: z.literal(false),
  automountServiceAccountToken: z.literal(false),
  securityContext: z.object({ runAsNonRoot: z.literal(true), runAsUser: z.literal(1000) }),
  containers: z.tuple([
    z.object({
      envFrom: z.tuple([z.object({ secretRef: z.object({ name: z.string() }) })]),
      env: z.undefined().optional(),
      readinessProbe: probe,
      livenessProbe: z.object({ exec: z.object({ command: z.array(z.string()) }) }),
      securityContext: z.object({
        readOnlyRootFilesystem: z.literal(true),
        allowPrivilegeEscalation: z.literal(false),
        capabilities: z.object({ drop: z.tuple([z.literal("ALL")]) }),
      }),
    }),
  ]),
});
const labels = z.record(z.string(), z.string());
const deploymentSchema = z.object({
  spec: z.object({
    replicas: z.number(),
    selector: z.object({ matchLabels: labels }),
    strategy: z.object({ rollingUpdate: z.object({ maxUnavailable: z.number() }) }),
    template: z.object({ metadata: z.object({ labels }), spec: podSchema }),
  }),
});
const serviceSchema = z.object({
  env_file: z.string(),
  environment: z.undefined().optional(),
  restart: z.string(),
  stop_grace_period: z.string(),
  user: z.literal("node"),
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal("ALL")]),
});

/** The manifests of a file, by their kind and name. */
function manifests(path: string): ReadonlyMap<string, unknown> {
  const documents = parseAllDocuments(read(path));
  expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
  return new Map(
    documents.map((document) => {
      const manifest: unknown = document.toJS();
      const { kind, metadata } = z
        .object({ kind: z.string(), metadata: z.object({ name: z.string() }) })
        .parse(manifest);
      return [`${kind} ${metadata.name}`, manifest];
    }),
  );
}

describe("two processes are run", () => {
  it("with the same five lines, which are enough", () => {
    const namesIn = (text: string) => Object.keys(parseEnv(text)).sort();
    expect(namesIn(read(`${FOLDER}/valvomo.env`))).toEqual([...FIVE].sort());
    const [, filledIn = ""] = /```ini settings\n([^`]*)```/.exec(read(`${FOLDER}/README.md`)) ?? [];
    expect(namesIn(filledIn)).toEqual([...FIVE].sort());
    expect(readConfig(parseEnv(filledIn)).database).toMatchObject({
      kind: "postgres",
      servers: [{ port: 5432 }, { port: 5432 }],
    });
  });

  it("with no setting besides, and none that does not exist", () => {
    const files = globSync(`${FOLDER}/*`, { cwd: ROOT }).filter((path) => !/\.(md|env)$/.test(path));
    expect(files.length).toBeGreaterThan(4);
    for (const path of files) {
      // What stands in comments is for people.
      const code = read(path).replaceAll(/^\s*#.*$/gm, "");
      expect(FIVE.filter((name) => code.includes(name))).toEqual([]);
      const named = [...code.matchAll(/^\s*-?\s*"?([A-Z]+_[A-Z_]+)"?\s*[:=]/gm)].map((match) => match[1] ?? "");
      expect(named.filter((name) => !SETTING_NAMES.includes(name))).toEqual([]);
    }
  });

  it("by Docker: each is started again, has nothing to write, and is stopped in order", () => {
    const { services } = z
      .object({ services: z.record(z.string(), z.unknown()) })
      .parse(parse(read(`${FOLDER}/compose.yaml`), { merge: true }));
    for (const name of ["valvomo-a", "valvomo-b"]) {
      const service = serviceSchema.parse(services[name]);
      expect(service).toMatchObject({ env_file: "valvomo.env", restart: "unless-stopped" });
      expect(service.stop_grace_period).toBe(`${STOP_SECONDS}s`);
    }
  });

  it("on Kubernetes: one of two is always there, both are ready, and neither is started anew for what that does not mend", async () => {
    const found = manifests(`${FOLDER}/kubernetes.yaml`);
    const { spec } = deploymentSchema.parse(found.get("Deployment valvomo"));
    expect([spec.replicas, spec.strategy.rollingUpdate.maxUnavailable]).toEqual([2, 0]);
    expect(spec.template.metadata.labels).toEqual(spec.selector.matchLabels);
    expect(found.get("PodDisruptionBudget valvomo")).toMatchObject({
      spec: { minAvailable: 1, selector: { matchLabels: spec.selector.matchLabels } },
    });
    const pod = spec.template.spec;
    expect(pod.terminationGracePeriodSeconds).toBe(STOP_SECONDS);
    const [container] = pod.containers;
    expect(container.envFrom[0].secretRef.name).toBe("valvomo");
    expect(container.readinessProbe.httpGet.path).toBe("/healthz");
    expect(container.livenessProbe.exec.command[0]).toBe("node");
    // It asks whether there is an answer, and not which.
    const server = createServer((_, response) => response.writeHead(503).end()).listen(0, "127.0.0.1");
    await once(server, "listening");
    const script = container.livenessProbe.exec.command[2]?.replace(
      "8080",
      String((server.address() as AddressInfo).port),
    );
    const asked = async () => (await once(spawn(process.execPath, ["-e", script ?? ""]), "exit"))[0] as unknown;
    expect(await asked()).toBe(0);
    server.close();
    expect(await asked()).toBe(1);
  });

  it("on Fly: one after the other, with no volume, and each is started again", () => {
    const text = read(`${FOLDER}/fly.toml`);
    for (const line of [
      'strategy = "rolling"',
      'policy = "always"',
      `kill_timeout = "${STOP_SECONDS}s"`,
      'path = "/healthz"',
    ])
      expect(text.split("\n").map((one) => one.trim())).toContain(line);
    expect(text).not.toMatch(/^\[(mounts|env|http_service)\]/m);
  });

  it("by systemd, by the unit that there is for one", () => {
    const unit = read("deploy/valvomo.service");
    for (const line of [
      "Restart=always",
      "RestartPreventExitStatus=2",
      `TimeoutStopSec=${STOP_SECONDS}`,
      "StartLimitIntervalSec=0",
    ])
      expect(unit.split("\n")).toContain(line);
    // The last of two counts.
    expect(unit.indexOf("EnvironmentFile=/etc/valvomo.env")).toBeGreaterThan(unit.indexOf("Environment=DATABASE_URL"));
  });

  it("with a webhook that only the active one gets, wherever they run", () => {
    const own = read(`${FOLDER}/haproxy.cfg`);
    const { data } = z
      .object({ data: z.object({ "haproxy.cfg": z.string() }) })
      .parse(manifests(`${FOLDER}/kubernetes-webhook.yaml`).get("ConfigMap valvomo-active"));
    for (const config of [own, data["haproxy.cfg"]]) {
      expect(config).toContain("option httpchk GET /active");
      expect(config).toContain("http-request deny status 404 unless { path /telegram }");
    }
  });
});

const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;
it.skipIf(!hasSystemd)("systemd has nothing to say against the unit", () => {
  const folder = mkdtempSync(join(tmpdir(), "valvomo-unit-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "valvomo.service");
  // Its program is not where it will be.
  writeFileSync(path, read("deploy/valvomo.service").replaceAll(/\/opt\/valvomo\/\S*node /g, `${process.execPath} `));
  const { status, stderr } = spawnSync("systemd-analyze", ["verify", path], { encoding: "utf8" });
  expect([status, stderr.split("\n").filter((line) => line.includes("valvomo.service"))]).toEqual([0, []]);
});
