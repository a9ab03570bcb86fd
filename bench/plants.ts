import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { latenciesOf } from "./cards.ts";
import { atLeast, atMost, percentile, type Bench } from "./support/figure.ts";
import { peakMb } from "./support/resident.ts";

const PLANTS = 1_000;

/** Many plants at one program: each with a topic, a route and a group of its own. */
export const plants: Bench = {
  name: "plants",
  async run(defer) {
    const folder = mkdtempSync(join(tmpdir(), "valvomo-bench-plants-"));
    defer(async () => rmSync(folder, { recursive: true }));
    const path = join(folder, "plants.yaml");
    const route = (_: unknown, plant: number) => `  - { to: ${-1_000_000 - plant}, topic: "plants/${plant}/#" }`;
    writeFileSync(path, `routes:\n${Array.from({ length: PLANTS }, route).join("\n")}\n`);
    const settings = { PLANTS_FILE: path, MQTT_ALARM_TOPICS: "plants/+/warnings/#", TOGETHER_RATE: "off" };
    const topicOf = (alarm: number) => `plants/${alarm % PLANTS}/warnings`;
    const { burst, latencies, pid } = await latenciesOf(defer, settings, topicOf);
    const many = `${PLANTS.toLocaleString("en")} plants, a group each`;
    return [
      atMost(`${many}: publish → card, unthrottled, 20/s: p50`, 5, percentile(latencies, 0.5), "ms"),
      atMost("… p99", 25, percentile(latencies, 0.99), "ms"),
      atLeast("… 2,000 warnings at once, unthrottled, to all of them", 1_000, burst, "/s"),
      atMost("… memory at most", 200, peakMb(pid), "MB"),
    ];
  },
};
