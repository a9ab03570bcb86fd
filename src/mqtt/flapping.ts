import { backoffMs, type Backoff } from "../lib/backoff.ts";

/** Watches how long the links of one client last, and slows down the next try where they do not. All in ms. */
export interface Flapping {
  /** The broker let us in. */
  up(): void;
  /** We end the link ourselves: nobody else is to blame for it. */
  drop(): void;
  /** The link, or an attempt, is over as we may not speak: nobody is to blame, and nothing is known of the broker. */
  pause(): void;
  /** The newest links that others ended, so many, ended because of what we did on them: nobody threw us out. */
  forgive(links: number): void;
  /** The link, or an attempt, is over. @returns how long to wait before the next one */
  down(): number;
  /**
   * Whether somebody throws us out again and again. It is over when a link has stood for `CALM_MS`; `null`: nothing is known
   * yet, as no link of this run has.
   */
  isContested(): boolean | null;
}

/** Between two tries as a rule. */
const RECONNECT_MS = 1_000;
/** A link that ends sooner did not come to anything. */
export const SHORT_MS = 10_000;
/** So many in a row are no accident; nor are more that last a little longer, as they do if the other program tries rarely. */
const SHORT_LINKS = 3;
const UNSTEADY_LINKS = 6;
/**
 * Two programs with one client id throw each other out at each try (MQTT 3.1.1, 3.1.4-2), so tries get rare, and each has its own
 * pace: one of them has the alarms for most of the time, and neither the broker nor the log is filled.
 */
const CONTESTED: Backoff = { firstMs: 5_000, mostMs: 60_000 };
/** What we could not take is asked for again soon: the alarms wait for it. */
const DROPPED: Backoff = { firstMs: RECONNECT_MS, mostMs: 15_000 };
/** Longer than any other program of our kind waits between two tries: the most of `CONTESTED`, half as much again, and a margin. */
export const CALM_MS = 150_000;

/**
 * Begins to watch the links of one client.
 * @param options.elapsed ms of a clock that nobody sets
 * @param options.random 0…1, so that two programs do not keep step
 */
export function createFlapping(options: { readonly elapsed: () => number; readonly random: () => number }): Flapping {
  const { elapsed, random } = options;
  let upSince: number | null = null;
  let isDropping = false;
  /** How often in a row we ended a short link ourselves. */
  let drops = 0;
  /** How long those lasted, in a row, that others ended before they stood. */
  let ended: readonly number[] = [];
  let isContested: boolean | null = null;
  /** How often in a row we waited for longer because of that. */
  let waits = 0;

  function look(): void {
    if (upSince === null || elapsed() - upSince < CALM_MS) return;
    ended = [];
    waits = 0;
    isContested = false;
  }

  return {
    up() {
      upSince = elapsed();
    },
    drop() {
      isDropping = true;
    },
    pause() {
      upSince = null;
      isDropping = false;
    },
    forgive(links) {
      if (links > 0) ended = ended.slice(0, -links);
    },
    down() {
      look();
      if (upSince === null) {
        // The broker, or the way to it, was away: that is why the link before ended. Somebody who throws us out is there.
        ended = [];
        isDropping = false;
        return RECONNECT_MS;
      }
      const lasted = elapsed() - upSince;
      const isOurs = isDropping;
      upSince = null;
      isDropping = false;
      drops = !isOurs ? drops : lasted < SHORT_MS ? drops + 1 : 1;
      if (isOurs) return backoffMs(drops - 1, DROPPED);
      if (lasted >= CALM_MS) return RECONNECT_MS;
      ended = [...ended, lasted].slice(-UNSTEADY_LINKS);
      const short = ended.filter((ms) => ms < SHORT_MS).length;
      if (short >= SHORT_LINKS || ended.length >= UNSTEADY_LINKS) isContested = true;
      if (isContested !== true) return RECONNECT_MS;
      return backoffMs(waits++, CONTESTED) * (0.5 + random());
    },
    isContested() {
      look();
      return isContested;
    },
  };
}
