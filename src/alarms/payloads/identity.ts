import { hash } from "node:crypto";
import { withoutMeasured } from "./measured.ts";
import type { ReadMessage } from "../event.ts";
import type { PlantMessage } from "../plant-message.ts";

/**
 * Which alarm a reading belongs to: the plant's own id on its topic if it gives one, else its text without measured values and
 * times on its topic (or its ring of slots), source and field. Hashed, since a text may be 64 KiB long.
 */
export function alarmKeyOf(topic: string, reading: ReadMessage): string {
  if (reading.id !== null) return digest(`id\n${topic}\n${reading.id}`);
  return digest(
    [
      "text",
      reading.slot?.ringBuffer ?? topic,
      reading.source ?? "",
      reading.field ?? "",
      reading.name ?? withoutMeasured(reading.message),
    ].join("\n"),
  );
}

/**
 * A clock that is further off is not set, and stamps different messages alike: such clocks are years behind. What a broker or
 * a bridge kept for us may well be days old.
 */
const MAX_PAST_MS = 30 * 24 * 3_600_000;
const MAX_AHEAD_MS = 24 * 3_600_000;

/** Whether a clock that is set may have told a time; epoch ms. */
export const isCredibleTime = (occurredAt: number, receivedAt: number): boolean =>
  receivedAt - occurredAt <= MAX_PAST_MS && occurredAt - receivedAt <= MAX_AHEAD_MS;

/**
 * What two copies of one message share. A message without a (credible) time of its own may rightly come twice with the same
 * content, so it has none: a redelivery then counts once more, which is better than losing an alarm. What a broker keeps as
 * retained may be old; so may what stands in a slot, which a bridge sends again as if it were new.
 *
 * It begins with its time, so that what comes now stands side by side in the index: without order, each event changes a page of it.
 */
export function dedupeKeyOf(message: PlantMessage, reading: ReadMessage): string | null {
  const { slot } = reading;
  if (slot) return slot.isTimed ? digest(`slot\n${message.topic}\n${slot.messageKey}`) : null;
  if (reading.occurredAt === null) return null;
  if (!message.isRetained && !isCredibleTime(reading.occurredAt, message.receivedAt)) return null;
  return `${reading.occurredAt.toString(36)}-${digest(`${message.topic}\n${hash("sha256", message.payload)}`)}`;
}

/** The same as version 0.1 wrote it. */
export const formerDedupeKey = (key: string): string => key.slice(-DIGEST_LENGTH);

const DIGEST_LENGTH = 43;
const digest = (text: string): string => hash("sha256", text, "base64url");
