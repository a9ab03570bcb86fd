import type { OwnTrouble } from "../alarms/payloads/own.ts";
import { diagnoseCloud, type FieldObservation, type ThingSpeakState } from "./diagnose-cloud.ts";
import { diagnosePlant } from "./diagnose-plant.ts";
import type { PlantFacts } from "./plant-facts.ts";
import type { Trouble } from "./trouble.ts";

/** All that is known about who is alive, at one moment. */
export interface WatchFacts extends PlantFacts {
  /** `null`: there is no channel. */
  readonly thingspeak: ThingSpeakState | null;
  readonly fields: readonly FieldObservation[];
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

/** What is to be told after a diagnosis. Only what is seen to be over ends an alarm: what is hidden by a greater trouble may last. */
export function changesOf(
  { troubles, undecided }: Diagnosis,
  raised: ReadonlyMap<string, string>,
): { readonly begun: readonly Trouble[]; readonly over: readonly OwnTrouble[] } {
  const present = new Set(troubles.map(({ id }) => id));
  return {
    begun: troubles.filter(({ id }) => !raised.has(id)),
    over: [...raised].filter(([id]) => !undecided.has(id) && !present.has(id)).map(([id, topic]) => ({ id, topic })),
  };
}
