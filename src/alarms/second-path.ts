import type { Alarm } from "./types.ts";

/** Where critical alarms go that no chat could be told of. */
export interface SecondPath {
  /** How long the chats have. */
  readonly afterMs: number;
  /** An MQTT topic, for a siren, a lamp or an SMS gateway; `null`: none. */
  readonly topic: string | null;
  /** A webhook; `null`: none. */
  readonly url: string | null;
}

/** What is sent there, the same to topic and webhook: JSON, times as ISO 8601 UTC. */
export function secondPathPayload(alarm: Alarm, at: number): string {
  const { id, severity, source, message, value, unit, topic, startedAt } = alarm;
  return JSON.stringify({
    alarm: id,
    severity,
    source,
    message,
    value,
    unit,
    topic,
    since: new Date(startedAt).toISOString(),
    at: new Date(at).toISOString(),
    reason: "No chat could be told of this alarm.",
  });
}
