/** What events and alarms are both told in. */

/** From least to most severe; the position is the rank that orders sending. */
export const SEVERITIES = ["info", "warning", "error", "critical"] as const;
/** How bad the plant says it is. */
export type Severity = (typeof SEVERITIES)[number];

/** 0 for info … 3 for critical. */
export const rankOf = (severity: Severity): number => SEVERITIES.indexOf(severity);

/** Somebody who did something in a chat or at the plant, as the cards name them. */
export interface Person {
  /** 0 for somebody at the plant, whom Telegram does not know. */
  readonly userId: number;
  readonly name: string;
}
