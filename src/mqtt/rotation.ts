import { createFlapping, SHORT_MS, type Flapping } from "./flapping.ts";

/** Says which of several brokers is tried, and when. The first is where we belong; the others are for while it cannot be used. */
export interface Rotation {
  /** The place in the list of the one that is tried, or that we are at. */
  at(): number;
  /** It let us in. */
  up(): void;
  /** We end the link ourselves, to come back to the same one. */
  drop(): void;
  /** We end the link ourselves, to go to an earlier one. */
  goTo(place: number): void;
  /**
   * The link, or an attempt, is over.
   * @returns how long to wait before the next one, in ms, which is at the place that `at` says then; and whether that one throws us out
   */
  down(): { readonly waitMs: number; readonly isContested: boolean };
  /**
   * The link, or an attempt, is over as we may not speak: it is tried again where it was.
   * @returns how long to wait before that, in ms
   */
  pause(): number;
  /** The newest links to the one that we were at last ended because of what we did on them; see flapping.ts. */
  forgive(links: number): void;
  /** Whether somebody throws us out of the one that we are at again and again; see flapping.ts. */
  isContested(): boolean | null;
}

/** Between two brokers of a round: others may have to be asked, and nobody is to wait for it. */
const SOON_MS = 50;
/** While we may not speak it costs next to nothing to ask whether we may again. */
const PAUSE_MS = 250;

/**
 * A link that stood and is lost is tried once more where it was, as networks drop links; then the list is gone round, from
 * its beginning and without a pause. Only a whole round in vain is followed by one.
 * @param options.elapsed ms of a clock that nobody sets
 */
export function createRotation(options: {
  readonly count: number;
  readonly elapsed: () => number;
  readonly random: () => number;
}): Rotation {
  const { count, elapsed } = options;
  const flappings = Array.from({ length: count }, () => createFlapping(options));
  let place = 0;
  let upSince: number | null = null;
  let isOurs = false;
  let goal: number | null = null;
  /** Of the link that is over. */
  let left: Flapping | null = null;
  /** Brokers that could not be used in this round, and for how long each is left alone. */
  const tried = new Map<number, number>();

  const flapping = () => flappings[place] as Flapping;

  /** The first that was not tried yet; after the last one a new round begins. */
  function goOn(waitMs: number): number {
    tried.set(place, waitMs);
    const next = flappings.findIndex((_, index) => !tried.has(index));
    if (next >= 0) {
      place = next;
      return SOON_MS;
    }
    const pauseMs = Math.max(...tried.values());
    tried.clear();
    place = 0;
    return pauseMs;
  }

  /** Chooses the place, and says for how long to wait. */
  function nextAfter(lasted: number | null, isContested: boolean, waitMs: number): number {
    if (count === 1 || isOurs) return waitMs;
    if (goal === null && (lasted === null || lasted < SHORT_MS)) return goOn(waitMs);
    tried.clear();
    // Where somebody throws us out, hurry would only help them to do it more often.
    if (goal === null && isContested) return waitMs;
    place = goal ?? place;
    return SOON_MS;
  }

  return {
    at: () => place,
    up() {
      upSince = elapsed();
      flapping().up();
    },
    drop() {
      isOurs = true;
      flapping().drop();
    },
    goTo(earlier) {
      goal = earlier;
      flapping().drop();
    },
    down() {
      const lasted = upSince === null ? null : elapsed() - upSince;
      left = flapping();
      const waitMs = left.down();
      const isContested = left.isContested() === true;
      const next = { waitMs: nextAfter(lasted, isContested, waitMs), isContested };
      [upSince, isOurs, goal] = [null, false, null];
      return next;
    },
    pause() {
      flapping().pause();
      [upSince, isOurs, goal] = [null, false, null];
      return PAUSE_MS;
    },
    forgive: (links) => left?.forgive(links),
    isContested: () => flapping().isContested(),
  };
}
