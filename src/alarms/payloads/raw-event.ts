import { hash } from "node:crypto";
import type { AlarmEvent } from "../event.ts";
import { plain } from "../plain.ts";
import type { PlantMessage } from "../plant-message.ts";

/** How much of the payload is shown. */
const SHOWN = 300;

/**
 * A message that nobody could read, as one alarm a topic: the last resort, which uses nothing that can fail. It may say anything, so
 * it is no less than an error.
 */
export function rawEvent(message: PlantMessage): AlarmEvent {
  const shown = Buffer.from(message.payload.subarray(0, SHOWN))
    .toString("latin1")
    .replace(/[^\x20-\x7e\xa0-\xff]/g, " ")
    .trim();
  const size = message.cutFrom ?? message.payload.byteLength;
  const rest = size > SHOWN ? ` (${size} bytes in all)` : "";
  return {
    ...message,
    ...plain(`Valvomo could not read this message: ${shown}${rest}`),
    severity: "error",
    alarmKey: hash("sha256", `raw\n${message.topic}`, "base64url"),
    dedupeKey: null,
  };
}
