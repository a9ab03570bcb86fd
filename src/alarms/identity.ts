import { hash } from "node:crypto";
import { withoutMeasured } from "./measured.ts";
import type { PlantMessage, Reading } from "./types.ts";

/**
 * Which alarm a reading belongs to: the plant's own id if it gives one, else its text without the measured values, each
 * on its topic, source and field. Hashed, since a text may be 64 KiB long.
 */
export function alarmKeyOf(topic: string, reading: Reading): string {
  const name = reading.id === null ? `text ${withoutMeasured(reading.message)}` : `id ${reading.id}`;
  return digest([topic, reading.source ?? "", reading.field ?? "", name].join("\n"));
}

/**
 * What two copies of one message share. A message without a time of its own may rightly come twice with the same
 * content, so it has none: a redelivery then counts once more, which is better than losing an alarm.
 */
export function dedupeKeyOf(message: PlantMessage, reading: Reading): string | null {
  if (reading.occurredAt === null) return null;
  return digest(`${message.topic}\n${hash("sha256", message.payload)}`);
}

const digest = (text: string): string => hash("sha256", text, "base64url");
