import type { ToldEvent } from "./event.ts";
import type { SaidState } from "./state-word.ts";
import type { Severity } from "./basics.ts";

/** Parts of what people and time did to an alarm; see `AlarmHandling`. Instants are epoch ms, by our own clock unless they are the plant's. */

/** When something happened by the plant's clock, and when it came by ours. */
export interface Lag {
  readonly at: number;
  readonly receivedAt: number;
}

/** That an alarm came and went before anybody acknowledged it. */
export interface Returned {
  readonly at: number;
  /** Whether the chats were reminded of it. */
  readonly isReminded: boolean;
}

/** The end of an alarm by hand. */
export interface Closing extends Reopening {
  readonly reason: string | null;
}

/** That somebody did something to its end. */
export interface Reopening {
  readonly by: string;
  readonly userId: number;
  readonly at: number;
}

/** An alarm that came and went too often to be told each time: it is held open. */
export interface Chatter {
  readonly since: number;
  /** How often it came from then on. */
  readonly count: number;
  /** The newest change. */
  readonly lastAt: number;
  /** Since when the plant says that it is over; `null` while it says that it is not. */
  readonly clearedAt: number | null;
  /** When it had calmed down; `null` while it is held open. */
  readonly endedAt: number | null;
  /** Whether a rule for this alarm holds it open, and not the one for all; left out: it does not. */
  readonly isByRule?: boolean;
}

/** That the plant says that an alarm came, and its rule does not let it come yet. */
export interface HeldBack {
  /** It has not stood for long enough, or its value does not pass the rule's limit. */
  readonly by: "delay" | "limit";
  /** The newest that says so. */
  readonly event: ToldEvent;
  /** When the first came, by the plant's clock if it gave a time, and by ours. */
  readonly startedAt: number;
  readonly receivedAt: number;
  /** The worst that it was meanwhile, and how many events said so. */
  readonly peakSeverity: Severity;
  readonly count: number;
}

/** That the plant says that an active alarm is over, and its value has not come back far enough. */
export interface HeldEnd {
  /** When it was over, by the plant's clock if it gave a time, and when we heard of it. */
  readonly at: number;
  readonly receivedAt: number;
}

/** How often a rule kept an alarm from coming. */
export interface Untold {
  /** It was over before its delay was. */
  readonly brief: number;
  /** Its value did not pass the rule's limit. */
  readonly within: number;
  /** It came again before its value had come back far enough. */
  readonly hovering: number;
  readonly since: number;
  readonly lastAt: number;
}

/** What somebody wrote, or showed in a photo, in reply to a card. */
export interface Note {
  readonly by: string;
  readonly userId: number;
  readonly text: string;
  readonly hasPhoto: boolean;
  /** Who added the photo, if somebody else did; left out: nobody. */
  readonly photoBy?: { readonly by: string; readonly userId: number };
}

/** Whether an alarm was of use, which who acknowledged it is asked when it ends. */
export interface Worth {
  readonly askedAt: number;
  /** Of which time that it came. */
  readonly occurrence: number;
  /** `useful`: something had to be done; `null`: nobody has answered. */
  readonly answer: "useful" | "nothingToDo" | null;
}

/** That an alarm got worse. */
export interface Rise {
  readonly from: Severity;
  /** The worst that nobody has been told of yet. */
  readonly to: Severity;
  /** Grows with each rise of this occurrence that is to be heard. */
  readonly count: number;
  /** Who had seen it, or put it aside, when it was not as bad, or had fallen since; `null`: nobody. */
  readonly former: Former | null;
}

/** An acknowledgement, or a shelf, that does not hold any more. */
interface Former {
  readonly did: "acknowledged" | "shelved";
  readonly by: string;
  readonly userId: number;
  readonly severity: Severity;
}

/** Where the end of a shelf is noted for later: it lasted until the alarm cleared. */
export const UNTIL_CLEARED = 0;

/** An alarm put aside on purpose. */
export interface Shelf {
  readonly by: string;
  readonly userId: number;
  readonly at: number;
  /** How bad it was then: what is worse is not put aside. */
  readonly severity: Severity;
  /** `null`: until it clears. */
  readonly untilAt: number | null;
  readonly reason: string | null;
  /** Whether its end was announced. */
  readonly isAnnounced: boolean;
}

/** What came late, and when it says that it happened. */
export interface LateEvent {
  readonly state: SaidState | null;
  readonly severity: Severity;
  readonly at: number;
  readonly receivedAt: number;
  /** What of it was not understood; left out: nothing. */
  readonly remark?: string;
}

/** What came late, from the first on of those that came as late as the newest. */
export interface Lagging extends Lag {
  /** Whether one of these said that it was over. */
  readonly isOver: boolean;
  /** How bad it may be now, if the clock was set back, and nobody heard; `null`: as it is. */
  readonly doubt: Severity | null;
}
