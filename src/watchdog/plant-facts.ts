import type { Observation } from "./heartbeat.ts";

/** The way from the broker to us. */
export interface LinkState {
  /** `deaf`: connected, but the broker grants us none of the live topics. */
  readonly state: "up" | "down" | "deaf";
  /** Since when it is so; epoch ms. */
  readonly since: number;
  /** Host and port. */
  readonly broker: string;
  readonly error: string | null;
}

/** Something that tells itself, or of which the broker tells, whether it is there. */
export interface Presence {
  /** Its name among all; see `Monitor.key`. */
  readonly key: string;
  readonly name: string;
  /** `null`: nobody has said yet. */
  readonly isUp: boolean | null;
  /** Since when we know; epoch ms. */
  readonly since: number;
}

/** A TwinCAT device. */
export interface DeviceFacts extends Presence {
  /** What all its topics begin with, up to the last slash. */
  readonly root: string;
  /** What comes of it, as one heartbeat; `null`: the plants file has one for it. */
  readonly observation: Observation | null;
}

/** A topic's observation. */
export interface TopicObservation extends Observation {
  readonly topic: string;
}

/** What is known about the way from the plant to us, at one moment. */
export interface PlantFacts {
  /** Epoch ms. */
  readonly now: number;
  /** Since when we run without a break; see wake-watch.ts. */
  readonly awakeSince: number;
  /** IANA name, for the times in messages. */
  readonly timeZone: string;
  readonly link: LinkState;
  readonly bridges: readonly Presence[];
  readonly devices: readonly DeviceFacts[];
  readonly topics: readonly TopicObservation[];
}
