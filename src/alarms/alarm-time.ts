import type { Severity } from "./types.ts";

/** When an alarm was active. */
export interface AlarmTime {
  readonly alarmId: number;
  readonly severity: Severity;
  /** Epoch ms. */
  readonly startAt: number;
  /** `null`: it still is. */
  readonly endAt: number | null;
}
