import type { Observation } from "./heartbeat.ts";

/** Something that silence may follow from. */
export interface Cause {
  /** Epoch ms. */
  readonly since: number;
}

/** Whether a silent monitor is silent by itself, or together with all others, or nobody can tell yet. */
type SilenceKind = "alone" | "together" | "unclear";

/**
 * So late a broker may tell that a bridge is down: it gives up a client after one and a half times its keep-alive, which is 60 s by
 * default.
 */
export const NOTICE_MS = 100_000;
/** ThingSpeak is asked once a minute: what arrived just before the end is seen that much after it. */
const LATE_MS = 60_000;

/** Whether an observation has been missing for too long. */
export const isSilent = ({ silentFrom }: Observation, now: number): boolean => silentFrom !== null && now >= silentFrom;

/** Whether a beat came since we listen. */
export const hasCome = ({ lastAt, waitingSince }: Observation): boolean => lastAt === waitingSince;

/** Whether an observation falls silent with a cause: it was not silent long before, and did not come after. */
export const followsFrom = ({ since }: Cause, { lastAt, silentFrom }: Observation): boolean =>
  (lastAt ?? 0) <= since + LATE_MS && (silentFrom ?? 0) > since - NOTICE_MS;

/** When the newest of all came; -Infinity if none did. */
export const newestOf = (observations: readonly Observation[]): number =>
  Math.max(...observations.map(({ lastAt }) => lastAt ?? -Infinity));

/** Whether anything came in the second half of the time that an observation was given: then its origin is alive. */
export const isSurvived = (observation: Observation, newestAt: number): boolean => newestAt > halfTimeOf(observation);

/**
 * Makes what classifies silent observations with one origin, such as all topics of the plant.
 * @param observations those whose silence nothing else explains
 * @param newestAt when anything came from there; see `newestOf`
 */
export function createClassifier(
  observations: readonly Observation[],
  newestAt: number,
  now: number,
): (silent: Observation) => SilenceKind {
  const late = observations.filter((observation) => now >= halfTimeOf(observation)).length;
  return (silent) => {
    if (observations.length === 1 || isSurvived(silent, newestAt)) return "alone";
    // It is late itself.
    if (late > 1) return "together";
    // Others may come so rarely that they cannot tell: then it is given its time once more, and is alone.
    const { waitingSince, silentFrom } = silent;
    return now < 2 * (silentFrom ?? now) - waitingSince ? "unclear" : "alone";
  };
}

/** Whether nothing comes any more from the origin of these observations (all of them, explained or not). */
export const isOriginSilent = (observations: readonly Observation[], now: number): boolean =>
  kinds(observations, now).includes("together");

/** Whether nobody can tell that something does. */
export const isUndecided = (observations: readonly Observation[], now: number): boolean =>
  observations.length > 0 && (!observations.some(hasCome) || kinds(observations, now).some((kind) => kind !== "alone"));

function kinds(observations: readonly Observation[], now: number): SilenceKind[] {
  return observations
    .filter((observation) => isSilent(observation, now))
    .map(createClassifier(observations, newestOf(observations), now));
}

/** Infinity if nothing is known of its rhythm. */
const halfTimeOf = ({ waitingSince, silentFrom }: Observation): number => (waitingSince + (silentFrom ?? Infinity)) / 2;
