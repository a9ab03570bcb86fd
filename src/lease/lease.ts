import { ConfigError } from "../lib/errors.ts";
import { AwayError } from "../store/sql/server-failure.ts";
import type { WritingRight } from "../store/sql/settings.ts";
import type { HeldLease } from "./held-lease.ts";
import { JitteredWait } from "./jitter.ts";
import type { LeaseOptions } from "./lease-options.ts";
import { Trust, type Instant } from "./trust.ts";
import type { Process, Standing, TakeOver } from "./types.ts";
import { otherSettings } from "./words.ts";

/** Between two renewals, about. */
const RENEW_MS = 750;
/** Between two looks of a process that stands by. */
const LOOK_MS = 250;
/** After one that failed. */
const AGAIN_MS = 100;
/** Who is alone tries to renew at least so often, however long each try takes. */
const AWAKE_MS = 5_000;

/**
 * The right to act: of several processes with the same settings at one database, one has it. The server’s clock decides whether a lease is
 * over; how long its holder trusts it says trust.ts.
 *
 * While the server cannot be reached, it lapses: nothing is to be done then until it could be renewed. A holder that is known to be
 * alone goes on without a server, as there is nobody who could have taken over.
 */
export class Lease implements HeldLease {
  readonly #options: LeaseOptions;
  readonly #trust: Trust;
  readonly #wait: JitteredWait;
  #term: number | null = null;
  /** Whether nobody else was there at the newest renewal. */
  #isAlone = false;
  /** When the newest try to renew came to its end, whichever it was; by the clock that nobody sets. */
  #triedAt = Number.NEGATIVE_INFINITY;
  #processes: readonly Process[] = [];
  #takenOver: TakeOver | null = null;
  /** Who has it, while we do not. */
  #holder = "";
  #isEnded = false;
  /** The step under way. */
  #beating: Promise<void> = Promise.resolve();
  /** Why the newest try to renew failed; `null`: it did not. */
  #failure: unknown = null;
  /** Why we wait, told already. */
  #told: string | null = null;

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#wait = new JitteredWait(options.clock, options.random ?? Math.random);
    this.#trust = new Trust(options.clock, () => {
      if (!this.#isAlone) options.onLapsing?.(this.#failure ?? new AwayError("PostgreSQL does not answer"));
    });
  }

  readonly isHeld = (): boolean =>
    this.#term !== null && !this.#isEnded && (this.#trust.holds || (this.#isAlone && this.#isAwake()));

  readonly processes = (): readonly Process[] => this.#processes;

  readonly takenOver = (): TakeOver | null => this.#takenOver;

  readonly right = (): WritingRight | null =>
    this.#term === null ? null : { holder: this.#options.me.id, term: this.#term, isHeld: this.isHeld };

  /**
   * Waits until this process is the active one, and goes on to renew that.
   * @param onStandingBy there is an active one: who
   * @throws ConfigError if the active one has other settings; whatever the server says at the first look
   */
  async take(onStandingBy: (active: string) => void): Promise<TakeOver> {
    for (let isFirst = true; !this.#isEnded; isFirst = false) {
      try {
        const next = await this.#standOnce();
        if (this.#isEnded) break;
        if (typeof next !== "number") {
          this.#keepUp(RENEW_MS);
          return next;
        }
        if (isFirst) onStandingBy(this.#holder);
        await this.#wait.atLeast(next);
      } catch (error) {
        if (this.#isEnded) break;
        if (isFirst || error instanceof ConfigError) throw error;
        this.#tell(error instanceof Error ? error.message : String(error));
        await this.#wait.atLeast(LOOK_MS);
      }
    }
    // Whoever ends it does not go on.
    return new Promise<never>(() => undefined);
  }

  /** Hands it to whoever stands by, and leaves. */
  readonly release = async (): Promise<void> => {
    const { table, me, log } = this.#options;
    this.#end();
    await this.#beating;
    await table
      .leave(me, this.#term)
      .catch((error: unknown) => log.warn({ err: error }, "the lease was not handed over"));
    await table.close();
  };

  /** One that stood still cannot know whether it is alone. */
  #isAwake(): boolean {
    return this.#options.clock.elapsed() - this.#triedAt < AWAKE_MS;
  }

  #present(): Instant {
    const { clock } = this.#options;
    return { elapsed: clock.elapsed(), now: clock.now() };
  }

  #tell(reason: string): void {
    if (reason !== this.#told) this.#options.log.warn({ reason }, "waiting for the lease");
    this.#told = reason;
  }

  async #look(as: "active" | "standby"): Promise<Standing> {
    const { table, me, clock, onTime } = this.#options;
    const begunAt = clock.elapsed();
    const standing = await table.look(me, as);
    onTime?.(standing.now, begunAt);
    this.#processes = standing.processes;
    return standing;
  }

  /** One step of who waits for it. What is ended in the middle may have taken it still: that is handed over. */
  #standOnce(): Promise<TakeOver | number> {
    const standing = this.#stand();
    this.#beating = standing.then(
      () => undefined,
      () => undefined,
    );
    return standing;
  }

  /** @returns when to look again, or what it has taken over */
  async #stand(): Promise<TakeOver | number> {
    const { table, me } = this.#options;
    const begun = this.#present();
    const { lease } = await this.#look("standby");
    const waitMs = lease === null ? null : this.#waitFor(lease);
    if (waitMs !== null) return waitMs;
    const taken = await table.claim(me);
    if (taken === null) return LOOK_MS;
    this.#term = taken.term;
    this.#takenOver = taken.takeOver;
    this.#trust.renew(begun);
    return taken.takeOver;
  }

  /** How long to wait for a lease that somebody has, or had; `null`: it may be taken. */
  #waitFor({ holder, remainingMs, settings, schema }: NonNullable<Standing["lease"]>): number | null {
    const { me } = this.#options;
    this.#holder = holder;
    if (remainingMs > 0 && settings !== me.settings) throw otherSettings(holder);
    if (schema > me.schema) {
      this.#tell(`the database is a newer Valvomo’s (schema ${schema}; this one knows ${me.schema}): update this one`);
      return LOOK_MS;
    }
    return remainingMs > 0 ? Math.min(LOOK_MS, remainingMs + 1) : null;
  }

  /**
   * Renews without end. No `createLoop`: a step that failed is done again at once, as each lost tenth of a second is one less to trust, and
   * all waits, those of who stands by too, are of about so long, and one at a time.
   */
  #keepUp(afterMs: number): void {
    if (this.#isEnded || this.#term === null) return;
    const held = this.#term;
    this.#wait.about(afterMs, () => {
      this.#beating = this.#step(held);
    });
  }

  async #step(held: number): Promise<void> {
    const { clock, log } = this.#options;
    const afterMs = await this.#renew(held).catch((error: unknown) => {
      log.warn({ err: error }, "the lease was not renewed; trying again");
      this.#failure = error;
      return AGAIN_MS;
    });
    this.#triedAt = clock.elapsed();
    this.#keepUp(afterMs);
  }

  /** The step of the active one; returns when to take the next. */
  async #renew(held: number): Promise<number> {
    const { table, me, clock, onLost } = this.#options;
    const begun = this.#present();
    // Both are asked at once: on a slow server one after the other would take what there is of time.
    const looking = this.#look("active");
    looking.catch(() => undefined);
    const renewed = await table.renew(me, held);
    if (renewed === null) {
      this.#end();
      onLost("another process has taken over");
      return 0;
    }
    this.#isAlone = renewed.isAlone;
    this.#failure = null;
    this.#trust.renew(begun);
    await looking;
    return Math.max(AGAIN_MS, RENEW_MS - (clock.elapsed() - begun.elapsed));
  }

  #end(): void {
    this.#isEnded = true;
    this.#wait.end();
    this.#trust.end();
  }
}
