import { expect, it } from "vitest";
import { ConfigError, UpstreamError } from "../../src/lib/errors.ts";
import { explain } from "../../src/measurements/explain.ts";
import { WorkerError } from "../../src/lib/worker-error.ts";

it.each([
  [new UpstreamError("slow", "15000 ms"), "ThingSpeak does not answer in time."],
  [new WorkerError("slow", "10000 ms"), "Drawing took too long. Ask for a shorter period."],
  [new WorkerError("died", "out of memory"), "The drawing was lost. Please ask again."],
  [new WorkerError("full", "32 jobs"), "Many plots are being drawn already."],
  [new ConfigError(["feed.csv: line 3: 5 cells."]), "feed.csv: line 3: 5 cells."],
  [new Error("secret"), "Something went wrong."],
])("%s is explained in a sentence", (error, sentence) => {
  expect(explain(error)).toContain(sentence);
  expect(explain(error)).not.toContain("secret");
});
