import { Worker } from "node:worker_threads";
import { buffersOf, fromFailure, isReading, type Job, type WorkerReply } from "./jobs.ts";
import { WorkerError } from "../lib/worker-error.ts";

/** One thread, for one job at a time. After an error of reason `slow` or `died` it is gone and another must be made. */
export interface Thread {
  /** Whether it takes jobs. */
  isAlive(): boolean;
  /** Moves the job's arrays to the thread. Rejects with a `WorkerError`, or with the error that the job threw. */
  run(job: Job): Promise<unknown>;
  /** Ends it at once; a job under way is rejected as `stopped`. */
  stop(): Promise<void>;
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Millions of rows on a slow machine take so many times as long as what is drawn. */
const READING = 6;

/**
 * Starts `program` in a thread. By itself it does not keep the process alive; a job under way does, until its time is up.
 * @param options.maxHeapMb what a job needs beyond that costs its thread, not the process
 */
export function createThread(options: { program: URL; timeoutMs: number; maxHeapMb: number }): Thread {
  const { program, timeoutMs, maxHeapMb } = options;
  const worker = new Worker(program, { resourceLimits: { maxOldGenerationSizeMb: maxHeapMb }, execArgv: [] });
  let isAlive = true;
  let pending: Pending | null = null;

  const settle = () => {
    const settled = pending;
    pending = null;
    clearTimeout(settled?.timer);
    return settled;
  };
  const end = (error: WorkerError) => {
    isAlive = false;
    settle()?.reject(error);
    return worker.terminate();
  };

  worker.on("message", (reply: WorkerReply) => {
    if ("failure" in reply) settle()?.reject(fromFailure(reply.failure));
    else settle()?.resolve(reply.result);
  });
  worker.on("error", (error) => void end(new WorkerError("died", `the thread died: ${String(error)}`)));
  worker.on("exit", (code) => void end(new WorkerError("died", `the thread ended with code ${code}`)));
  // Only now: to listen for messages takes back an earlier `unref`.
  worker.unref();

  return {
    isAlive: () => isAlive,
    run(job) {
      return new Promise((resolve, reject) => {
        const patienceMs = timeoutMs * (isReading(job) ? READING : 1);
        const tooSlow = () => void end(new WorkerError("slow", `the job took longer than ${patienceMs} ms`));
        worker.postMessage(job, buffersOf(job));
        pending = { resolve, reject, timer: setTimeout(tooSlow, patienceMs) };
      });
    },
    async stop() {
      await end(new WorkerError("stopped", "the worker was stopped"));
    },
  };
}
