import { must } from "../lib/must.ts";
import { createFlapping, SHORT_MS, type Flapping } from "./flapping.ts";

/** Between two brokers of a round: others may have to be asked, and nobody is to wait for it. */
const SOON_MS = 50;
/** While we may not speak it costs next to nothing to ask whether we may again. */
const PAUSE_MS = 250;

/**
 * Says which of several brokers is tried, and when. The first is where we belong; the others are for while it cannot be used.
 *
 * A link that stood and is lost is tried once more where it was, as networks drop links; then the list is gone round, from
 * its beginning and without a pause. Only a whole round in vain is followed by one.
 */
export class Rotation {
  readonly #elapsed: () => number;
  readonly #flappings: readonly Flapping[];
  #place = 0;
  #upSince: number | null = null;
  #isOurs = false;
  #goal: number | null = null;
  /** Of the link that is over. */
  #left: Flapping | null = null;
  /** Brokers that could not be used in this round, and for how long each is left alone. */
  readonly #tried = new Map<number, number>();

  /** @param options.elapsed ms of a clock that nobody sets */
  constructor(options: { readonly count: number; readonly elapsed: () => number; readonly random: () => number }) {
    this.#elapsed = options.elapsed;
    this.#flappings = Array.from({ length: options.count }, () => createFlapping(options));
  }

  /** The place in the list of the one that is tried, or that we are at. */
  at(): number {
    return this.#place;
  }

  /** It let us in. */
  up(): void {
    this.#upSince = this.#elapsed();
    this.#flapping().up();
  }

  /** We end the link ourselves, to come back to the same one. */
  drop(): void {
    this.#isOurs = true;
    this.#flapping().drop();
  }

  /** We end the link ourselves, to go to an earlier one. */
  goTo(place: number): void {
    this.#goal = place;
    this.#flapping().drop();
  }

  /**
   * The link, or an attempt, is over.
   * @returns how long to wait before the next one, in ms, which is at the place that `at` says then; and whether that one throws us out
   */
  down(): { readonly waitMs: number; readonly isContested: boolean } {
    const lasted = this.#upSince === null ? null : this.#elapsed() - this.#upSince;
    const left = this.#flapping();
    this.#left = left;
    const waitMs = left.down();
    const isContested = left.isContested() === true;
    const next = { waitMs: this.#nextAfter(lasted, isContested, waitMs), isContested };
    this.#forget();
    return next;
  }

  /**
   * The link, or an attempt, is over as we may not speak: it is tried again where it was.
   * @returns how long to wait before that, in ms
   */
  pause(): number {
    this.#flapping().pause();
    this.#forget();
    return PAUSE_MS;
  }

  /** The newest links to the one that we were at last ended because of what we did on them; see flapping.ts. */
  forgive(links: number): void {
    this.#left?.forgive(links);
  }

  /** Whether somebody throws us out of the one that we are at again and again; see flapping.ts. */
  isContested(): boolean | null {
    return this.#flapping().isContested();
  }

  #flapping(): Flapping {
    return must(this.#flappings[this.#place], "what is known of a broker's links");
  }

  #forget(): void {
    this.#upSince = null;
    this.#isOurs = false;
    this.#goal = null;
  }

  /** Chooses the place, and says for how long to wait. */
  #nextAfter(lasted: number | null, isContested: boolean, waitMs: number): number {
    if (this.#flappings.length === 1 || this.#isOurs) return waitMs;
    if (this.#goal === null && (lasted === null || lasted < SHORT_MS)) return this.#goOn(waitMs);
    this.#tried.clear();
    // Where somebody throws us out, hurry would only help them to do it more often.
    if (this.#goal === null && isContested) return waitMs;
    this.#place = this.#goal ?? this.#place;
    return SOON_MS;
  }

  /** The first that was not tried yet; after the last one a new round begins. */
  #goOn(waitMs: number): number {
    this.#tried.set(this.#place, waitMs);
    const next = this.#flappings.findIndex((_, index) => !this.#tried.has(index));
    if (next >= 0) {
      this.#place = next;
      return SOON_MS;
    }
    const pauseMs = Math.max(...this.#tried.values());
    this.#tried.clear();
    this.#place = 0;
    return pauseMs;
  }
}
