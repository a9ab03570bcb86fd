import type { Attributes, Value } from "./data.ts";

/** One value of a device, with what is known of it. */
export interface Member extends Attributes {
  readonly group: string;
  /** Its name in the PLC's program: `stPump.fTemp`. */
  readonly path: string;
  readonly value: Value;
  /** When it came; epoch ms. `null`: the broker had kept it, and nobody knows how old it is. */
  readonly at: number | null;
}

/** A device as it described itself, with its newest values. */
export interface Device {
  /** As buttons name it; the same over restarts, and never given to another. */
  readonly number: number;
  /** Its name among all; see `DeviceTopic`. */
  readonly root: string;
  readonly name: string;
  /** Emoji. */
  readonly icon: string;
  /** `["*"]`: everybody. `null`: it has not said yet. */
  readonly permittedUsers: readonly string[] | null;
  /** In the order in which they first came. */
  readonly members: readonly Member[];
  /** When values came last, not counting what the broker had kept; epoch ms. `null`: none yet. */
  readonly dataAt: number | null;
}

/** Whether a device is there. */
export interface DevicePresence {
  /** See `Device`. */
  readonly root: string;
  /** `null`: nobody can tell. */
  readonly isUp: boolean | null;
  /** Since when; epoch ms. */
  readonly since: number;
}

/** What outlives this run: a last will says nothing but that a device is offline, and takes the place of its description. */
export interface KeptDevices {
  readonly lastNumber: number;
  readonly devices: readonly (Pick<Device, "number" | "root" | "permittedUsers"> & { readonly icon: string | null })[];
}

export const NO_DEVICES: KeptDevices = { lastNumber: 0, devices: [] };
