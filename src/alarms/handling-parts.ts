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
