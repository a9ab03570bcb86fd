import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import mqtt from "mqtt";
import { freePort } from "../../test/support/free-port.ts";
import { monotonicMs, waitUntil } from "../support/clock.ts";
import { atMost, percentile, ratio, type Bench, type Defer, type Figure } from "../support/figure.ts";
import { alarmOf, createPlant, TOPIC } from "../support/plant.ts";
import { processorMs, residentMb } from "../support/resident.ts";
import type { Sink } from "../support/sink.ts";
import { PEERS, THESIS_BOT, type Peer } from "./peers.ts";

const ROUNDS = 3;
const [PACED, EVERY_MS] = [300, 50];
const BURST = 2_000;
/** Alertmanager takes so many in a call, as Prometheus sends them. */
const PER_CALL = 64;
const REST_MS = 5_000;
/** Numbers of warnings: what is sent until the first comes through, one by one, and at once. */
const [PROBES, FIRST_PACED, FIRST_OF_BURST] = [1, 10_001, 20_001];
/** Queues without end, and no waiting for more: what is measured is not the broker. */
const BROKER = ["max_queued_messages 0", "set_tcp_nodelay true"];

/** What was measured of one program in one round. */
interface Sample {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
  readonly processorS: number;
  readonly firstMs: number;
  readonly restMb: number;
}

/**
 * Beside what somebody could have taken instead, in turn, on the same machine and the same minute: only the ratio means anything. Those that
 * are not installed are left out; docs/benchmarks.md says how they are.
 */
export const beside: Bench = {
  name: "beside",
  async run() {
    const peers = PEERS.filter((peer) => peer.isInstalled());
    const missing = PEERS.filter((peer) => !peers.includes(peer)).map(({ name }) => name);
    if (missing.length > 0) process.stderr.write(`not installed: ${missing.join(", ")}\n`);
    const samples = new Map<Peer | null, Sample[]>([null, ...peers].map((peer) => [peer, []]));
    for (let round = 0; round < ROUNDS; round++)
      for (const [peer, found] of samples) found.push(await inRound((defer) => measure(peer, defer)));
    const of = (peer: Peer | null): Sample => medianOf(samples.get(peer) ?? []);
    return figuresOf(of(null), new Map(peers.map((peer) => [peer, of(peer)])));
  },
};

/** Ends all that a round started. */
async function inRound(work: (defer: Defer) => Promise<Sample>): Promise<Sample> {
  const ends: (() => Promise<unknown>)[] = [];
  try {
    return await work((end) => ends.push(end));
  } finally {
    for (const end of ends.toReversed()) await end();
  }
}

/** @param peer `null`: this program */
async function measure(peer: Peer | null, defer: Defer): Promise<Sample> {
  const { app, sink, brokerUrl } = await createPlant(defer, {}, BROKER);
  const folder = mkdtempSync(join(tmpdir(), "valvomo-bench-beside-"));
  defer(async () => rmSync(folder, { recursive: true }));
  const place = { brokerUrl, telegramUrl: sink.url, folder, port: await freePort(), topic: TOPIC };
  const publish = await publisherFor(peer?.takesAt?.(place) ?? null, brokerUrl, defer);
  const beganAt = monotonicMs();
  const started = peer?.start(place);
  if (started)
    defer(() => (started.kill("SIGKILL"), started.exitCode === null ? once(started, "exit") : Promise.resolve()));
  else void app.start();
  const firstMs = (await firstCard(publish, sink, peer?.name ?? "this program")) - beganAt;
  const pid = started?.pid ?? app.pid;
  await setTimeout(REST_MS);
  const restMb = residentMb(pid);
  const latencies = await publishInTurn(publish, sink);
  const beforeMs = processorMs(pid);
  const burstAt = monotonicMs();
  for (let n = 0; n < BURST; n++) publish(FIRST_OF_BURST + n);
  const seconds = (Math.max(...(await cardsOf(sink, FIRST_OF_BURST, BURST)).values()) - burstAt) / 1_000;
  return {
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    perSecond: BURST / seconds,
    processorS: (processorMs(pid) - beforeMs) / 1_000,
    firstMs,
    restMb,
  };
}

const textOf = (n: number): string => `Coil ${n} is hot: ${(80 + (n % 97) / 10).toFixed(1)} °C is above 80 °C`;

