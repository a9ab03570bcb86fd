import { z } from "zod";
import type { OwnMessage } from "../alarms/payloads/own.ts";
import type { Destination } from "../alarms/types.ts";
import type { Logger } from "../lib/log.ts";
import type { KeyValue } from "../store/sql/key-value.ts";
import { readCalendar, type CalendarTurns } from "./calendar-turns.ts";

/** Where a calendar says who is on duty. */
export interface CalendarSetting {
  /** A path, or an address. */
  readonly source: string;
  readonly everyMs: number;
  /** Whom it may name. */
  readonly people: readonly Destination[];
}

/** The last good calendar, read again and again. */
export interface DutyCalendar {
  /** Its turns; `null`: there is no calendar, or none was ever read. */
  readonly turns: () => CalendarTurns | null;
  /** To be called about once a second. @param tell says what is wrong with it to the admins, and that it is over */
  readonly look: (tell: (message: OwnMessage) => Promise<void>) => Promise<void>;
}

const NAME = "duty calendar";
const DAY_MS = 86_400_000;
/** So far ahead somebody is to be on duty. */
const AHEAD_MS = 14 * DAY_MS;
const keptForm = z.object({ source: z.string(), text: z.string() });

/**
 * Opens what the last run read of it. Whatever is wrong later, the last good one counts.
 * @param options.setting what the plants file says now; `null`: there is no calendar
 * @param options.read reads a path or an address; rejects with what is wrong
 */
export async function openDutyCalendar(options: {
  readonly setting: () => CalendarSetting | null;
  readonly read: (source: string) => Promise<string>;
  readonly keyValue: KeyValue;
  readonly timeZone: () => string;
  readonly now: () => number;
  readonly log: Logger;
}): Promise<DutyCalendar> {
  const { setting, read, keyValue, timeZone, now, log } = options;
  let good: { readonly source: string; readonly turns: CalendarTurns } | null = null;
  let tried: { readonly setting: CalendarSetting; readonly at: number } | null = null;

  async function take(text: string, given: CalendarSetting): Promise<void> {
    const turns = await readCalendar(text, { people: given.people, timeZone: timeZone() });
    // A fault in what comes next is found here, before anybody is missing.
    const ahead = turns(now(), now() + AHEAD_MS, (problem) => {
      throw new Error(problem);
    });
    if (ahead.length === 0) throw new Error("it names nobody for the next two weeks");
    good = { source: given.source, turns };
  }

  const given = setting();
  const kept = keptForm.safeParse(await keyValue.read(NAME)).data;
  if (given !== null && kept?.source === given.source) {
    try {
      const turns = await readCalendar(kept.text, { people: given.people, timeZone: timeZone() });
      // What of it is wrong by now is told once it is read anew; the rest counts meanwhile.
      turns(now(), now() + AHEAD_MS);
      good = { source: given.source, turns };
    } catch (error) {
      log.warn({ err: error }, "the calendar of before is none");
    }
  }

  return {
    turns: () => (good !== null && good.source === setting()?.source ? good.turns : null),
    async look(tell) {
      const present = setting();
      if (present === null && tried === null) return;
      if (present === null) {
        tried = null;
        return tell(messageOf(null));
      }
      // Also where the clock was set back meanwhile.
      if (tried?.setting === present && Math.abs(now() - tried.at) < present.everyMs) return;
      tried = { setting: present, at: now() };
      try {
        const text = await read(present.source);
        await take(text, present);
        await keyValue.write(NAME, { source: present.source, text });
        await tell(messageOf(null));
      } catch (error) {
        log.warn({ err: error }, "the calendar of the duty cannot be used");
        const problem = error instanceof Error ? error.message : String(error);
        const rest =
          good?.source === present.source
            ? "What it said before stays in force"
            : "Nobody is on duty by it: what is for whoever is on duty goes to the admins";
        await tell(messageOf(`${problem}. ${rest}`));
      }
    },
  };
}

const messageOf = (problem: string | null): OwnMessage => ({
  id: "duty calendar",
  severity: "warning",
  isForAdmins: true,
  state: problem === null ? "cleared" : "active",
  message:
    problem === null
      ? "The calendar of the duty is right again, and in force"
      : `The calendar of the duty cannot be used: ${problem}`,
});
