import type { Person, Severity } from "./basics.ts";
import type { RingReason } from "./card.ts";
import type {
  Chatter,
  Closing,
  HeldBack,
  HeldEnd,
  Lag,
  Lagging,
  LateEvent,
  Note,
  Reopening,
  Returned,
  Rise,
  Shelf,
  Untold,
  Worth,
} from "./handling-parts.ts";

export { rankOf, SEVERITIES, type Person, type Severity } from "./basics.ts";

/**
 * Glossary
 *
 * - **event**: one message from the plant. Events are appended, never changed.
 * - **alarm**: one condition on one machine; events drive it. It keeps its number for life. An **own alarm** is of what Valvomo found out.
 * - **occurrence**: one time that the condition came, from its first event until it was cleared or stayed away. Information that says no
 *   state is one that never was active, an **incident**: it happened, and that is all.
 * - The **states** of an alarm, by ISA-18.2; docs/alarm-states.md tells what leads from one to another:
 *   - **normal** (A): cleared, and nothing is left to do.
 *   - **unacknowledged** (B), **acknowledged** (C): active, and nobody, or somebody, has said "I have seen it".
 *   - **returned, unacknowledged** (D): cleared before anybody acknowledged it (`AlarmHandling.returned`).
 *   - **latched** (E, F): over by the plant's word, and held active until somebody resets it (`AlarmHandling.latchedAt`).
 *   - **shelved** (G): put aside for a time, for what is no worse than it was then (`AlarmHandling.shelf`), active or over.
 *   - **chattering**, which the standard has no state for: held open, whatever the plant says of its end (`AlarmHandling.chatter`).
 * - **handling**: what people and time did to an alarm: all that its events do not say.
 * - **shelve**: to put an alarm aside on purpose. It **returns** when it comes again after its end; it **rises** when it gets worse. It
 *   **repeats** when it comes too often to ring each time, and too rarely for chatter. A rule may **hold it back**: then it has not come yet.
 * - **card**: what one chat shows for one alarm. One that makes phones sound **rings**; `RingReason` says why.
 * - **notification**: what the chats are to be told of a change: a ring, or a **follow-up**, which is a short reply to the card.
 * - **board**: the one message that stands for many cards of a chat: of a **flood**, which is more new alarms than anybody can read, of quiet
 *   hours, of an outage. It **gathers** cards until it is shown, or until the flood is over.
 * - **route**: which chats are told of an alarm; **escalation**: who else is told while nobody acknowledges it. An alarm whose chats cannot be
 *   told takes the **second path**.
 * - **heard**: a ring is, once its call is done. What comes next if nobody acknowledges it counts from then.
 * - **slot**: a topic that holds one message until it is removed or replaced; a device's slots form a ring buffer.
 */

/** What the plant says of a condition. */
interface Condition {
  /** Where its newest message came. */
  readonly topic: string;
  readonly source: string | null;
  readonly message: string;
  readonly severity: Severity;
  readonly value: number | null;
  readonly unit: string | null;
  readonly limit: number | null;
  readonly field: number | null;
}

/** The occurrence that is now, or was last. */
interface Occurring {
  readonly state: "active" | "cleared";
  /** Whether the plant tells when it ends. If not, only time can: see `advance`. */
  readonly isClearedByPlant: boolean;
  /** The worst of this occurrence. */
  readonly peakSeverity: Severity;
  /** 1 for the first time that the condition came; 0: only its end was ever told. */
  readonly occurrence: number;
  /** Events of this occurrence that said "active". */
  readonly count: number;
  /** Its earliest event of this occurrence; epoch ms, the plant's clock if it gave one, else ours. */
  readonly startedAt: number;
  /** Its newest event. */
  readonly lastAt: number;
  /** When its newest event came, by our clock. */
  readonly lastReceivedAt: number;
  /** `null` if it is active, or never was: see `isIncident`. */
  readonly clearedAt: number | null;
}

/** Who was told of it, and who has seen it. */
interface Told {
  /** Who said "I have seen it" in this occurrence, and when; a rise in severity or a return takes it back. */
  readonly acknowledgedBy: string | null;
  readonly acknowledgedAt: number | null;
  /** When somebody was first told of it as it is: that it came, came back, or got worse; `null`: nobody was. By our clock. */
  readonly toldAt: number | null;
  /** When somebody heard its newest ring, by our clock: what comes next if nobody acknowledges it counts from then. */
  readonly heardAt: number | null;
  /** Its newest ring, if nobody has heard that yet, as in an outage or in quiet hours. */
  readonly owedRing: RingReason | null;
  /** When it was told by the second path, since no chat could be told of this occurrence; epoch ms. */
  readonly secondPathAt: number | null;
}

