import type { SaidState } from "./state-word.ts";

/**
 * Glossary
 *
 * - **event**: one message from the plant. Events are appended, never changed.
 * - **alarm**: one condition on one machine; events drive it. It keeps its number for life.
 * - **occurrence**: one time that the condition came, from its first event until it was cleared or stayed away. Information that says no
 *   state is one that never was active: it happened, and that is all.
 * - **card**: what one chat shows for one alarm.
 * - **slot**: a topic that holds one message until it is removed or replaced; a device's slots form a ring.
 */

/** From least to most severe; the position is the rank that orders sending. */
export const SEVERITIES = ["info", "warning", "error", "critical"] as const;
/** How bad the plant says it is. */
export type Severity = (typeof SEVERITIES)[number];

/** 0 for info … 3 for critical. */
export const rankOf = (severity: Severity): number => SEVERITIES.indexOf(severity);

/** More is no warning that a person can read: the beginning is kept. */
export const MAX_PAYLOAD_BYTES = 64 * 1024;

/** What arrived from the broker, before anybody read it. */
export interface PlantMessage {
  readonly topic: string;
  /** `MAX_PAYLOAD_BYTES` at most. */
  readonly payload: Uint8Array;
  /** How many bytes there were, if `payload` is only their beginning. */
  readonly cutFrom?: number;
  readonly isRetained: boolean;
  /** Whether it stood at the broker before we listened there for the first time ever. */
  readonly isFound?: boolean;
  /** The id of its delivery with QoS 1, and whether the broker says that it is not the first; ids are used again and again. */
  readonly packetId?: number | undefined;
  readonly isDup?: boolean;
  /** Epoch ms, our clock. */
  readonly receivedAt: number;
}

/** What a plant message says. Text is safe to store and to show: well-formed, without control or bidi-override characters. */
export interface Reading {
  readonly message: string;
  readonly severity: Severity;
  readonly source: string | null;
  /**
   * `null`: the plant does not say, as in plain text; such an alarm is cleared only by the slot of its message, if it has one.
   * `unclear`: it says something that is not known, which is no raise of what is active.
   */
  readonly state: SaidState | null;
  readonly value: number | null;
  readonly unit: string | null;
  readonly limit: number | null;
  /** ThingSpeak field 1…8 that shows the measurement. */
  readonly field: number | null;
  /** Epoch ms, the plant's clock. */
  readonly occurredAt: number | null;
  /** The plant's own name for the condition: messages with the same id are the same alarm whatever their text. */
  readonly id: string | null;
  /** What names the condition where it is neither an id nor the text. */
  readonly name: string | null;
  /** What of the message was not understood, for the card; `null`: nothing. */
  readonly remark: string | null;
  /** Whether it says of its topic, rather than of one condition, that nothing is wrong there any more. */
  readonly isTopicEnd: boolean;
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
  /** 1 for the first time that the condition came; 0: only its end was ever told. */
  readonly occurrence: number;
  /** Events of this occurrence that said "active". */
  readonly count: number;
  /** First event of this occurrence; epoch ms, the plant's clock if it gave one, else ours. */
  readonly startedAt: number;
  /** Its newest event. */
  readonly lastAt: number;
  /** When its newest event came, by our clock. */
  readonly lastReceivedAt: number;
  /** `null` if it is active, or never was: see `isIncident`. */
  readonly clearedAt: number | null;
  /** Who said "I have seen it" in this occurrence, and when; a rise in severity or a return takes it back. */
  readonly acknowledgedBy: string | null;
  readonly acknowledgedAt: number | null;
  readonly course: Course;
  /** When it was told by the second path, since no chat could be told of this occurrence; epoch ms. */
  readonly secondPathAt: number | null;
  /** Grows with each visible change: a card that shows an older version is out of date. */
  readonly version: number;
}

