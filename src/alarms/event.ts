import type { SaidState } from "./state-word.ts";
import type { PlantMessage } from "./plant-message.ts";
import type { Person, Severity } from "./basics.ts";

/** What a plant message says. Text is safe to store and to show: well-formed, without control or bidi-override characters. */
export interface ReadMessage {
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
  /** The number by which the measurement is plotted: ThingSpeak field 1…8, or of our own limits a device's member. */
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
  /** The slot that the message stands in, or did until now; `null`: its topic is no slot. */
  readonly slot: Slot | null;
}

/** What a message says about the slot that is its topic. */
export interface Slot {
  /** One name for all slots of the device: a message is the same alarm in whichever of them it stands. */
  readonly ringBuffer: string;
  /** Equal for two copies of the message that stands there, acknowledged or not; `null`: none does any more. */
  readonly messageKey: string | null;
  /** Whether the message has a time of its own. If not, two that look alike may be two. */
  readonly isTimed: boolean;
  /** Who acknowledged it at the plant; `null`: nobody yet. */
  readonly acknowledgedBy: Person | null;
}

/** What of an event moves its alarm on: all but how it came, and where it stands. */
export type ToldEvent = Pick<
  AlarmEvent,
  Exclude<keyof ReadMessage, "isTopicEnd" | "slot"> | "topic" | "receivedAt" | "alarmKey" | "label"
>;

/** One message from the plant, read and named. */
export interface AlarmEvent extends PlantMessage, ReadMessage {
  /** Which alarm it belongs to; see identity.ts. */
  readonly alarmKey: string;
  /** Equal for two copies of one message; `null` when the message carries no time of its own and could rightly come twice. */
  readonly dedupeKey: string | null;
  /** What the site calls the machine behind its topic; left out: it has no name for it. */
  readonly label?: string;
}
