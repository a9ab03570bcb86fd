import { Secret, TOTP } from "otpauth";
import { z } from "zod";
import { OWN_ENDS, type FormerClock } from "../lib/time/former-clock.ts";

/** The second factor of admins: six digits of an authenticator app (TOTP, RFC 6238). */
export interface SecondFactor {
  /** Whether somebody has to give a code before the next admin action. */
  readonly isNeeded: (userId: number) => boolean;
  /**
   * Takes a code. Rejects, and opens nothing, where it cannot be noted that the code was used.
   * @param update the number of the update that brings it: one that comes again, to the next run, is told the same
   */
  enter(userId: number, code: string, update?: number): Promise<Verdict | "unknown">;
  /** Ends what a right code opened, at once; what was used stays used. */
  end(userId: number): Promise<void>;
  /** Forgets a person. */
  forget(userId: number): Promise<void>;
}

type Verdict = "right" | "wrong" | "locked";

/** Names in the store what the next run must know. */
export const SECOND_FACTOR = "second factor";
/** Somebody wants what only admins may do, and has to give a code first; the gate tells them so. */
export class SecondFactorNeeded extends Error {
  override readonly name = "SecondFactorNeeded";
}

/** A right code is good for so long. */
export const OPEN_MS = 10 * 60_000;
const LOCK_MS = 15 * 60_000;
const MAX_WRONG = 5;
/** A phone's clock may be half a minute off: one step before and after. */
const WINDOW = 1;

/** What the next run must know of a person, or it would take a used code once more, and guesses anew. */
const kept = z.object({
  /** What is not newer was used, and counts no more (RFC 6238, 5.2). */
  lastStep: z.number(),
  wrong: z.number(),
  /** Epoch ms. */
  lockedUntil: z.number(),
  openUntil: z.number().default(0),
  /** What came of the newest code. */
  newest: z
    .object({ update: z.number(), verdict: z.enum(["right", "wrong", "locked"]) })
    .nullable()
    .default(null),
});
const keptOfAll = z.record(z.string(), kept);

interface State extends Pick<z.infer<typeof kept>, "lastStep" | "wrong" | "newest"> {
  /** Both by the clock that nobody sets. */
  openUntil: number;
  lockedUntil: number;
}

/**
 * Opens it, with what an earlier run kept. Five wrong codes lock a person's for a quarter of an hour; a code counts once.
 * @param options.elapsed ms of a clock that nobody sets: for how long something is open or locked
 * @param options.secrets each admin's, in base32; empty: nobody needs one. An admin without a secret can do no admin action then.
 */
export async function openSecondFactor(options: {
  readonly secrets: ReadonlyMap<number, string>;
  readonly memory: { read(): Promise<unknown>; write(content: unknown): Promise<void> };
  /** By what an earlier run kept it; left out: by ours. */
  readonly formerClock?: Pick<FormerClock, "ends">;
  readonly now: () => number;
  readonly elapsed: () => number;
}): Promise<SecondFactor> {
  const { secrets, memory, elapsed, formerClock = OWN_ENDS } = options;
  const states = new Map<number, State>();
  const read = keptOfAll.safeParse(await memory.read());
  for (const [userId, before] of Object.entries(read.data ?? {}))
    states.set(Number(userId), stateFrom(before, options, formerClock));

  function stateOf(userId: number): State {
    const never = { openUntil: -Infinity, lockedUntil: -Infinity };
    const state = states.get(userId) ?? { lastStep: 0, wrong: 0, newest: null, ...never };
    states.set(userId, state);
    return state;
  }

  const save = (): Promise<void> =>
    memory.write(
      contentOf(
        [...states].filter(([userId]) => secrets.has(userId)),
        options,
      ),
    );

  return {
    isNeeded: (userId) => secrets.size > 0 && stateOf(userId).openUntil <= elapsed(),
    async enter(userId, code, update) {
      const secret = secrets.get(userId);
      if (secret === undefined) return "unknown";
      const state = stateOf(userId);
      if (update !== undefined && state.newest?.update === update) return state.newest.verdict;
      const { lockedUntil, openUntil } = state;
      const verdict = verdictOn(state, secret, code, options);
      // While it is locked, nothing is written, however much comes.
      if (verdict === "locked" && lockedUntil === state.lockedUntil) return verdict;
      state.newest = update === undefined ? null : { update, verdict };
      try {
        await save();
      } catch (error) {
        state.openUntil = openUntil;
        throw error;
      }
      return verdict;
    },
    async end(userId) {
      const state = stateOf(userId);
      if (state.openUntil <= elapsed()) return;
      state.openUntil = -Infinity;
      await save();
    },
    async forget(userId) {
      if (states.delete(userId)) await save();
    },
  };
}

interface Clocks {
  readonly now: () => number;
  /** Of a clock that nobody sets. */
  readonly elapsed: () => number;
}

/** What an earlier run kept, by the clock that nobody sets. */
function stateFrom(
  { lockedUntil, openUntil, ...state }: z.infer<typeof kept>,
  { now, elapsed }: Clocks,
  { ends }: Pick<FormerClock, "ends">,
): State {
  // Neither lasts longer: if it seems so, the clock was set back.
  const from = (until: number, longestMs: number): number => elapsed() + Math.min(longestMs, ends(until) - now());
  return { ...state, openUntil: from(openUntil, OPEN_MS), lockedUntil: from(lockedUntil, LOCK_MS) };
}

/** What the next run is to know of those who entered something, which only those with a secret can. */
function contentOf(states: readonly [number, State][], { now, elapsed }: Clocks): Record<string, z.infer<typeof kept>> {
  const entered = states.filter(([, { lastStep, wrong, lockedUntil }]) => {
    return lastStep > 0 || wrong > 0 || lockedUntil > elapsed();
  });
  const at = (until: number): number => now() + Math.max(0, until - elapsed());
  return Object.fromEntries(
    entered.map(([userId, state]) => [
      userId,
      { ...state, lockedUntil: at(state.lockedUntil), openUntil: at(state.openUntil) },
    ]),
  );
}

/** What comes of a code, as it is kept before anybody is told. */
function verdictOn(state: State, secret: string, code: string, { now, elapsed }: Clocks): Verdict {
  if (state.lockedUntil > elapsed()) return "locked";
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  const step = totp.counter({ timestamp: now() });
  // Used while the clock was ahead: no code would be new until then.
  if (state.lastStep > step + WINDOW) state.lastStep = 0;
  const delta = /^\d{6}$/.test(code) ? totp.validate({ token: code, timestamp: now(), window: WINDOW }) : null;
  if (delta === null || step + delta <= state.lastStep) {
    state.wrong += 1;
    if (state.wrong < MAX_WRONG) return "wrong";
    Object.assign(state, { wrong: 0, lockedUntil: elapsed() + LOCK_MS });
    return "locked";
  }
  Object.assign(state, { lastStep: step + delta, wrong: 0, openUntil: elapsed() + OPEN_MS });
  return "right";
}