/** What people and time did to an alarm. All instants are by our own clock. */
export interface Course {
  /** Where the value went with its newest event. */
  readonly trend: "rising" | "falling" | "level" | null;
  /** What of its newest event was not understood, in words. */
  readonly remark: string | null;
  /** How many steps of its escalation were taken in this occurrence, and when the last one was, or it began to wait for the first. */
  readonly step: number;
  readonly steppedAt: number;
  /** Who acknowledged it, to be reminded there; `null`: nobody, or somebody whom no chat knows. */
  readonly owner: { readonly userId: number; readonly chatId: number; readonly remindedAt: number | null } | null;
  readonly shelf: Shelf | null;
  /** Who said that it is over, where the plant never says so; `null` while nobody has in this occurrence. */
  readonly closing: Closing | null;
  /** Who took that back last. */
  readonly reopening: Reopening | null;
  /** When it came lately, oldest first: what tells chatter. */
  readonly starts: readonly number[];
  readonly chatter: Chatter | null;
  /** The newest thing that somebody wrote to it in this occurrence. */
  readonly note: Note | null;
}

/** An alarm put aside on purpose. */
interface Shelf {
  readonly by: string;
  readonly userId: number;
  readonly at: number;
  /** `null`: until it clears. */
  readonly untilAt: number | null;
  readonly reason: string | null;
  /** Whether its end was announced. */
  readonly isAnnounced: boolean;
}

/** The end of an alarm by hand. */
interface Closing extends Reopening {
  readonly reason: string | null;
}

interface Reopening {
  readonly by: string;
  readonly userId: number;
  readonly at: number;
}

/** An alarm that came and went too often to be told each time: it is held open. */
interface Chatter {
  readonly since: number;
  /** How often it came from then on. */
  readonly count: number;
  /** The newest change. */
  readonly lastAt: number;
  /** Since when the plant says that it is over; `null` while it says that it is not. */
  readonly clearedAt: number | null;
  /** When it had calmed down; `null` while it is held open. */
  readonly endedAt: number | null;
}

/** What somebody wrote, or showed in a photo, in reply to a card. */
interface Note {
  readonly by: string;
  readonly userId: number;
  readonly text: string;
  readonly hasPhoto: boolean;
}

/** Why a card rings. */
export type RingReason =
  | "first"
  /** It stood at the broker when we listened there for the first time: told together with its like, and silently. */
  | "found"
  | "returned"
  | "escalated"
  /** Nobody has acknowledged it. */
  | "reminder"
  /** Nobody has acknowledged it, so the next one is told. */
  | "passedOn"
  /** Its owner is reminded that it is still active. */
  | "owner"
  /** It was shelved, and is still active. */
  | "unshelved";

/** What a short reply to a card says. */
export type Saying = "cleared" | "shelfEnding";

/** What the chats are to be told of a change, beyond a silent edit. */
export interface News {
  readonly ring: RingReason | null;
  /** The chats that it rings in; `null`: all that are told of the alarm. */
  readonly ringsIn: readonly number[] | null;
  readonly saying: Saying | null;
}

/** What one chat was last shown for one alarm, and what it is still to be told. */
export interface Card {
  readonly alarmId: number;
  readonly chatId: number;
  /** The thread of a forum group. */
  readonly threadId: number | null;
  /** The Telegram message that is the card now; `null`: none was sent, or a board stands for it. */
  readonly messageId: number | null;
  /** The messages that were the card before, and do not say yet that the alarm went on in another one; oldest first. */
  readonly outdatedMessageIds: readonly number[];
  /** Whether a picture was drawn that is to be put into the message. */
  readonly isPictureDue: boolean;
  /** The board that it is on, if any. */
  readonly boardId: number | null;
  /** `Alarm.version` that it shows; 0: none yet. */
  readonly version: number;
  /** How often it was to ring, how often it has rung, and why it is to ring when these differ. */
  readonly rings: number;
  readonly rung: number;
  readonly ringReason: RingReason;
  /** A short reply that is still owed. */
  readonly saying: Saying | null;
}
