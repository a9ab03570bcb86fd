import type { Logger } from "../lib/log.ts";
import type { Clock } from "../lib/time/clock.ts";
import type { LeaseTable, Me } from "./types.ts";

/** What a lease is made from. */
export interface LeaseOptions {
  readonly table: LeaseTable;
  readonly me: Me;
  readonly clock: Clock;
  /** Is told the server’s time, and when it was asked by `elapsed`. */
  readonly onTime?: (serverNow: number, begunAt: number) => void;
  /** Somebody else has it: this process is to end at once. */
  readonly onLost: (reason: string) => void;
  /** It cannot be renewed and is nearly over: what is to be said must be said now. */
  readonly onLapsing?: (error: unknown) => void;
  readonly random?: () => number;
  readonly log: Logger;
}
