import type { WritingRight } from "../store/sql/settings.ts";
import type { Process, TakeOver } from "./types.ts";

/** What the app needs of a lease. */
export interface HeldLease {
  /** Whether this process may act outwards now: to be asked before each call to Telegram, each connection to a broker, each publication. */
  readonly isHeld: () => boolean;
  /** Who there is, ourselves first. */
  processes(): readonly Process[];
  /** Which take-over made this process the active one; `null`: none yet. */
  takenOver(): TakeOver | null;
  /** What it writes with; `null`: it is not the active one. */
  right(): WritingRight | null;
}

/** The lease of a program that is alone: nobody takes it. */
export const ALWAYS_HELD: HeldLease = {
  isHeld: () => true,
  processes: () => [],
  takenOver: () => null,
  right: () => null,
};
