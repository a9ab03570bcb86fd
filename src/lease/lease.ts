import type { Clock } from "../lib/time/clock.ts";
import { ConfigError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import { AwayError } from "../store/sql/server-failure.ts";
import type { WritingRight } from "../store/sql/settings.ts";
import type { LeaseTable, Me, Process, Standing, TakeOver } from "./types.ts";
import { otherSettings } from "./words.ts";

/** For how long the lease is given; what the others wait for when its holder says nothing any more. */
export const TTL_MS = 3_000;
/** The holder stops so much earlier: its clock and the server’s do not run quite alike. */
const MARGIN_MS = 500;
/** Between two renewals, and a little more or less, so that several processes do not step in time. */
const RENEW_MS = 750;
/** Between two looks of a process that stands by. */
const LOOK_MS = 250;
/** After one that failed. */
const AGAIN_MS = 100;
/** Who is alone tries to renew at least so often, however long each try takes. */
const AWAKE_MS = 5_000;
const JITTER = 0.2;
/** So long before the lease is over that cannot be renewed, last words are said: after it nothing may be. */
const LAST_WORDS_MS = 700;

/** The right to act: of several processes with the same settings at one database, one has it. */
export interface Lease {
  /**
   * Waits until this process is the active one, and goes on to renew that.
   * @param onStandingBy there is an active one: who
   * @throws ConfigError if the active one has other settings; whatever the server says at the first look
   */
  take(onStandingBy: (active: string) => void): Promise<TakeOver>;
  /** Whether this process may act outwards now: to be asked before each call to Telegram, each connection to a broker, each publication. */
  isHeld(): boolean;
  /** Who there is, ourselves first. */
  processes(): readonly Process[];
  /** Which take-over made this process the active one; `null`: none yet. */
  takenOver(): TakeOver | null;
  /** What it writes with; `null`: it is not the active one. */
  right(): WritingRight | null;
  /** Hands it to whoever stands by, and leaves. */
  release(): Promise<void>;
}

/** What the app needs of it. */
export type HeldLease = Omit<Lease, "take" | "release">;

/** The lease of a program that is alone: nobody takes it. */
export const ALWAYS_HELD: HeldLease = {
  isHeld: () => true,
  processes: () => [],
  takenOver: () => null,
  right: () => null,
};

/**
 * Creates it. The server’s clock decides whether a lease is over. Its holder trusts it only until some time after it *began* to
 * ask for it, by a clock that nobody sets, and by the other as well, as the first stands still while a machine sleeps.
 *
 * While the server cannot be reached, it lapses: nothing is to be done then until it could be renewed. A holder that is known to be
 * alone goes on without a server, as there is nobody who could have taken over.
 * @param options.onLost somebody else has it: this process is to end at once
 * @param options.onLapsing it cannot be renewed and is nearly over: what is to be said must be said now
 */
export function createLease(options: {
  readonly table: LeaseTable;
  readonly me: Me;
  readonly clock: Clock;
  /** Is told the server’s time, and when it was asked by `elapsed`. */
  readonly onTime?: (serverNow: number, begunAt: number) => void;
  readonly onLost: (reason: string) => void;
  readonly onLapsing?: (error: unknown) => void;
  readonly random?: () => number;
  readonly log: Logger;
}): Lease {
  const { table, me, clock, onTime, onLost, onLapsing, random = Math.random, log } = options;
  let term: number | null = null;
  /** By both clocks. */
  let trusted = { elapsed: Number.NEGATIVE_INFINITY, now: Number.NEGATIVE_INFINITY };
  /** Whether nobody else was there at the newest renewal. */
  let isAlone = false;
  /** When the newest try to renew came to its end, whichever it was; by the clock that nobody sets. */
  let triedAt = Number.NEGATIVE_INFINITY;
  let processes: readonly Process[] = [];
  let takenOver: TakeOver | null = null;
  /** Who has it, while we do not. */
  let holder = "";
  let cancel = (): void => undefined;
  let cancelLastWords = (): void => undefined;
  let isEnded = false;
  /** The step under way. */
  let beating: Promise<void> = Promise.resolve();
  /** Why the newest try to renew failed; `null`: it did not. */
  let failure: unknown = null;
  /** Why we wait, told already. */
  let told: string | null = null;

  const isTrusted = (): boolean => clock.elapsed() < trusted.elapsed && clock.now() < trusted.now;
  /** One that stood still cannot know whether it is alone. */
  const isAwake = (): boolean => clock.elapsed() - triedAt < AWAKE_MS;
  const isHeld = (): boolean => term !== null && !isEnded && (isTrusted() || (isAlone && isAwake()));

  function tell(reason: string | null): void {
    if (reason !== null && reason !== told) log.warn({ reason }, "waiting for the lease");
    told = reason;
  }

  function trust(begun: { readonly elapsed: number; readonly now: number }): void {
    const validMs = TTL_MS - MARGIN_MS;
    trusted = { elapsed: begun.elapsed + validMs, now: begun.now + validMs };
    cancelLastWords();
    cancelLastWords = clock.after(validMs - LAST_WORDS_MS, () => {
      if (!isAlone) onLapsing?.(failure ?? new AwayError("PostgreSQL does not answer"));
    });
  }

  async function look(as: "active" | "standby"): Promise<Standing> {
    const begunAt = clock.elapsed();
    const standing = await table.look(me, as);
    onTime?.(standing.now, begunAt);
    processes = standing.processes;
    return standing;
  }

  /** The step of the active one; returns when to take the next. */
  async function renew(held: number): Promise<number> {
    const begun = { elapsed: clock.elapsed(), now: clock.now() };
    // Both are asked at once: on a slow server one after the other would take what there is of time.
    const looking = look("active");
    looking.catch(() => undefined);
    const renewed = await table.renew(me, held);
    if (renewed === null) {
      lose();
      return 0;
    }
    isAlone = renewed.isAlone;
    failure = null;
    trust(begun);
    await looking;
    return Math.max(AGAIN_MS, RENEW_MS - (clock.elapsed() - begun.elapsed));
  }

  function lose(): void {
    end();
    onLost("another process has taken over");
  }

  /** The step of one that stands by; returns when to look again, or what it has taken over. */
  async function stand(): Promise<TakeOver | number> {
    const begun = { elapsed: clock.elapsed(), now: clock.now() };
    const { lease } = await look("standby");
    if (lease !== null) {
      holder = lease.holder;
      if (lease.remainingMs > 0 && lease.settings !== me.settings) throw otherSettings(lease.holder);
      if (lease.schema > me.schema) {
        tell(
          `the database is a newer Valvomo’s (schema ${lease.schema}; this one knows ${me.schema}): update this one`,
        );
        return LOOK_MS;
      }
      if (lease.remainingMs > 0) return Math.min(LOOK_MS, lease.remainingMs + 1);
    }
    const taken = await table.claim(me);
    if (taken === null) return LOOK_MS;
    term = taken.term;
    takenOver = taken.takeOver;
    trust(begun);
    return taken.takeOver;
  }

  /** Renews without end. */
  function keepUp(afterMs: number): void {
    if (isEnded || term === null) return;
    const held = term;
    cancel = clock.after(afterMs * (1 + JITTER * (random() - 0.5)), () => {
      beating = step(held);
    });
  }

  async function step(held: number): Promise<void> {
    const afterMs = await renew(held).catch((error: unknown) => {
      log.warn({ err: error }, "the lease was not renewed; trying again");
      failure = error;
      return AGAIN_MS;
    });
    triedAt = clock.elapsed();
    keepUp(afterMs);
  }

  /** One step of who waits for it. What is ended in the middle may have taken it still: that is handed over. */
  async function standOnce(): Promise<TakeOver | number> {
    const standing = stand();
    beating = standing.then(
      () => undefined,
      () => undefined,
    );
    return standing;
  }

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const stop = clock.after(ms * (1 + JITTER * random()), resolve);
      cancel = () => {
        stop();
        resolve();
      };
    });

  function end(): void {
    isEnded = true;
    cancel();
    cancelLastWords();
  }

  return {
    async take(onStandingBy) {
      for (let isFirst = true; !isEnded; isFirst = false) {
        try {
          const next = await standOnce();
          if (isEnded) break;
          if (typeof next !== "number") {
            keepUp(RENEW_MS);
            return next;
          }
          if (isFirst) onStandingBy(holder);
          await pause(next);
        } catch (error) {
          if (isEnded) break;
          if (isFirst || error instanceof ConfigError) throw error;
          tell(error instanceof Error ? error.message : String(error));
          await pause(LOOK_MS);
        }
      }
      // Whoever ends it does not go on.
      return new Promise<never>(() => undefined);
    },
    isHeld,
    processes: () => processes,
    takenOver: () => takenOver,
    right: () => (term === null ? null : { holder: me.id, term, isHeld }),
    async release() {
      end();
      await beating;
      await table.leave(me, term).catch((error: unknown) => log.warn({ err: error }, "the lease was not handed over"));
      await table.close();
    },
  };
}
