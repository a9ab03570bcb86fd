import type { Sign } from "./heartbeat.ts";

/** Something that silence may follow from. */
export interface Cause {
  /** Epoch ms. */
  readonly since: number;
}

/** Whether a silent sign is silent by itself, or together with all others, or nobody can tell yet. */
type Verdict = "alone" | "together" | "unclear";

/**
 * So late a broker may tell that a bridge is down: it gives up a client after one and a half times its keep-alive, which is 60 s by
 * default.
 */
export const NOTICE_MS = 100_000;
/** ThingSpeak is asked once a minute: what arrived just before the end is seen that much after it. */
const LATE_MS = 60_000;

/** Whether a sign has been missing for too long. */
export const isSilent = ({ silentFrom }: Sign, now: number): boolean => silentFrom !== null && now >= silentFrom;

/** Whether a beat came since we listen. */
export const wasHeard = ({ lastAt, waitingSince }: Sign): boolean => lastAt === waitingSince;

/** Whether a sign falls silent with a cause: it was not silent long before, and did not come after. */
export const followsFrom = ({ since }: Cause, { lastAt, silentFrom }: Sign): boolean =>
  (lastAt ?? 0) <= since + LATE_MS && (silentFrom ?? 0) > since - NOTICE_MS;

/** When the newest of all came; -Infinity if none did. */
export const newestOf = (signs: readonly Sign[]): number => Math.max(...signs.map(({ lastAt }) => lastAt ?? -Infinity));

/** Whether anything came in the second half of the time that a sign was given: then its origin is alive. */
export const isSurvived = (sign: Sign, newestAt: number): boolean => newestAt > halfTimeOf(sign);

/**
 * Makes the judge of signs with one origin, such as all topics of the plant.
 * @param signs those whose silence nothing else explains
 * @param newestAt when anything came from there; see `newestOf`
 */
export function createJudge(signs: readonly Sign[], newestAt: number, now: number): (silent: Sign) => Verdict {
  const late = signs.filter((sign) => now >= halfTimeOf(sign)).length;
  return (silent) => {
    if (signs.length === 1 || isSurvived(silent, newestAt)) return "alone";
    // It is late itself.
    if (late > 1) return "together";
    // Others may come so rarely that they cannot tell: then it is given its time once more, and is alone.
    const { waitingSince, silentFrom } = silent;
    return now < 2 * (silentFrom ?? now) - waitingSince ? "unclear" : "alone";
  };
}

/** Whether nothing comes any more from the origin of these signs (all of them, explained or not). */
export const isQuiet = (signs: readonly Sign[], now: number): boolean => verdicts(signs, now).includes("together");

/** Whether nobody can tell that something does. */
export const isUndecided = (signs: readonly Sign[], now: number): boolean =>
  signs.length > 0 && (!signs.some(wasHeard) || verdicts(signs, now).some((verdict) => verdict !== "alone"));

function verdicts(signs: readonly Sign[], now: number): Verdict[] {
  return signs.filter((sign) => isSilent(sign, now)).map(createJudge(signs, newestOf(signs), now));
}

/** Infinity if nothing is known of its rhythm. */
const halfTimeOf = ({ waitingSince, silentFrom }: Sign): number => (waitingSince + (silentFrom ?? Infinity)) / 2;
