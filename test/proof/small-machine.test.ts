import { createWriteStream, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { createProof, type Proof } from "../support/proof.ts";
import { until } from "../support/until.ts";
import { ADMIN } from "../support/world.ts";

const ROWS = 1_000_000;
const ALARMS = 1_500;
/** For plots and a flood together. */
const PLOTS_MB = 300;
/** With numbers, an export of all rows and a report on the alarms at the same time: what a machine of 512 MB has besides its system. */
const ALL_MB = 420;

let proof: Proof;
let folder: string;
afterEach(async () => {
  await proof.remove();
  await rm(folder, { recursive: true });
});

/** Two fields each 30 s, of the last 347 days. */
async function writeFeed(path: string): Promise<void> {
  const end = Math.floor(Date.now() / 30_000) * 30_000;
  const file = createWriteStream(path);
  file.write("created_at,entry_id,field1,field2\n");
  for (let i = 0; i < ROWS; i++) {
    const at = new Date(end - (ROWS - 1 - i) * 30_000).toISOString().replace(".000Z", " UTC").replace("T", " ");
    const line = `${at},${i + 1},${(60 + 20 * Math.sin(i / 5_000)).toFixed(2)},${3_000 + (i % 977)}\n`;
    if (!file.write(line)) await once(file, "drain");
  }
  file.end();
  await once(file, "finish");
}

it("a machine of 512 MB runs everything at once: plots of a million rows and a flood of alarms take 300 MB together, numbers, an export and a report fit in, too", async () => {
  folder = await mkdtemp(join(tmpdir(), "valvomo-feed-"));
  const feed = join(folder, "feed.csv");
  await writeFeed(feed);
  proof = await createProof({
    settings: {
      FEED_FILE: feed,
      THINGSPEAK_CHANNEL_ID: "",
      THINGSPEAK_READ_API_KEY: "",
      MQTT_LIVE_TOPICS: "live/#",
      // As in the image, and in the unit of systemd.
      MALLOC_ARENA_MAX: /MALLOC_ARENA_MAX=(\d+)/.exec(readFileSync("Dockerfile", "utf8"))?.[1] ?? "",
    },
  });
  await proof.start();
  /** The most that it ever had resident, as the system counts it. */
  const mostMb = (): number =>
    Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${proof.app.pid}/status`, "utf8"))?.[1]) / 1_024;
  const plots = (): number => proof.telegram.messages(ADMIN).filter(({ photo }) => photo !== null).length;
  const ask = (text: string): number => proof.telegram.say({ chatId: ADMIN, userId: ADMIN, text });

  const files = (): number => proof.telegram.messages(ADMIN).filter(({ document }) => document !== null).length;

  ask("/plot 1 347d");
  for (let i = 0; i < ALARMS; i++) {
    await proof.warn({ id: `m${i}`, message: `Machine ${i}.`, severity: i % 50 === 0 ? "critical" : "error" });
    await proof.warn(String(i % 90), `live/value${i % 40}`);
    if (i === 400) ask("/plot 2 347d");
  }
  await until("the plots", () => plots() === 2, 300_000);
  await until("all alarms are shown", () => new Set(proof.machines()).size === ALARMS, 300_000);
  expect(mostMb()).toBeLessThan(PLOTS_MB);

  for (const text of ["/stats 347d", "/export 347d", "/quality 7d", "/plot 1 347d"]) ask(text);
  for (let i = 0; i < ALARMS; i++) await proof.warn({ id: `m${i}`, message: `Machine ${i}.`, state: "cleared" });
  await until("the third plot, the report and the export", () => plots() === 4 && files() === 1, 300_000);
  expect(mostMb()).toBeLessThan(ALL_MB);
}, 600_000);
