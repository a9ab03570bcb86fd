import { parentPort } from "node:worker_threads";
import { drawChart } from "../charts/draw.ts";
import { sortByTime } from "../charts/series.ts";
import { forecast } from "../plots/forecast.ts";
import { factsOf } from "../plots/statistics.ts";
import { parseFeed } from "../thingspeak/feed.ts";
import { buffersOf, toFailure, type Job, type Reply, type Results, type Statistics } from "./jobs.ts";

/**
 * The program of the worker thread, for what would block the main one: it answers each job with one reply, in order.
 */

async function perform(job: Job): Promise<Results[Job["kind"]]> {
  switch (job.kind) {
    case "parse":
      return parseFeed(job.csv, job.linesBefore);
    case "draw":
      return { png: drawChart(job.request), statistics: statisticsOf(job) };
  }
}

function statisticsOf({ request: { lines, startAt, endAt }, isCurrent }: Job & { kind: "draw" }): Statistics[] {
  return lines.map(({ series, measurement }) => {
    const sorted = sortByTime(series);
    return {
      ...factsOf(sorted, { startAt, endAt }, measurement),
      forecast: isCurrent ? forecast(sorted, measurement.limits, endAt) : null,
    };
  });
}

async function answer(job: Job): Promise<Reply> {
  try {
    return { result: await perform(job) };
  } catch (error) {
    return { failure: toFailure(error) };
  }
}

parentPort?.on("message", (job: Job) => {
  void answer(job).then((reply) => parentPort?.postMessage(reply, buffersOf(reply)));
});
