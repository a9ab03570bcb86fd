import { parentPort } from "node:worker_threads";
import { drawChart, prepareDrawing } from "../charts/draw.ts";
import { drawHeatMap } from "../charts/heat-map.ts";
import { tracedLines } from "../charts/traced-line.ts";
import { digestOf } from "../queries/field-summary.ts";
import { forecast } from "../measurements/forecast.ts";
import { factsOf } from "../measurements/statistics.ts";
import { parseFeed } from "../thingspeak/feed.ts";
import type { openReaderApart } from "../store/quality/reader.ts";
import type { DatabaseSettings } from "../store/sql/settings.ts";
import { buffersOf, toFailure, type Job, type WorkerReply, type Results, type Statistics } from "./jobs.ts";

/**
 * The program of the worker thread, for what would block the main one: it answers each job with one reply, in order.
 */

async function perform(job: Job): Promise<Results[Job["kind"]]> {
  switch (job.kind) {
    case "prepare":
      prepareDrawing();
      return null;
    case "parse":
      return parseFeed(job.csv, job.linesBefore, job.own);
    case "draw":
      return draw(job);
    case "digest":
      return digestOf(job.request);
    case "heatMap":
      return drawHeatMap(job.request);
    case "quality":
      return qualityOf(job);
    case "whatIf":
      return whatIf(job);
  }
}

async function qualityOf({ database, request }: Job & { kind: "quality" }): Promise<Results["quality"]> {
  const { readQuality } = await import("../store/quality/history.ts");
  return readApart(database, (reader) => readQuality(reader, request));
}

async function whatIf({ database, request }: Job & { kind: "whatIf" }): Promise<Results["whatIf"]> {
  const { readWhatIf } = await import("../store/quality/alarm-past.ts");
  return readApart(database, (reader) => readWhatIf(reader, request));
}

/** The database is asked from here, so that nothing else waits for millions of rows. */
async function readApart<T>(
  database: DatabaseSettings,
  read: (reader: Awaited<ReturnType<typeof openReaderApart>>) => Promise<T>,
): Promise<T> {
  const apart = await import("../store/quality/reader.ts");
  const reader = await apart.openReaderApart(database);
  try {
    return await read(reader);
  } finally {
    await reader.close();
  }
}

function draw({ request, isCurrent }: Job & { kind: "draw" }): Results["draw"] {
  const lines = tracedLines(request);
  const statistics = lines.map(({ trace, measurement }): Statistics => ({
    ...factsOf(trace, request, measurement),
    // What a caption says of it is which limit is reached.
    forecast:
      isCurrent && measurement.limits.length > 0 ? forecast(trace.series, measurement.limits, request.endAt) : null,
  }));
  return { png: drawChart(request, lines), statistics };
}

async function answer(job: Job): Promise<WorkerReply> {
  try {
    return { result: await perform(job) };
  } catch (error) {
    return { failure: toFailure(error) };
  }
}

parentPort?.on("message", (job: Job) => {
  void answer(job).then((reply) => parentPort?.postMessage(reply, buffersOf(reply)));
});
