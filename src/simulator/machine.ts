import { dutyAt } from "./duty.ts";
import { createRandom, noise } from "./random.ts";

/** What is wrong at one moment. */
export interface Disturbance {
  /** 0 to 1: how far the bearing's current is driven to its maximum by an external force. */
  readonly overload: number;
  /** How far the rotor is pushed off its centre. */
  readonly displacementUm: number;
  /** The field whose sensor gives nothing. */
  readonly deadField: number | null;
  /** The drive is off: no current, the rotor runs down and comes to lie on its safety bearing. */
  readonly isTripped: boolean;
}

/** What the sensors show; the machine's state in the units of `PLANT_FIELDS`. */
export interface SensorReadings {
  readonly coilC: number;
  readonly currentA: number;
  readonly voltageV: number;
  readonly speedRpm: number;
  readonly positionUm: number;
}

/** The machine, as a state that only moves forward in time. */
export interface Machine {
  /**
   * Moves the state to `at` and reads the sensors. An instant that has passed already gives the state as it is.
   * @param coolingPercent how fast the housing's fan turns, 0 to 100
   */
  advance(at: number, disturbance: Disturbance, coolingPercent?: number): SensorReadings;
}

/** The thermal model is exact for a constant power; the drive's fold-back needs steps this short to be calm. */
const MAX_STEP_MS = 5_000;
/** Temperatures and speed do not depend any more on what they were this long ago. */
const WARM_UP_MS = 3 * 3_600_000;

const NOMINAL_RPM = 9_000;
const RUN_UP_RPM_PER_S = 50;
const RUN_DOWN_RPM_PER_S = 80;
/** The rotor's first critical speed, passed in every run-up, and how sharp it is. */
const CRITICAL_RPM = 4_200;
const DAMPING = 0.15;
const UNBALANCE_UM = 7;
/** Where the rotor lies when nothing holds it. */
const SAFETY_BEARING_UM = 120;

const LEVITATION_A = 1.8;
const FULL_LOAD_A = 2.4;
const MAXIMUM_A = 8.6;
/** The drive folds an overload back from the first temperature on, and to nothing at the second. */
const FOLD_BACK_C = [90, 98] as const;
const COPPER_OHM_AT_20 = 1.7;
const COPPER_PER_K = 0.0039;

/** Two thermal masses in a row: the coil sits in the housing, the housing stands in the hall. */
const COIL_TO_HOUSING_K_PER_W = 0.55;
/** With the fan as usual; still, it keeps half as much heat again in, and at its fastest half as much. */
const HOUSING_TO_HALL_K_PER_W = 0.5;
/** How fast the fan usually turns. */
export const USUAL_COOLING_PERCENT = 50;
const COIL_TAU_S = 90;
const HOUSING_TAU_S = 1_500;

/**
 * An active magnetic bearing with its coil, as plain physics: the current holds the rotor and its load, heats the copper
 * (I²R, with R growing in the heat) through two thermal masses, and the rotor whirls most where it passes its critical speed.
 * The same seed and the same steps give the same readings.
 * @param startAt epoch ms; by then the machine has been running for hours
 */
export function createMachine({ seed, startAt }: { readonly seed: number; readonly startAt: number }): Machine {
  const random = createRandom(seed);
  let at = startAt - WARM_UP_MS;
  let speedRpm = NOMINAL_RPM;
  let loadNow = 0.5;
  let housingC = 35;
  let coilC = 45;
  let currentA = LEVITATION_A;

  function step(seconds: number, disturbance: Disturbance, coolingPercent: number): void {
    const { isRunning, load, ambientC } = dutyAt(seed, at);
    const wantedRpm = isRunning && !disturbance.isTripped ? NOMINAL_RPM * (0.92 + 0.08 * load) : 0;
    speedRpm = towards(speedRpm, wantedRpm, seconds);
    loadNow = settle(loadNow, load, seconds, 60);

    const carriedA = LEVITATION_A + FULL_LOAD_A * loadNow * (speedRpm / NOMINAL_RPM);
    const drivenA = carriedA + (MAXIMUM_A - carriedA) * disturbance.overload * foldBack(coilC);
    currentA = disturbance.isTripped ? 0 : drivenA;
    const powerW = currentA ** 2 * resistanceOhm(coilC);
    const toHallKPerW = HOUSING_TO_HALL_K_PER_W * (1 + (USUAL_COOLING_PERCENT - coolingPercent) / 100);
    housingC = settle(housingC, ambientC + powerW * toHallKPerW, seconds, HOUSING_TAU_S);
    coilC = settle(coilC, housingC + powerW * COIL_TO_HOUSING_K_PER_W, seconds, COIL_TAU_S);
  }

  function measure({ displacementUm, isTripped }: Disturbance): SensorReadings {
    const restUm = isTripped ? SAFETY_BEARING_UM : displacementUm;
    const measuredA = currentA + 0.03 * noise(random);
    return {
      coilC: coilC + 0.05 * noise(random),
      currentA: measuredA,
      voltageV: measuredA * resistanceOhm(coilC) + 0.02 * noise(random),
      speedRpm: speedRpm === 0 ? 0 : speedRpm + 2 * noise(random),
      // One sample a second or less of a rotor that turns 150 times: its phase is anything.
      positionUm: restUm + whirlUm(speedRpm) * Math.sin(2 * Math.PI * random()) + noise(random),
    };
  }

  return {
    advance(untilAt, disturbance, coolingPercent = USUAL_COOLING_PERCENT) {
      while (at < untilAt) {
        const stepMs = Math.min(MAX_STEP_MS, untilAt - at);
        at += stepMs;
        step(stepMs / 1_000, disturbance, coolingPercent);
      }
      return measure(disturbance);
    },
  };
}

/** First-order lag, exact for a constant target. */
function settle(value: number, target: number, seconds: number, tauS: number): number {
  return target + (value - target) * Math.exp(-seconds / tauS);
}

function towards(speedRpm: number, wantedRpm: number, seconds: number): number {
  return wantedRpm > speedRpm
    ? Math.min(wantedRpm, speedRpm + RUN_UP_RPM_PER_S * seconds)
    : Math.max(wantedRpm, speedRpm - RUN_DOWN_RPM_PER_S * seconds);
}

function foldBack(coilC: number): number {
  const [fromC, toC] = FOLD_BACK_C;
  return Math.min(1, Math.max(0, (toC - coilC) / (toC - fromC)));
}

function resistanceOhm(temperatureC: number): number {
  return COPPER_OHM_AT_20 * (1 + COPPER_PER_K * (temperatureC - 20));
}

/** Amplitude of an unbalanced rotor's whirl: nothing at rest, the most at the critical speed, the unbalance itself far above. */
function whirlUm(speedRpm: number): number {
  const ratio = speedRpm / CRITICAL_RPM;
  return (UNBALANCE_UM * ratio ** 2) / Math.hypot(1 - ratio ** 2, 2 * DAMPING * ratio);
}
