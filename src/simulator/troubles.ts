import { must } from "../lib/must.ts";
import { COIL, POSITION, SENSORS } from "./fields.ts";
import type { Disturbance } from "./machine.ts";
import { randomAt } from "./random.ts";
import { POSITION_LIMIT_UM } from "./limits.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 86_400_000;

/** Nothing is wrong. */
export const CALM: Disturbance = { overload: 0, displacementUm: 0, deadField: null, isTripped: false };

/** How long the live plant takes through all its troubles. */
export const CYCLE_MS = 7 * MINUTE_MS;

/** Offsets into a cycle; chosen so that something is to be seen every 20 to 60 seconds, the first after 6. */
const DEAD_FROM_MS = 6 * SECOND_MS;
const DEAD_UNTIL_MS = 80 * SECOND_MS;
const OVERLOAD_FROM_MS = 30 * SECOND_MS;
const CHATTER_FROM_MS = 335 * SECOND_MS;
const CHATTER_UNTIL_MS = 365 * SECOND_MS;

/** Offsets of the notes, in the same cycle. */
const NOTES = [
  { afterMs: 55 * SECOND_MS, text: "Oil mist check passed" },
  { afterMs: 285 * SECOND_MS, text: "Unbalance estimate updated" },
  { afterMs: 385 * SECOND_MS, text: "Data link self-test passed" },
] as const;

/** The overload rises in 15 s, holds, and goes in 30 s: long enough for the coil to pass 80 °C at any load. */
const OVERLOAD_MS = 180 * SECOND_MS;

/** The trouble at an instant of the live plant, which comes round again and again. @param sinceMs since the plant went live */
export function liveTrouble(seed: number, sinceMs: number): Disturbance {
  const cycle = Math.floor(sinceMs / CYCLE_MS);
  const offsetMs = sinceMs - cycle * CYCLE_MS;
  const isDead = offsetMs >= DEAD_FROM_MS && offsetMs < DEAD_UNTIL_MS;
  const isChattering = offsetMs >= CHATTER_FROM_MS && offsetMs < CHATTER_UNTIL_MS;
  return {
    overload: overloadAfter(offsetMs - OVERLOAD_FROM_MS),
    // Right at the limit: the rotor's whirl then passes it back and forth.
    displacementUm: isChattering ? POSITION_LIMIT_UM : 0,
    deadField: isDead ? pickDeadField(randomAt(seed, cycle)) : null,
    isTripped: false,
  };
}

/** What the plant has to say besides, at a whole second since it went live; mostly nothing. */
export function noteAt(sinceMs: number): string | null {
  return NOTES.find(({ afterMs }) => afterMs === sinceMs % CYCLE_MS)?.text ?? null;
}

/** The trouble at an instant of the past: an overload on two days in five, a dead sensor for up to an hour on every other. */
export function pastTrouble(seed: number, at: number): Disturbance {
  const day = Math.floor(at / DAY_MS);
  const sinceMidnightMs = at - day * DAY_MS;
  const chance = (index: number): number => randomAt(seed + 1, day * 8 + index);

  const overloadAtMs = chance(0) < 0.4 ? chance(1) * 0.9 * DAY_MS : Infinity;
  const deadAtMs = chance(2) < 0.5 ? chance(3) * 0.9 * DAY_MS : Infinity;
  const deadMs = (20 + 40 * chance(4)) * MINUTE_MS;
  const isDead = sinceMidnightMs >= deadAtMs && sinceMidnightMs < deadAtMs + deadMs;
  const overload = overloadAfter(sinceMidnightMs - overloadAtMs);
  if (!isDead && overload === 0) return CALM;
  return { ...CALM, overload, deadField: isDead ? pickDeadField(chance(5)) : null };
}

function overloadAfter(ms: number): number {
  const rising = ms / (15 * SECOND_MS);
  const falling = (OVERLOAD_MS - ms) / (30 * SECOND_MS);
  return Math.max(0, Math.min(1, rising, falling));
}

/** Any sensor but those whose limits are watched: a warning has to clear by itself. */
function pickDeadField(chance: number): number {
  const candidates = SENSORS.filter((sensor) => sensor !== COIL && sensor !== POSITION);
  return must(candidates[Math.floor(chance * candidates.length)], "A sensor").number;
}
