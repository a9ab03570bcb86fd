import { decode } from "../../src/alarms/payloads/decode.ts";
import type { AlarmEvent } from "../../src/alarms/event.ts";

/** The topic of the thesis' plant. */
export const TOPIC = "lut/AMBsystem/warnings/chatbot";

/** When events come unless a test says otherwise. */
export const NOW = Date.UTC(2026, 10, 23);

/** The event that a payload on the thesis' topic becomes. */
export function eventOf(payload: string | object, options: { at?: number; topic?: string } = {}): AlarmEvent {
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  const [event] = decode({
    topic: options.topic ?? TOPIC,
    payload: Buffer.from(text),
    isRetained: false,
    receivedAt: options.at ?? NOW,
  });
  return event;
}
