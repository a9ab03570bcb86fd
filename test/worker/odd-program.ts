import { parentPort, threadId } from "node:worker_threads";

/** A worker program that misbehaves as its jobs ask for; otherwise it answers with the job and its own thread's id. */
parentPort?.on("message", (job: { kind: string }) => {
  if (job.kind === "hang") for (;;);
  if (job.kind === "throw") throw new Error("out of ideas");
  if (job.kind === "exit") process.exit(3);
  if (job.kind === "grow") {
    for (const kept: number[][] = []; ;) kept.push(Array.from({ length: 10_000 }, (_, i) => i + kept.length / 2));
  }
  parentPort?.postMessage({ result: { job, threadId } }, []);
});
