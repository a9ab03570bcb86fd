/** An MQTT message to publish. */
export interface SimulatedMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1;
  readonly retain: boolean;
}

/** ISO 8601 in UTC, with milliseconds. @param at epoch ms */
export const toIso = (at: number): string => new Date(at).toISOString();
