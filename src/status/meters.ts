import type * as client from "prom-client";
import { Counter, Histogram, Registry } from "./prometheus.ts";
import { SEVERITIES } from "../alarms/types.ts";
import type { LaneMeter } from "../dispatch/tally.ts";
import type { OutboxKind } from "../store/outbox.ts";
import type { CallResult } from "../telegram/api/api-health.ts";

/** What is counted while the program works, from its start on. */
export interface Meters extends LaneMeter {
  /** Of this program alone, not of the whole process. */
  readonly registry: client.Registry;
  /** A commit that waits for the disk took so long. */
  readonly committed: (seconds: number) => void;
  /** A call of the Bot API ended. */
  readonly called: (method: string, result: CallResult, seconds: number) => void;
  /** What goes out besides cards was not sent, and is tried again; left out: why it was not is in the log alone. */
  readonly retriedOut: (what: OutboxKind | "thingspeak", why?: string) => void;
}

/** From a tenth of a millisecond to where people notice. */
const COMMIT_BOUNDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];
/** From what nobody notices to when a call is given up (client.ts); few, as there are as many of each method and result. */
const CALL_BOUNDS = [0.1, 0.5, 2, 12];
/** From what nobody notices, over a turn in a busy group, to an outage. */
const SHOWN_BOUNDS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1_800];

/** What is counted from nothing on: Prometheus sees no increase in the first number of a series. */
const STEPS = ["call", "settle", "putOff", "park", "fail", "leaveAlone", "awaitTurn", "rest"] as const;
const OUTGOING = ["mqtt", "secondTopic", "secondUrl"] as const;

/** Starts to count. */
export function createMeters(): Meters {
  const registry = new Registry();
  const { shown, decisions, steps, retries, calls, callSeconds, commits } = instrumentsOf([registry]);
  for (const severity of SEVERITIES) shown.zero({ severity });
  for (const step of STEPS) steps.inc({ step }, 0);
  for (const what of OUTGOING) retries.inc({ what, why: "failed" }, 0);
  return {
    registry,
    stepped: (step) => steps.inc({ step }),
    decided: ({ action, reason }) => decisions.inc({ action, reason }),
    retried: (what, why) => retries.inc({ what, why }),
    shown: (severity, seconds) => shown.observe({ severity }, seconds),
    committed: (seconds) => commits.observe(seconds),
    called(method, result, seconds) {
      calls.inc({ result });
      callSeconds.observe({ method, result }, seconds);
    },
    retriedOut: (what, why = "failed") => retries.inc({ what, why }),
  };
}

/** Every metric that is counted; docs/monitoring.md has a row for each. */
const instrumentsOf = (registers: client.Registry[]) => ({
  shown: new Histogram({
    name: "valvomo_shown_seconds",
    help: "From the receipt of an alarm's event until Telegram answered that it is shown: that it came, came back, or got worse.",
    labelNames: ["severity"],
    buckets: SHOWN_BOUNDS,
    registers,
  }),
  decisions: new Counter({
    name: "valvomo_decisions_total",
    help: "What was done so that a chat sees of an alarm what it should, and why, as /why tells.",
    labelNames: ["action", "reason"],
    registers,
  }),
  steps: new Counter({
    name: "valvomo_lane_steps_total",
    help: "Steps of the chats' lanes, by what they did; only call makes a call.",
    labelNames: ["step"],
    registers,
  }),
  retries: new Counter({
    name: "valvomo_retries_total",
    help: "What failed and is done again: cards and boards by how Telegram answered, and what else goes out.",
    labelNames: ["what", "why"],
    registers,
  }),
  calls: new Counter({
    name: "valvomo_telegram_calls_total",
    help: "Calls of the Bot API, by how they ended: limited is 429.",
    labelNames: ["result"],
    registers,
  }),
  callSeconds: new Histogram({
    name: "valvomo_telegram_call_seconds",
    help: "How long calls of the Bot API took, by method and how they ended; getUpdates waits for updates.",
    labelNames: ["method", "result"],
    buckets: CALL_BOUNDS,
    registers,
  }),
  commits: new Histogram({
    name: "valvomo_commit_seconds",
    help: "How long it took until what came was safe on the disk.",
    buckets: COMMIT_BOUNDS,
    registers,
  }),
});
