import type { AlarmEvent } from "../alarms/event.ts";
import { SEVERITIES, type Severity } from "../alarms/types.ts";

/** By what a test alarm is known. */
export interface ProbeName {
  readonly topic: string;
  readonly id: string;
  readonly severity: Severity;
}

/** A test alarm on its way. */
export interface Probe extends ProbeName {
  /** Settles when it is back and stored. */
  readonly stored: Promise<AlarmEvent>;
  readonly onStored: (event: AlarmEvent) => void;
}

/** Sets out with one. */
export function createProbe(name: ProbeName): Probe {
  const { promise: stored, resolve: onStored } = Promise.withResolvers<AlarmEvent>();
  return { ...name, stored, onStored };
}

/** Without what it waits for, to be kept. */
export const nameOfProbe = ({ topic, id, severity }: ProbeName): ProbeName => ({ topic, id, severity });

/** What a run before this one kept, as far as it is that. */
export function readProbeNames(kept: unknown): readonly ProbeName[] {
  return Array.isArray(kept) ? kept.filter(isProbeName) : [];
}

const isProbeName = (kept: unknown): kept is ProbeName =>
  typeof kept === "object" &&
  kept !== null &&
  "topic" in kept &&
  "id" in kept &&
  "severity" in kept &&
  typeof kept.topic === "string" &&
  typeof kept.id === "string" &&
  SEVERITIES.some((severity) => severity === kept.severity);
