import { decode } from "../../src/alarms/decode.ts";
import type { AlarmEvent } from "../../src/alarms/types.ts";

/** The topic of the thesis' plant. */
export const TOPIC = "lut/AMBsystem/warnings/chatbot";

/** The event that a payload on the thesis' topic becomes. */
export function eventOf(payload: string | object, options: { at?: number; topic?: string } = {}): AlarmEvent {
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  return decode({
    topic: options.topic ?? TOPIC,
    payload: Buffer.from(text),
    isRetained: false,
    receivedAt: options.at ?? 1_000,
  });
}
