/** Why the worker gave no result: too slow, its thread died, the job threw, too many wait, or it was stopped. */
export type WorkerErrorReason = "slow" | "died" | "failed" | "full" | "stopped";

/** The worker thread gave no result; the reader's sentence is made from `reason` where it is shown. The next job may well work. */
export class WorkerError extends Error {
  override readonly name = "WorkerError";
  readonly reason: WorkerErrorReason;

  constructor(reason: WorkerErrorReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
