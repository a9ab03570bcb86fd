import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { shapesIn } from "../support/metrics.ts";
import { startMetrics, type StartedMetrics } from "../support/started-metrics.ts";

let metrics: StartedMetrics;
beforeEach(async () => {
  metrics = await startMetrics();
});
afterEach(() => metrics.close());

/** A metric's type and its labels, in words. */
function shapesOf(text: string): ReadonlyMap<string, string> {
  return new Map([...shapesIn(text)].map(([name, { type, labels }]) => [name, [type, ...labels].join(" ")]));
}

describe("metrics", () => {
  it("keep names, types and labels, which dashboards and rules elsewhere go by", async () => {
    const { called, read } = metrics;
    called("sendMessage", "ok", 0.2);
    const shapes = shapesOf(await read());
    for (const [name, shape] of Object.entries({
      valvomo_info: "gauge version",
      valvomo_up: "gauge",
      valvomo_standbys: "gauge",
      valvomo_link_up: "gauge link",
      valvomo_broker_loop_up: "gauge filter",
      valvomo_broker_loop_seconds: "gauge filter",
      valvomo_events_total: "counter",
      valvomo_alarms_active: "gauge severity",
      valvomo_cards_waiting: "gauge",
      valvomo_cards_oldest_wait_seconds: "gauge",
      valvomo_cards_refused: "gauge",
      valvomo_telegram_calls_total: "counter result",
      valvomo_dropped_total: "counter what",
      valvomo_commit_seconds: "histogram",
      process_start_time_seconds: "gauge",
      process_resident_memory_bytes: "gauge",
      nodejs_heap_size_used_bytes: "gauge",
      process_cpu_seconds_total: "counter",
    })) {
      expect([name, shapes.get(name)]).toEqual([name, shape]);
    }
  });

  it("count what the lanes do", async () => {
    const { stepped, decided, retried, retriedOut, shown, called, read } = metrics;
    stepped("call");
    decided({ action: "send", reason: "first", isSilent: false });
    retried("card", "limited");
    retriedOut("secondUrl");
    shown("critical", 0.7);
    called("sendMessage", "ok", 0.2);
    const lines = (await read()).split("\n");
    for (const line of [
      'valvomo_lane_steps_total{step="call"} 1',
      'valvomo_decisions_total{action="send",reason="first"} 1',
      'valvomo_retries_total{what="card",why="limited"} 1',
      'valvomo_retries_total{what="secondUrl",why="failed"} 1',
      'valvomo_shown_seconds_bucket{le="0.5",severity="critical"} 0',
      'valvomo_shown_seconds_bucket{le="1",severity="critical"} 1',
      'valvomo_telegram_call_seconds_count{method="sendMessage",result="ok"} 1',
      'valvomo_dropped_total{what="strangers"} 4',
      'valvomo_dropped_total{what="unread"} 5',
      "nodejs_eventloop_lag_p99_seconds 0.02",
      "nodejs_eventloop_lag_max_seconds 0.3",
    ]) {
      expect(lines).toContain(line);
    }
  });

  it("are written in the text format of Prometheus, labels escaped, however often they are asked for", async () => {
    const { called, read } = metrics;
    called("sendMessage", "ok", 0.2);
    called("sendMessage", "ok", 0.2);
    await read();
    const lines = (await read()).split("\n");
    for (const line of [
      "# HELP valvomo_up Whether /healthz says that all is well.",
      "# TYPE valvomo_up gauge",
      "valvomo_up 1",
      'valvomo_info{version="1.2.3"} 1',
      'valvomo_link_up{link="telegram"} 0',
      'valvomo_broker_loop_up{filter="a\\"b\\\\c\\nd/#"} 1',
      'valvomo_telegram_calls_total{result="ok"} 2',
      'valvomo_dropped_total{what="live message"} 2',
      "valvomo_events_total 0",
      "valvomo_cards_oldest_wait_seconds 90",
    ]) {
      expect(lines).toContain(line);
    }
  });

  it("count how long commits take, each bound with all that is within it", async () => {
    const { committed, read } = metrics;
    for (const seconds of [0.0001, 0.004, 0.004, 30]) committed(seconds);
    const lines = (await read()).split("\n");
    for (const line of [
      'valvomo_commit_seconds_bucket{le="0.0001"} 1',
      'valvomo_commit_seconds_bucket{le="0.0025"} 1',
      'valvomo_commit_seconds_bucket{le="0.005"} 3',
      'valvomo_commit_seconds_bucket{le="1"} 3',
      'valvomo_commit_seconds_bucket{le="+Inf"} 4',
      "valvomo_commit_seconds_sum 30.0081",
      "valvomo_commit_seconds_count 4",
    ]) {
      expect(lines).toContain(line);
    }
  });

  it("of one program say nothing of another in the same process", async () => {
    const other = await startMetrics();
    metrics.called("sendMessage", "ok", 0.2);
    expect(await metrics.read()).toContain('valvomo_telegram_calls_total{result="ok"} 1');
    expect(await other.read()).not.toContain("valvomo_telegram_calls_total{");
    await other.close();
  });
});
