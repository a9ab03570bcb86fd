import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHAT, TOKEN } from "../support/plant.ts";

/** Where a peer finds broker and Telegram, and a folder of its own. */
interface Place {
  readonly brokerUrl: string;
  readonly telegramUrl: string;
  readonly folder: string;
  /** A port that nobody uses. */
  readonly port: number;
  readonly topic: string;
}

/** What somebody could have taken instead. */
export interface Peer {
  readonly name: string;
  isInstalled(): boolean;
  start(place: Place): ChildProcess;
  /** Where it takes warnings; left out: from the broker. */
  readonly takesAt?: (place: Place) => string;
}

const PYTHON = "/usr/bin/python3";
/** Where Node-RED is installed; see docs/benchmarks.md. */
const NODE_RED = join(process.env["PEERS"] ?? join(tmpdir(), "peers"), "node-red", "node_modules");
const ALERTMANAGER = "/usr/bin/prometheus-alertmanager";

function launch(command: string, words: readonly string[], { folder }: Place, env: Readonly<Record<string, string>>) {
  return spawn(command, words, { cwd: folder, env: { ...process.env, ...env }, stdio: "ignore" });
}

function surroundings({ brokerUrl, telegramUrl, topic }: Place) {
  const { hostname, port } = new URL(brokerUrl);
  const broker = { MQTT_HOST: hostname, MQTT_PORT: port, TOPIC: topic };
  return { ...broker, MPLBACKEND: "Agg", TELEGRAM_URL: telegramUrl, TELEGRAM_TOKEN: TOKEN, CHAT_ID: String(CHAT) };
}

/** Stores nothing, and sends each message as it comes. */
export const THESIS_BOT: Peer = {
  name: "the thesis’ bot",
  isInstalled() {
    try {
      execFileSync(
        PYTHON,
        ["-W", "ignore", "-c", "import telegram.ext, paho.mqtt.client, requests, matplotlib, pandas"],
        {
          stdio: "ignore",
        },
      );
      return true;
    } catch {
      return false;
    }
  },
  start: (place) => launch(PYTHON, [join(import.meta.dirname, "thesis_bot.py")], place, surroundings(place)),
};

/** QoS 1, a session that is kept; what came is in memory only. */
const nodeRed: Peer = {
  name: "Node-RED",
  isInstalled: () => existsSync(join(NODE_RED, "node-red", "red.js")),
  start(place) {
    const write = (name: string, content: string) => writeFileSync(join(place.folder, name), content);
    write("flows.json", JSON.stringify(FLOWS));
    write("flows_cred.json", JSON.stringify({ bot: { token: TOKEN } }));
    const nodes = JSON.stringify(join(NODE_RED, "node-red-contrib-telegrambot"));
    write(
      "settings.js",
      `module.exports = { uiHost: "127.0.0.1", uiPort: ${place.port}, flowFile: "flows.json", credentialSecret: false,
        nodesDir: ${nodes}, telemetry: { enabled: false, updateNotification: false } };`,
    );
    const words = [join(NODE_RED, "node-red", "red.js"), "--userDir", place.folder];
    return launch(join(NODE_RED, "node", "bin", "node"), words, place, surroundings(place));
  },
};

const FLOWS = [
  { id: "flow", type: "tab", label: "warnings to Telegram" },
  {
    id: "broker",
    type: "mqtt-broker",
    broker: "${MQTT_HOST}",
    port: "${MQTT_PORT}",
    clientid: "node-red",
    autoConnect: true,
    protocolVersion: "4",
    keepalive: "60",
    cleansession: false,
  },
  { id: "bot", type: "telegram bot", botname: "bench", baseapiurl: "${TELEGRAM_URL}", updatemode: "polling" },
  {
    id: "in",
    type: "mqtt in",
    z: "flow",
    topic: "${TOPIC}",
    qos: "1",
    datatype: "utf8",
    broker: "broker",
    wires: [["shape"]],
  },
  {
    id: "shape",
    type: "function",
    z: "flow",
    func: "msg.payload = { chatId: Number(env.get('CHAT_ID')), type: 'message', content: msg.payload };\nreturn msg;",
    outputs: 1,
    wires: [["send"]],
  },
  { id: "send", type: "telegram sender", z: "flow", bot: "bot", outputs: 1, wires: [[]] },
];

/** Has no MQTT: warnings come by HTTP, each as an alert of its own, and are sent side by side. */
const alertmanager: Peer = {
  name: "Alertmanager",
  isInstalled: () => existsSync(ALERTMANAGER),
  takesAt: ({ port }) => `http://127.0.0.1:${port}/api/v2/alerts`,
  start(place) {
    const config = join(place.folder, "alertmanager.yml");
    writeFileSync(
      config,
      `route: { receiver: telegram, group_by: ["..."], group_wait: 0s, group_interval: 5s }
receivers:
  - name: telegram
    telegram_configs:
      - api_url: ${place.telegramUrl}
        bot_token: '${TOKEN}'
        chat_id: ${CHAT}
        send_resolved: false
        message: '{{ range .Alerts.Firing }}{{ .Annotations.summary }}{{ end }}'
`,
    );
    const words = [`--config.file=${config}`, `--storage.path=${place.folder}`, "--cluster.listen-address="];
    return launch(ALERTMANAGER, [...words, `--web.listen-address=127.0.0.1:${place.port}`], place, {});
  },
};

export const PEERS: readonly Peer[] = [THESIS_BOT, nodeRed, alertmanager];
