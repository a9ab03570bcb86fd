import type { Severity } from "../../src/alarms/types.ts";
import type { Fault } from "./memory-chat.ts";

/** What the plant says of one alarm. */
export type Report =
  | { readonly does: "raise" | "mention"; readonly alarm: number; readonly severity: Severity }
  | { readonly does: "worsen" | "clear" | "inform"; readonly alarm: number };

/** Something that happens. */
export type Command =
  | Report
  /** All of it comes in one batch. */
  | { readonly does: "atOnce"; readonly reports: readonly Report[] }
  /** It comes and goes in one moment. */
  | { readonly does: "flash"; readonly alarm: number; readonly severity: Severity }
  /** What happened before the newest thing comes after it. */
  | {
      readonly does: "lag";
      readonly alarm: number;
      readonly severity: Severity;
      readonly isClear: boolean;
      readonly byMs: number;
    }
  /** The clock by which something came late goes on as ours does: it was set back. */
  | { readonly does: "goOn"; readonly alarm: number; readonly severity: Severity; readonly isClear: boolean }
  | {
      readonly does: "acknowledge" | "takeBack" | "reset" | "unshelve" | "note" | "remove";
      readonly alarm: number;
      readonly chatId: number;
    }
  | { readonly does: "shelve"; readonly alarm: number; readonly chatId: number; readonly forMs: number | null }
  | { readonly does: "takeBoard"; readonly chatId: number }
  | { readonly does: "pass"; readonly times: number; readonly eachMs: number }
  | { readonly does: "fail"; readonly faults: readonly Fault[] }
  | { readonly does: "goAway"; readonly isAway: boolean }
  | { readonly does: "restart" };

/** A command, and whether the next one comes before the dispatcher is done with it. */
export interface Step {
  readonly command: Command;
  readonly isRushed: boolean;
}
