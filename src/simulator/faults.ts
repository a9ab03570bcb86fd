import { SENSORS } from "./fields.ts";
import type { Disturbance } from "./machine.ts";

/** What somebody has commanded to be wrong with the machine. */
export interface Faults {
  /** What is wrong besides what goes wrong by itself. @param at epoch ms, never before the last one */
  at(at: number, byItself: Disturbance): Disturbance;
  /** Carries out a command. @returns a sentence: what is so now, or which commands there are */
  command(text: string): string;
}

/** An overload rises and goes within this long. */
const RISE_MS = 15_000;
const MAX_ECHO = 60;
const SPEED = 4;

const COMMANDS = "overheat, sensor dead (or sensor dead 1 to 5), trip, calm";

/** Nothing is wrong at first. What is commanded lasts until `calm`. */
export function createFaults(): Faults {
  let isOverloaded = false;
  let deadField: number | null = null;
  let isTripped = false;
  let overload = 0;
  let wasAt: number | null = null;

  return {
    at(at, byItself) {
      const change = (at - (wasAt ?? at)) / RISE_MS;
      overload = Math.max(0, Math.min(1, overload + (isOverloaded ? change : -change)));
      wasAt = at;
      return {
        ...byItself,
        overload: Math.max(overload, byItself.overload),
        deadField: deadField ?? byItself.deadField,
        isTripped: isTripped || byItself.isTripped,
      };
    },
    command(text) {
      const words = text.trim().toLowerCase().replace(/\s+/g, " ");
      const field = /^sensor dead(?: (\d))?$/.exec(words);
      const sensor = SENSORS.find(({ number }) => number === Number(field?.[1] ?? SPEED));
      if (words === "overheat") {
        isOverloaded = true;
        return "The coil is driven with its maximum, and heats up.";
      }
      if (field !== null && sensor !== undefined) {
        deadField = sensor.number;
        return `${sensor.label}: the sensor gives nothing any more.`;
      }
      if (words === "trip") {
        isTripped = true;
        return "The drive has tripped: no current, and the rotor runs down.";
      }
      if (words === "calm") {
        [isOverloaded, deadField, isTripped] = [false, null, false];
        return "Nothing is wrong any more.";
      }
      const shown = words.length > MAX_ECHO ? "That" : `“${words}”`;
      return `${shown} is not a command. There are: ${COMMANDS}.`;
    },
  };
}
