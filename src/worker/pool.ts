import type { Job, ResultOf } from "./jobs.ts";
import { createThread, type Thread } from "./thread.ts";
import { WorkerError } from "./worker-error.ts";

/** Work off the main thread. */
export interface WorkerPool {
  /**
   * Does a job in its turn. The job's arrays are moved away.
   * @throws WorkerError when no result came; the error of the job itself, such as an `UpstreamError` from parsing.
   */
  run<J extends Job>(job: J): Promise<ResultOf<J>>;
  /** Rejects what waits or is under way as `stopped`, and so everything that comes later. */
  stop(): Promise<void>;
}

/** The part of a logger that the pool needs. */
interface Log {
  warn(fields: object, text: string): void;
}

interface Options {
  readonly log?: Log;
  /** A job under way for longer is given up; counted from when the thread gets it, with the thread's start of about 0.3 s. */
  readonly timeoutMs?: number;
  /** Without jobs for so long, the thread is ended and its memory given back. */
  readonly idleMs?: number;
  /** Jobs that may wait while one is under way; more are refused as `full`. */
  readonly maxQueue?: number;
  /** What the thread runs; another program only in tests. */
  readonly program?: URL;
}

interface Waiting {
  readonly job: Job;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

const PROGRAM = new URL("./worker.ts", import.meta.url);

/** Makes a pool of one thread, which is started by the first job, replaced when it is lost, and ended when idle. */
export function createWorker(options: Options = {}): WorkerPool {
  const { log, timeoutMs = 10_000, idleMs = 60_000, maxQueue = 32, program = PROGRAM } = options;
  const queue: Waiting[] = [];
  let thread: Thread | null = null;
  let isWorking = false;
  let isStopped = false;
  let idleTimer: NodeJS.Timeout | undefined;

  const runInThread = (job: Job) => {
    if (!thread?.isAlive()) thread = createThread({ program, timeoutMs });
    return thread.run(job);
  };

  const work = async () => {
    isWorking = true;
    clearTimeout(idleTimer);
    for (let waiting = queue.shift(); waiting !== undefined; waiting = queue.shift()) {
      const { job, resolve, reject } = waiting;
      try {
        resolve(await runInThread(job));
      } catch (error) {
        if (!thread?.isAlive() && !isStopped) log?.warn({ err: error, job: job.kind }, "worker thread lost");
        reject(error);
      }
    }
    isWorking = false;
    if (!isStopped) idleTimer = setTimeout(() => void thread?.stop(), idleMs).unref();
  };

  return {
    run<J extends Job>(job: J) {
      return new Promise<ResultOf<J>>((resolve, reject) => {
        if (isStopped) return reject(stopped());
        if (queue.length >= maxQueue) return reject(new WorkerError("full", `${maxQueue} jobs are waiting already`));
        queue.push({ job, resolve: (result) => resolve(result as ResultOf<J>), reject });
        if (!isWorking) void work();
      });
    },
    async stop() {
      isStopped = true;
      clearTimeout(idleTimer);
      for (const { reject } of queue.splice(0)) reject(stopped());
      await thread?.stop();
    },
  };
}

function stopped(): WorkerError {
  return new WorkerError("stopped", "the worker was stopped");
}
