import { availableParallelism } from "node:os";
import { isReading, type Job, type JobResult } from "./jobs.ts";
import { createThread, type Thread } from "./thread.ts";
import { WorkerError } from "../lib/worker-error.ts";

/** Work off the main thread. */
export interface WorkerPool {
  /**
   * Does a job in its turn. The job's arrays are moved away.
   * @throws WorkerError when no result came; the error of the job itself, such as an `UpstreamError` from parsing.
   */
  run<J extends Job>(job: J): Promise<JobResult<J>>;
  /** Rejects what waits or is under way as `stopped`, and so everything that comes later. */
  readonly stop: () => Promise<void>;
}

/** The part of a logger that the pool needs. */
interface Log {
  warn(fields: object, text: string): void;
}

interface PoolOptions {
  readonly log?: Log;
  /** A job under way for longer is given up; counted from when the thread gets it, with the thread's start of about 0.3 s. */
  readonly timeoutMs?: number;
  /** Without jobs for so long, the thread is ended and its memory given back. */
  readonly idleMs?: number;
  /** How many threads there are at most; the main thread keeps one core for itself. */
  readonly size?: number;
  /** Jobs that may wait while all threads work; more are refused as `full`. */
  readonly maxQueue?: number;
  /** A thread whose heap outgrows this is lost, and replaced; MB. Numbers and pixels are kept outside of it. */
  readonly maxHeapMb?: number;
  /** What the thread runs; another program only in tests. */
  readonly program?: URL;
}

interface Waiting {
  readonly job: Job;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Where one thread works. */
interface Seat {
  thread: Thread | null;
  isWorking: boolean;
  idleTimer: NodeJS.Timeout | undefined;
}

const PROGRAM = new URL("./worker.ts", import.meta.url);

/** A report and the one that it is compared with need one thread; then its memory is given back. */
const IDLE_READING_MS = 5_000;

/**
 * Makes a pool whose threads are started when there is work for them, replaced when lost, and ended when idle. What reads from the
 * database has a thread of its own, so that no plot waits for a report.
 */
export function createWorker(options: PoolOptions = {}): WorkerPool {
  const usual = createPool(options);
  const reading = createPool({ ...options, size: 1, idleMs: Math.min(options.idleMs ?? Infinity, IDLE_READING_MS) });
  return {
    run: (job) => (isReading(job) ? reading : usual).run(job),
    async stop() {
      await Promise.all([usual.stop(), reading.stop()]);
    },
  };
}

function createPool(options: PoolOptions): WorkerPool {
  const { log, timeoutMs = 10_000, idleMs = 60_000, maxQueue = 32, maxHeapMb = 512, program = PROGRAM } = options;
  const size = options.size ?? Math.max(1, availableParallelism() - 1);
  const queue: Waiting[] = [];
  const seats = Array.from({ length: size }, (): Seat => ({ thread: null, isWorking: false, idleTimer: undefined }));
  let isStopped = false;

  /** Does what waits, one job after the other, until nothing does. */
  async function work(seat: Seat): Promise<void> {
    seat.isWorking = true;
    clearTimeout(seat.idleTimer);
    for (let waiting = queue.shift(); waiting !== undefined; waiting = queue.shift()) {
      const { job, resolve, reject } = waiting;
      if (!seat.thread?.isAlive()) seat.thread = createThread({ program, timeoutMs, maxHeapMb });
      try {
        resolve(await seat.thread.run(job));
      } catch (error) {
        if (!seat.thread.isAlive() && !isStopped) log?.warn({ err: error, job: job.kind }, "worker thread lost");
        reject(error);
      }
    }
    seat.isWorking = false;
    if (!isStopped) seat.idleTimer = setTimeout(() => void seat.thread?.stop(), idleMs).unref();
  }

  return {
    run<J extends Job>(job: J) {
      return new Promise<JobResult<J>>((resolve, reject) => {
        if (isStopped) return reject(stopped());
        if (queue.length >= maxQueue) return reject(new WorkerError("full", `${maxQueue} jobs are waiting already`));
        queue.push({ job, resolve: (result) => resolve(result as JobResult<J>), reject });
        // One that has its thread already is at once at work.
        const free = seats.filter(({ isWorking }) => !isWorking);
        const seat = free.find(({ thread }) => thread?.isAlive()) ?? free[0];
        if (seat) void work(seat);
      });
    },
    async stop() {
      isStopped = true;
      for (const { reject } of queue.splice(0)) reject(stopped());
      for (const { idleTimer } of seats) clearTimeout(idleTimer);
      await Promise.all(seats.map(async ({ thread }) => thread?.stop()));
    },
  };
}

function stopped(): WorkerError {
  return new WorkerError("stopped", "the worker was stopped");
}
