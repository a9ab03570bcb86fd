import { createInterface } from "node:readline";
import mqtt, { type MqttClient } from "mqtt";
import { ConfigError } from "../lib/errors.ts";
import { matchesFilter } from "../lib/text/topic-filter.ts";
import { readOptions, USAGE, type Options } from "./options.ts";
import { createSimulatedPlant, type SimulatedPlant } from "./plant.ts";
import { runPlant, type PlantLink } from "./run.ts";

/** `npm run plant -- --broker mqtt://…`: the simulated plant as a program of its own, on a broker of one's choice. */

const EXIT_CONFIG = 2;
const RETRY_MS = 1_000;

const say = (sentence: string): void => void process.stderr.write(`${sentence}\n`);

/** What is published while the link is down is kept, and sent when it is up again. */
function connect({ broker, plant: { machine } }: Options, { will }: SimulatedPlant): MqttClient {
  const { url, username, password, ca, cert, key } = broker;
  const client = mqtt.connect(url, {
    clientId: `plant-${machine}`,
    clean: false,
    reconnectPeriod: RETRY_MS,
    reconnectOnConnackError: true,
    ...(will === null ? {} : { will }),
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    ...(ca === null ? {} : { ca }),
    ...(cert === null ? {} : { cert }),
    ...(key === null ? {} : { key }),
  });
  let trouble = "";
  client.on("connect", () => {
    trouble = "";
    say(`Connected to ${url}.`);
  });
  client.on("error", (error) => {
    const reason = "code" in error && typeof error.code === "string" ? error.code : error.message;
    if (reason !== trouble) say(`No link to ${url}: ${reason}. Trying again every second.`);
    trouble = reason;
  });
  return client;
}

function linkOf(client: MqttClient): PlantLink {
  return {
    async publish({ topic, payload, qos, retain }) {
      await client.publishAsync(topic, payload, { qos, retain });
    },
    async listen(filter, listener) {
      client.on("message", (topic, payload, { retain }) => {
        // What was written before the plant was there is not for it.
        if (!retain && matchesFilter(filter, topic)) listener(payload);
      });
      await client
        .subscribeAsync(filter, { qos: 1 })
        .catch(() => say(`The broker does not let the plant listen to ${filter}.`));
    },
  };
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), Date.now());
  if (options === null) {
    process.stdout.write(USAGE);
    return;
  }
  const plant = createSimulatedPlant(options.plant);
  const client = connect(options, plant);
  const ending = new AbortController();
  const typed = createInterface({ input: process.stdin }).on("line", (line) => say(plant.command(line)));
  process.once("SIGINT", () => ending.abort()).once("SIGTERM", () => ending.abort());
  const { from, forMs, speed } = options;
  const { signal } = ending;
  await runPlant({ plant, link: linkOf(client), from, forMs, speed, now: Date.now, signal, say });
  typed.close();
  // Torn off, so that the broker says that the plant is gone.
  await client.endAsync(signal.aborted);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(error.problems.map((problem) => `- ${problem}\n`).join(""));
  process.exitCode = EXIT_CONFIG;
}
