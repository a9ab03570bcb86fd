import { decode } from "./decode.ts";
import type { AlarmEvent } from "./types.ts";

/** Where our own events come from. No wildcard of MQTT matches a topic with a dollar, so no plant's warning is taken for one. */
export const OWN_TOPIC = "$valvomo";
const SOURCE = "Valvomo";

/**
 * Our own trouble is an alarm like any other: it has a card, is acknowledged and cleared.
 * @param reason why the chat cannot be reached; `null` when it can be again
 */
export function reachabilityEvent(chatId: number, reason: string | null, receivedAt: number): AlarmEvent {
  const content = {
    id: `chat ${chatId}`,
    message: `Chat ${chatId} gets no alarms${reason === null ? "" : `: ${reason}`}`,
    severity: "error",
    source: SOURCE,
    state: reason === null ? "cleared" : "active",
  };
  return decode({ topic: OWN_TOPIC, payload: Buffer.from(JSON.stringify(content)), isRetained: false, receivedAt });
}
