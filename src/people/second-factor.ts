import { Secret, TOTP } from "otpauth";
import { z } from "zod";

/** The second factor of admins: six digits of an authenticator app (TOTP, RFC 6238). */
export interface SecondFactor {
  /** Whether somebody has to give a code before the next admin action. */
  isNeeded(userId: number): boolean;
  /** Takes a code. Rejects, and opens nothing, where it cannot be noted that the code was used. */
  enter(userId: number, code: string): Promise<"right" | "wrong" | "locked" | "unknown">;
  /** Ends what a right code opened; what was used stays used. */
  end(userId: number): void;
  /** Forgets a person. */
  forget(userId: number): Promise<void>;
}

/** Under which name it is kept what the next run must know. */
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
});
const keptOfAll = z.record(z.string(), kept);

interface State {
  lastStep: number;
  wrong: number;
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
  readonly now: () => number;
  readonly elapsed: () => number;
}): Promise<SecondFactor> {
  const { secrets, memory, now, elapsed } = options;
  const states = new Map<number, State>();
  const read = keptOfAll.safeParse(await memory.read());
  for (const [userId, { lockedUntil, ...state }] of Object.entries(read.data ?? {})) {
    // No lock is longer: if it seems so, the clock was set back.
    const leftMs = Math.min(LOCK_MS, lockedUntil - now());
    states.set(Number(userId), { ...state, openUntil: -Infinity, lockedUntil: elapsed() + leftMs });
  }

  function stateOf(userId: number): State {
    const state = states.get(userId) ?? { lastStep: 0, openUntil: -Infinity, wrong: 0, lockedUntil: -Infinity };
    states.set(userId, state);
    return state;
  }

  /** Of those who entered something, which only those with a secret can. */
  function save(): Promise<void> {
    const entered = [...states].filter(([userId, { lastStep, wrong, lockedUntil }]) => {
      return secrets.has(userId) && (lastStep > 0 || wrong > 0 || lockedUntil > elapsed());
    });
    const content = entered.map(([userId, { lastStep, wrong, lockedUntil }]): [number, z.infer<typeof kept>] => {
      return [userId, { lastStep, wrong, lockedUntil: now() + Math.max(0, lockedUntil - elapsed()) }];
    });
    return memory.write(Object.fromEntries(content));
  }

  return {
    isNeeded: (userId) => secrets.size > 0 && stateOf(userId).openUntil <= elapsed(),
    async enter(userId, code) {
      const secret = secrets.get(userId);
      if (secret === undefined) return "unknown";
      const state = stateOf(userId);
      if (state.lockedUntil > elapsed()) return "locked";
      const totp = new TOTP({ secret: Secret.fromBase32(secret) });
      const step = totp.counter({ timestamp: now() });
      // Used while the clock was ahead: no code would be new until then.
      if (state.lastStep > step + WINDOW) state.lastStep = 0;
      const delta = /^\d{6}$/.test(code) ? totp.validate({ token: code, timestamp: now(), window: WINDOW }) : null;
      if (delta === null || step + delta <= state.lastStep) {
        state.wrong += 1;
        const isLocked = state.wrong >= MAX_WRONG;
        if (isLocked) Object.assign(state, { wrong: 0, lockedUntil: elapsed() + LOCK_MS });
        await save();
        return isLocked ? "locked" : "wrong";
      }
      Object.assign(state, { lastStep: step + delta, wrong: 0 });
      await save();
      state.openUntil = elapsed() + OPEN_MS;
      return "right";
    },
    end: (userId) => void (stateOf(userId).openUntil = -Infinity),
    async forget(userId) {
      if (states.delete(userId)) await save();
    },
  };
}
