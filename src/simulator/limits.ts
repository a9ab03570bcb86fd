import { COIL, POSITION } from "./fields.ts";
import type { PlantField } from "./fields.ts";

/** Above this the coil's insulation ages quickly. */
const COIL_LIMIT_C = 80;
/** A rotor this far off its centre is about to touch its safety bearing. */
export const POSITION_LIMIT_UM = 40;

/** What a limit watch has to say about a new value. */
export interface LimitNews {
  readonly state: "active" | "cleared";
  readonly severity: "warning" | "error" | "critical";
}

/** A limit on one field, as the plant's programmer set it up. */
export interface MachineLimit {
  /** The plant's name for the condition: the same in each of its messages. */
  readonly id: string;
  readonly field: PlantField;
  readonly text: string;
  readonly limit: number;
  /** Below this it clears; at the limit itself, it chatters. */
  readonly clearBelow: number;
  readonly criticalFrom: number;
  /** A limit that stays exceeded is told again after this long. */
  readonly repeatMs: number;
}

/** The limits of the plant: a well-made one, and one without hysteresis, as real plants have them. */
export const LIMITS: readonly MachineLimit[] = [
  {
    id: "coil-hot",
    field: COIL,
    text: "Coil temperature above limit",
    limit: COIL_LIMIT_C,
    clearBelow: COIL_LIMIT_C - 3,
    criticalFrom: 90,
    repeatMs: 20_000,
  },
  {
    id: "rotor-off-centre",
    field: POSITION,
    text: "Rotor position outside tolerance",
    limit: POSITION_LIMIT_UM,
    clearBelow: POSITION_LIMIT_UM,
    criticalFrom: Infinity,
    repeatMs: Infinity,
  },
];

/** Watches one limit: says when it is exceeded, that it still is, and when it is not any more. */
export function createLimitWatch(limit: MachineLimit): (at: number, value: number) => LimitNews | null {
  let toldAt: number | null = null;
  return (at, value) => {
    if (toldAt !== null && value < limit.clearBelow) {
      toldAt = null;
      return { state: "cleared", severity: severityOf(limit, value) };
    }
    const isNew = toldAt === null && value > limit.limit;
    const isDue = toldAt !== null && at - toldAt >= limit.repeatMs;
    if (!isNew && !isDue) return null;
    toldAt = at;
    return { state: "active", severity: severityOf(limit, value) };
  };
}

function severityOf(limit: MachineLimit, value: number): LimitNews["severity"] {
  if (limit.field !== COIL) return "warning";
  return value >= limit.criticalFrom ? "critical" : "error";
}
