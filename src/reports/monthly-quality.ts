import { z } from "zod";
import type { Destination } from "../alarms/types.ts";
import { instantOfTime } from "../alarms/time-of-day.ts";
import type { Outcome, Place } from "../dispatch/types.ts";
import type { Logger } from "../lib/log.ts";
import { dayOf, instantNear, readingAt } from "../lib/time/wall-clock.ts";
import { DAY_MS, HOUR_MS } from "../quality/limits.ts";
import type { MeasuredSpan } from "../quality/types.ts";
import type { KeyValue } from "../store/sql/key-value.ts";

/** What the reports of months need. */
interface MonthlyOptions {
  /** Who gets one: see `quality` in the plants file. */
  readonly plants: { readonly quality: readonly Destination[] };
  readonly keyValue: Pick<KeyValue, "read" | "write">;
  readonly timeZoneOf: (chatId: number) => string;
  readonly isServed: (chatId: number) => boolean;
  /** The id under which a chat lives now. */
  readonly currentId: (chatId: number) => number;
  /** Since when anything is known; `null`: nothing is. */
  readonly historySince: () => Promise<number | null>;
  /** Never throws: every failure is an outcome. */
  readonly send: (place: Place, span: MeasuredSpan) => Promise<Outcome>;
  readonly now: () => number;
  readonly log: Logger;
}

/** Sends each month's report when it is due. */
export interface MonthlyQuality {
  /** Looks at the clock; to be called again and again, at least each hour. */
  tick(): Promise<void>;
}

/** Names in the store the newest month that each chat, or thread of one, got. */
const NAME = "quality reports";
const keptForm = z.record(z.string(), z.number());
/** When people are there to read it. */
const MINUTE_OF_DAY = 7 * 60;
/** Missed for longer than this, a report waits for somebody to ask. */
const MAX_LATE_MS = 7 * DAY_MS;
const RETRY_MS = HOUR_MS;

/** On the first of a month, by the clock of each chat, once; one that was missed comes late. */
export function createMonthlyQuality(options: MonthlyOptions): MonthlyQuality {
  const { plants, keyValue, timeZoneOf, isServed, currentId, historySince, send, now, log } = options;
  const triedAt = new Map<string, number>();

  async function sentMonths(): Promise<Readonly<Record<string, number>>> {
    return keptForm.safeParse(await keyValue.read(NAME)).data ?? {};
  }

  async function serve({ chatId: given, threadId }: Destination): Promise<void> {
    const chatId = currentId(given);
    const place = threadId === null ? `${chatId}` : `${chatId} ${threadId}`;
    const zone = timeZoneOf(chatId);
    const { month, dueAt } = monthBefore(now(), zone);
    if (now() < dueAt || now() - dueAt > MAX_LATE_MS || !isServed(chatId)) return;
    if (Math.abs(now() - (triedAt.get(place) ?? Number.NEGATIVE_INFINITY)) < RETRY_MS) return;
    const sent = await sentMonths();
    if (sent[place] === month.startAt) return;
    const since = await historySince();
    if (since === null || since >= month.endAt) return;
    triedAt.set(place, now());
    const outcome = await send({ chatId, threadId }, month);
    if (outcome.kind === "done") await keyValue.write(NAME, { ...(await sentMonths()), [place]: month.startAt });
    else log.warn({ chatId, outcome }, "the report on the quality of alarms was not sent");
  }

  return {
    async tick() {
      for (const destination of plants.quality) {
        try {
          await serve(destination);
        } catch (error) {
          log.error({ err: error, chatId: destination.chatId }, "the report on the quality of alarms failed");
        }
      }
    },
  };
}

/** The month that is over, and when its report is due. */
function monthBefore(at: number, zone: string): { readonly month: MeasuredSpan; readonly dueAt: number } {
  const today = new Date(readingAt(at, zone));
  const firstOf = (month: number): number => Date.UTC(today.getUTCFullYear(), month, 1);
  const first = firstOf(today.getUTCMonth());
  return {
    month: { startAt: instantNear(firstOf(today.getUTCMonth() - 1), zone), endAt: instantNear(first, zone) },
    dueAt: instantOfTime(dayOf(first), MINUTE_OF_DAY, zone),
  };
}
