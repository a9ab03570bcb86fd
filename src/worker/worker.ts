import { parentPort } from "node:worker_threads";
import { drawChart } from "../charts/draw.ts";
import { summarize } from "../charts/series.ts";
import { parseFeed } from "../thingspeak/feed.ts";
import { buffersOf, toFailure, type Job, type Reply, type Results } from "./jobs.ts";

/**
 * The program of the worker thread, for what would block the main one: it answers each job with one reply, in order.
 */

async function perform(job: Job): Promise<Results[Job["kind"]]> {
  switch (job.kind) {
    case "parse":
      return parseFeed(job.csv);
    case "draw":
      return { png: drawChart(job.request), summary: summarize(job.request.series) };
  }
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