/** One condition on one machine, as its events left it. */
export interface Alarm extends Condition, Occurring, Told {
  readonly id: number;
  readonly key: string;
  readonly handling: AlarmHandling;
  /** Grows with each visible change: a card that shows an older version is out of date. */
  readonly version: number;
}

/** How the newest event came, what it is called here, and how the plant's clock goes. */
interface Punctuality {
  /** Where the value went with its newest event. */
  readonly trend: "rising" | "falling" | "level" | null;
  /** What the site calls the machine behind its topic; `null`: it has no name for it. */
  readonly label: string | null;
  /** What of its newest event was not understood, in words. */
  readonly remark: string | null;
  /** Whether its newest event said when it happened: what is older than that came late. */
  readonly isDated: boolean;
  /** The newest event that came late: it changed nothing, as newer ones were known. */
  readonly late: LateEvent | null;
  /** Events that came late, with nothing newer since; `null`: none did. */
  readonly lagging: Lagging | null;
  /** The newest event by which it was found that the plant's clock was set back; `null`: none in this occurrence. */
  readonly setBack: Lag | null;
}

/** How the alarm comes and goes. */
interface Recurrence {
  /** When the occurrence before this one ended; `null`: there was none. */
  readonly formerEndAt: number | null;
  /** Since when the plant says that it is over, where it is held until somebody resets it (latched); `null`: it does not. */
  readonly latchedAt: number | null;
  /** It returned to normal, and nobody has acknowledged it: that is still to be done. `null`: it did not, or somebody has. */
  readonly returned: Returned | null;
  /** When it came lately, oldest first: what tells chatter. */
  readonly starts: readonly number[];
  readonly chatter: Chatter | null;
  readonly repeats: Repeats;
  readonly heldBack: HeldBack | null;
  readonly heldEnd: HeldEnd | null;
  /** Of all its occurrences; `null`: no rule did so. */
  readonly untold: Untold | null;
}

/** How it got worse, who has seen it, and who was told because nobody had. */
interface Escalating {
  /** How it got worse last in this occurrence, after it had been milder; `null`: it did not. */
  readonly rise: Rise | null;
  /** How bad it was when it was acknowledged; `null`: it is not. */
  readonly acknowledgedAs: Severity | null;
  /** How many steps of its escalation were taken in this occurrence, and when the last one was, or it began to wait for the first. */
  readonly step: number;
  readonly steppedAt: number;
  /** Who was told in this occurrence because nobody acknowledged it; `null`: noted by an older Valvomo, as `step` alone. */
  readonly passedOn: readonly Destination[] | null;
  /** Who acknowledged it, to be reminded there; `null`: nobody, or somebody whom no chat knows. */
  readonly owner: { readonly userId: number; readonly chatId: number; readonly remindedAt: number | null } | null;
  /** Who pressed *Acknowledge* in this occurrence where two have to, in their order; empty where one is enough. */
  readonly seenBy: readonly (Person & { readonly at: number })[];
  /** Whose acknowledgement was taken back last in this occurrence: an echo of it from the plant is no acknowledgement; `null`: nobody's. */
  readonly takenBack: { readonly userId: number; readonly by: string } | null;
}

/** What people did about it. */
interface Handling {
  readonly shelf: Shelf | null;
  /** Who said that it is over, where the plant never says so; `null` while nobody has in this occurrence. */
  readonly closing: Closing | null;
  /** Who took that back last. */
  readonly reopening: Reopening | null;
  /** The newest thing that somebody wrote to it in this occurrence. */
  readonly note: Note | null;
  /** What was asked of its use last, maybe in an earlier occurrence; `null`: nothing. */
  readonly worth: Worth | null;
}

/** What people and time did to an alarm. All instants are by our own clock. */
export interface AlarmHandling extends Punctuality, Recurrence, Escalating, Handling {}

/** How an alarm comes back. What comes too often below the rate of chatter repeats: it rings once in a while. */
export interface Repeats {
  /** When it came lately, oldest first. */
  readonly times: readonly number[];
  /** When it was last to ring for that it came, or got worse, and how bad it was; `null`: an older Valvomo did not note that. */
  readonly told: { readonly at: number; readonly severity: Severity } | null;
  /** It repeats, and rings again from then on, or when it gets worse; `null`: it does not repeat. */
  readonly quietUntil: number | null;
  /** Whether it came without a ring, and nobody was reminded of it since. */
  readonly isQuiet: boolean;
}

/** Where cards go: a chat (a group, or a person's private chat), and the thread of a forum group if any. */
export interface Destination {
  readonly chatId: number;
  readonly threadId: number | null;
  /** As people call it, for sentences. */
  readonly name: string;
  /** It stands here for whoever is on duty: when that is somebody else, they take its place. Left out: it is named itself. */
  readonly isByDuty?: true;
}
