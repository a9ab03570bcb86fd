/**
 * Glossary
 *
 * - **event**: one message from the plant. Events are appended, never changed.
 * - **alarm**: one condition on one machine; events drive it. It keeps its number for life.
 * - **occurrence**: one time that the condition came, from its first event until it was cleared or stayed away.
 * - **card**: what one chat shows for one alarm.
 * - **slot**: a topic that holds one message until it is removed or replaced; a device's slots form a ring.
 */

/** From least to most severe; the position is the rank that orders sending. */
export const SEVERITIES = ["info", "warning", "error", "critical"] as const;
/** How bad the plant says it is. */
export type Severity = (typeof SEVERITIES)[number];

/** 0 for info … 3 for critical. */
export const rankOf = (severity: Severity): number => SEVERITIES.indexOf(severity);

/** What arrived from the broker, before anybody read it. */
export interface PlantMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly isRetained: boolean;
  /** Epoch ms, our clock. */
  readonly receivedAt: number;
}

/** What a plant message says. Text is safe to store and to show: well-formed, without control or bidi-override characters. */
export interface Reading {
  readonly message: string;
  readonly severity: Severity;
  readonly source: string | null;
  /** `null`: the plant does not say, as in plain text; such an alarm is cleared only by the slot of its message, if it has one. */
  readonly state: "active" | "cleared" | null;
  readonly value: number | null;
  readonly unit: string | null;
  readonly limit: number | null;
  /** ThingSpeak field 1…8 that shows the measurement. */
  readonly field: number | null;
  /** Epoch ms, the plant's clock. */
  readonly occurredAt: number | null;
  /** The plant's own name for the condition: messages with the same id are the same alarm whatever their text. */
  readonly id: string | null;
  /** The slot that the message stands in, or did until now; `null`: its topic is none. */
  readonly slot: Slot | null;
}

/** What a message says about the slot that is its topic. */
export interface Slot {
  /** One name for all slots of the device: a message is the same alarm in whichever of them it stands. */
  readonly ring: string;
  /** Equal for two copies of the message that stands there, acknowledged or not; `null`: none does any more. */
  readonly messageKey: string | null;
  /** Whether the message has a time of its own. If not, two that look alike may be two. */
  readonly isTimed: boolean;
  /** Who acknowledged it at the plant; `null`: nobody yet. */
  readonly acknowledgedBy: Person | null;
}

/** One message from the plant, read and named. */
export interface AlarmEvent extends PlantMessage, Reading {
  /** Which alarm it belongs to; see identity.ts. */
  readonly alarmKey: string;
  /** Equal for two copies of one message; `null` when the message carries no time of its own and could rightly come twice. */
  readonly dedupeKey: string | null;
}

/** Somebody who did something in a chat or at the plant, as the cards name them. */
export interface Person {
  /** 0 for somebody at the plant, whom Telegram does not know. */
  readonly userId: number;
  readonly name: string;
}

/** One condition on one machine, as its events left it. */
export interface Alarm {
  readonly id: number;
  readonly key: string;
  /** Where its newest message came. */
  readonly topic: string;
  readonly source: string | null;
  readonly message: string;
  readonly severity: Severity;
  /** The worst of this occurrence. */
  readonly peakSeverity: Severity;
  readonly state: "active" | "cleared";
  /** Whether the plant tells when it ends. If not, only time can: see `advance`. */
  readonly isClearedByPlant: boolean;
  readonly value: number | null;
  readonly unit: string | null;
  readonly limit: number | null;
  readonly field: number | null;
  /** 1 for the first time that the condition came. */
  readonly occurrence: number;
  /** Events of this occurrence that said "active". */
  readonly count: number;
  /** First event of this occurrence; epoch ms, the plant's clock if it gave one, else ours. */
  readonly startedAt: number;
  /** Its newest event. */
  readonly lastAt: number;
  /** When its newest event came, by our clock. */
  readonly lastReceivedAt: number;
  readonly clearedAt: number | null;
  /** Who said "I have seen it" in this occurrence, and when; a rise in severity or a return takes it back. */
  readonly acknowledgedBy: string | null;
  readonly acknowledgedAt: number | null;
  /** Grows with each visible change: a card that shows an older version is out of date. */
  readonly version: number;
}

/** What one chat was last shown for one alarm. */
export interface Card {
  readonly alarmId: number;
  readonly chatId: number;
  /** The Telegram message that is the card now; `null` before the first was sent. */
  readonly messageId: number | null;
  /** The message that was the card before, and does not say yet that the alarm went on in another one. */
  readonly outdatedMessageId: number | null;
  /** `Alarm.version` and `Alarm.occurrence` that it shows. */
  readonly version: number;
  readonly occurrence: number;
  /** The highest severity at which it rang in that occurrence. */
  readonly rungSeverity: Severity;
}
