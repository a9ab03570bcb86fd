import type { OwnMessage } from "../alarms/payloads/own.ts";
import type { Process } from "../lease/types.ts";
import type { MqttStatus } from "../mqtt/broker-status.ts";
import type { StoreStatus } from "../store/health.ts";
import type { ApiStatus } from "../telegram/api/api-health.ts";
import type { Disk } from "./disk.ts";
import type { FilterLoop } from "./loop-way.ts";

/** How we are ourselves, at one moment. */
export interface SelfFacts {
  readonly clientId: string;
  readonly mqtt: Omit<MqttStatus, "storeError">;
  readonly loops: readonly FilterLoop[];
  readonly telegram: ApiStatus;
  /** Why the second path does not work, if so. */
  readonly secondPathFailures: readonly string[];
  readonly store: StoreStatus;
  /** Of several that share a database; empty: there is but one. */
  readonly processes: readonly Process[];
  /** How far this machine’s clock is ahead of the database’s. */
  readonly clockAheadMs: number;
  /** The disk of the database; `null`: not looked at yet. */
  readonly disk: Disk | null;
  /** What people call the database. */
  readonly databaseName: string;
  /** Epoch ms. */
  readonly now: number;
}

/** One thing that can be wrong with Valvomo itself, and the alarm about it while it is; `null`: it is not wrong, or is over. */
export interface SelfCondition extends Omit<OwnMessage, "message" | "state"> {
  readonly message: string | null;
  /** Whether it is said at once and by itself, since no alarm can be made of it: nothing can be stored. */
  readonly isSaidDirectly?: true;
}
