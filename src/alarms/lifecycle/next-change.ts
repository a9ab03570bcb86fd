import type { Notification } from "../card.ts";
import type { Alarm } from "../types.ts";

/** What happens next if nobody does anything and nothing comes. */
export interface NextChange {
  /** Epoch ms. */
  readonly at: number;
  readonly apply: (alarm: Alarm, now: number) => { readonly alarm: Alarm; readonly notification: Notification };
}

/** A change of which nobody hears. */
export const QUIET: Notification = { ring: null, ringsIn: null, followUp: null };
