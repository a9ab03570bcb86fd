import { diagnoseCloud, type FieldSign, type ThingSpeakState } from "./diagnose-cloud.ts";
import { diagnosePlant, type PlantFacts } from "./diagnose-plant.ts";
import type { Trouble } from "./trouble.ts";

/** All that is known about who is alive, at one moment. */
export interface WatchFacts extends PlantFacts {
  /** `null`: there is no channel. */
  readonly thingspeak: ThingSpeakState | null;
  readonly fields: readonly FieldSign[];
}

/** What follows from the facts. */
export interface Diagnosis {
  /** What is wrong now: causes only, nothing that follows from another one. */
  readonly troubles: readonly Trouble[];
  /** Ids of troubles of which nobody can tell now whether they last: such an alarm stays as it is. */
  readonly undecided: ReadonlySet<string>;
}

/** Finds the cause of what does not come any more. */
export function diagnose(facts: WatchFacts): Diagnosis {
  const plant = diagnosePlant(facts);
  const cloud = facts.thingspeak && diagnoseCloud({ ...facts, thingspeak: facts.thingspeak }, plant.causes);
  return {
    troubles: [...plant.troubles, ...(cloud?.troubles ?? [])],
    undecided: new Set([...plant.undecided, ...(cloud?.undecided ?? [])]),
  };
}
