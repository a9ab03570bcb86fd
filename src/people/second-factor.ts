import { Secret, TOTP } from "otpauth";

/** The second factor of admins: six digits of an authenticator app (TOTP, RFC 6238). */
export interface SecondFactor {
  /** Whether somebody has to give a code before the next admin action. */
  isNeeded(userId: number): boolean;
  /** Takes a code. */
  enter(userId: number, code: string): "right" | "wrong" | "locked" | "unknown";
  /** Ends what a right code opened. */
  end(userId: number): void;
}

/** A right code is good for so long. */
export const OPEN_MS = 10 * 60_000;
const LOCK_MS = 15 * 60_000;
const MAX_WRONG = 5;
/** A phone's clock may be half a minute off: one step before and after. */
const WINDOW = 1;

interface State {
  /** What is older was used, and counts no more (RFC 6238, 5.2). */
  lastStep: number;
  /** By the clock that nobody sets. */
  openUntil: number;
  wrong: number;
  lockedUntil: number;
}

/**
 * Checks codes. Five wrong ones lock a person's for a quarter of an hour; a code counts once.
 * @param options.elapsed ms of a clock that nobody sets: for how long something is open or locked
 * @param options.secrets each admin's, in base32; empty: nobody needs one. An admin without a secret can do no admin action then.
 */
export function createSecondFactor(options: {
  readonly secrets: ReadonlyMap<number, string>;
  readonly now: () => number;
  readonly elapsed: () => number;
}): SecondFactor {
  const { secrets, now, elapsed } = options;
  const states = new Map<number, State>();

  function stateOf(userId: number): State {
    const state = states.get(userId) ?? { lastStep: 0, openUntil: -Infinity, wrong: 0, lockedUntil: -Infinity };
    states.set(userId, state);
    return state;
  }

  return {
    isNeeded: (userId) => secrets.size > 0 && stateOf(userId).openUntil <= elapsed(),
    enter(userId, code) {
      const secret = secrets.get(userId);
      if (secret === undefined) return "unknown";
      const state = stateOf(userId);
      if (state.lockedUntil > elapsed()) return "locked";
      const totp = new TOTP({ secret: Secret.fromBase32(secret) });
      const step = totp.counter({ timestamp: now() });
      const delta = /^\d{6}$/.test(code) ? totp.validate({ token: code, timestamp: now(), window: WINDOW }) : null;
      if (delta === null || step + delta <= state.lastStep) {
        state.wrong += 1;
        if (state.wrong < MAX_WRONG) return "wrong";
        Object.assign(state, { wrong: 0, lockedUntil: elapsed() + LOCK_MS });
        return "locked";
      }
      Object.assign(state, { lastStep: step + delta, openUntil: elapsed() + OPEN_MS, wrong: 0 });
      return "right";
    },
    end: (userId) => void states.delete(userId),
  };
}