/** @param url where warnings are posted, each as an alert of its own, again until they are taken; `null`: by the broker */
async function publisherFor(url: string | null, brokerUrl: string, defer: Defer): Promise<(n: number) => void> {
  if (url === null) {
    const client = await mqtt.connectAsync(brokerUrl);
    defer(() => client.endAsync());
    return (n) => void client.publish(TOPIC, textOf(n), { qos: 1 });
  }
  let waiting: number[] = [];
  let isOpen = true;
  defer(async () => (isOpen = false));
  const post = async (): Promise<void> => {
    while (isOpen && waiting.length > 0) {
      const part = waiting.slice(0, PER_CALL);
      const alerts = part.map((n) => ({ labels: { alertname: `${n}` }, annotations: { summary: textOf(n) } }));
      const headers = { "content-type": "application/json" };
      const taken = await fetch(url, { method: "POST", headers, body: JSON.stringify(alerts) }).catch(() => null);
      if (taken?.ok) waiting = waiting.slice(part.length);
      else await setTimeout(EVERY_MS);
    }
  };
  let posting = Promise.resolve();
  return (n) => {
    waiting.push(n);
    if (waiting.length === 1) posting = posting.then(post);
  };
}

/** Warns until a card of `program` comes; resolves with when that was. */
async function firstCard(publish: (n: number) => void, sink: Sink, program: string): Promise<number> {
  let probe = PROBES;
  const isShown = async () => (await sink.calls()).find(({ method }) => method === "sendMessage");
  await waitUntil(
    `the first card of ${program} came`,
    async () => (publish(probe++), (await isShown()) !== undefined),
    {
      everyMs: EVERY_MS,
    },
  );
  return (await isShown())?.receivedAt ?? Number.NaN;
}

async function publishInTurn(publish: (n: number) => void, sink: Sink): Promise<number[]> {
  const publishedAt = new Map<number, number>();
  const beganAt = monotonicMs();
  for (let i = 0; i < PACED; i++) {
    await setTimeout(Math.max(0, beganAt + i * EVERY_MS - monotonicMs()));
    publishedAt.set(FIRST_PACED + i, monotonicMs());
    publish(FIRST_PACED + i);
  }
  const receivedAt = await cardsOf(sink, FIRST_PACED, PACED);
  return [...publishedAt].map(([n, at]) => (receivedAt.get(n) ?? Number.NaN) - at);
}

/** Waits for the cards of so many warnings; resolves with when each came. */
async function cardsOf(sink: Sink, first: number, count: number): Promise<ReadonlyMap<number, number>> {
  const receivedAt = new Map<number, number>();
  const look = async (): Promise<boolean> => {
    for (const { method, text, receivedAt: at } of await sink.calls()) {
      const n = alarmOf(text);
      if (method === "sendMessage" && n >= first && n < first + count && !receivedAt.has(n)) receivedAt.set(n, at);
    }
    return receivedAt.size === count;
  };
  await waitUntil(`there are ${count} cards`, look, { timeoutMs: 120_000 });
  return receivedAt;
}

function medianOf(samples: readonly Sample[]): Sample {
  const of = (name: keyof Sample): number =>
    percentile(
      samples.map((sample) => sample[name]),
      0.5,
    );
  const [p50, p99, perSecond] = [of("p50"), of("p99"), of("perSecond")];
  return { p50, p99, perSecond, processorS: of("processorS"), firstMs: of("firstMs"), restMb: of("restMb") };
}

function figuresOf(ours: Sample, theirs: ReadonlyMap<Peer, Sample>): Figure[] {
  const best = Math.min(...[...theirs.values()].map(({ p99 }) => p99));
  const eachOf = (make: (peer: Peer, sample: Sample) => Figure): Figure[] =>
    [...theirs].map(([peer, sample]) => make(peer, sample));
  const thesis = theirs.get(THESIS_BOT);
  return [
    ...eachOf((peer, { p50 }) => {
      const aim = peer === THESIS_BOT ? { atMost: 1.3 } : { atMost: 1 };
      return ratio(`publish → sendMessage, 20/s, beside ${peer.name}: p50`, aim, ours.p50, p50, "ms");
    }),
    ...(theirs.size > 0 ? [ratio("… p99, beside the best of them", { atMost: 1.5 }, ours.p99, best, "ms")] : []),
    ...eachOf((peer, { perSecond }) =>
      ratio(`2,000 at once to one chat, beside ${peer.name}`, { atLeast: 1 }, ours.perSecond, perSecond, "/s"),
    ),
    atMost("… processor for these 2,000", 1.5, ours.processorS, "s"),
    ...(thesis
      ? [ratio("start → first alarm, beside the thesis’ bot", { atMost: 0.45 }, ours.firstMs, thesis.firstMs, "ms")]
      : []),
    atMost("memory at rest", 115, ours.restMb, "MB"),
  ];
}
