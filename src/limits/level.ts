/** The state of one limit. Instants are epoch ms. */
export interface LevelState {
  readonly isActive: boolean;
  /** Since when the limit is passed; `null`: it is not. */
  readonly since: number | null;
  /** The value that is furthest beyond it since then. */
  readonly worst: number | null;
  /** The newest value, and its time; `null`: there was none. */
  readonly newest: { readonly at: number; readonly value: number } | null;
  /** Whether it was told that it is passed by values that came late. */
  readonly isToldLate: boolean;
}

/** What changed: the limit is passed, or over, or was passed in the past, which is known only now. */
export interface Transition {
  readonly kind: "raised" | "cleared" | "past";
  /** When it was passed, and until when that is known. */
  readonly from: number;
  readonly to: number;
  readonly worst: number;
  readonly value: number;
}

/** What a limit asks for. */
export interface LevelLimit {
  readonly isAbove: boolean;
  readonly value: number;
  readonly holdMs: number;
  readonly hysteresis: number;
  /** What is older says how it was, not how it is. */
  readonly lateMs: number;
}

/** Before the first value. */
export const NO_LEVEL: LevelState = { isActive: false, since: null, worst: null, newest: null, isToldLate: false };

/** A state, and what came of it. */
export interface LevelStep {
  readonly state: LevelState;
  readonly transition: Transition | null;
}

/**
 * The state after one more value. One that is older than the newest says nothing any more; one of a time to come is of now. How long a
 * limit was passed is in the times of the values, as many may come at once.
 */
export function take(
  before: LevelState,
  limit: LevelLimit,
  sample: { readonly at: number; readonly value: number },
  now: number,
): LevelStep {
  const at = Math.min(sample.at, now);
  const { value } = sample;
  // The newest lies ahead where the clock was set back since.
  const newestAt = before.newest !== null && before.newest.at <= now ? before.newest.at : null;
  if (!Number.isFinite(value) || (newestAt !== null && at < newestAt)) return { state: before, transition: null };
  const newest = { at, value };
  const isBeyond = limit.isAbove ? value > limit.value : value < limit.value;
  const since = Math.min(before.since ?? at, at);
  const passed = { ...before, newest, since, worst: worseOf(before.worst, value, limit) };
  if (before.isActive) {
    const back = limit.isAbove ? limit.value - limit.hysteresis : limit.value + limit.hysteresis;
    const isBack = !isBeyond && (limit.isAbove ? value <= back : value >= back);
    if (!isBack) return { state: passed, transition: null };
    return { state: { ...NO_LEVEL, newest }, transition: transitionOf("cleared", { ...before, newest }, at) };
  }
  if (isBeyond) return raise(passed, limit, at, now);
  // Nobody was told in time: it was read late, or all that came together.
  const wasHeld = before.since !== null && at - before.since >= limit.holdMs;
  const transition = wasHeld && !before.isToldLate ? transitionOf("past", before, at) : null;
  return { state: { ...NO_LEVEL, newest }, transition };
}

/**
 * The state as time goes on, after all values that came together. A limit that was passed counts as passed until a value says otherwise.
 * What late values leave open is told once, as nobody knows how it is now.
 */
export function look(state: LevelState, limit: LevelLimit, now: number): LevelStep {
  const { isActive, isToldLate, since, newest } = state;
  if (isActive || since === null || newest === null) return { state, transition: null };
  if (now - newest.at <= limit.lateMs) return raise(state, limit, now, now);
  if (isToldLate) return { state, transition: null };
  return { state: { ...state, isToldLate: true }, transition: transitionOf("past", state, newest.at) };
}

function raise(passed: LevelState, limit: LevelLimit, at: number, now: number): LevelStep {
  const isHeld = passed.since !== null && at - passed.since >= limit.holdMs;
  if (!isHeld || now - at > limit.lateMs) return { state: passed, transition: null };
  const state = { ...passed, isActive: true };
  return { state, transition: transitionOf("raised", state, at) };
}

const worseOf = (worst: number | null, value: number, { isAbove }: LevelLimit): number =>
  worst === null ? value : isAbove ? Math.max(worst, value) : Math.min(worst, value);

const transitionOf = (kind: Transition["kind"], { since, worst, newest }: LevelState, to: number): Transition => ({
  kind,
  from: since ?? to,
  to,
  worst: worst ?? newest?.value ?? 0,
  value: newest?.value ?? 0,
});
