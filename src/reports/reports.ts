import type { Outcome, Place } from "../dispatch/types.ts";
import { makeReport, type Report, type ReportSources } from "./report.ts";
import type { ChatPlan, ReportStore } from "./report-store.ts";
import { lastReportAt } from "./schedule.ts";

/** What reports need. */
export interface ReportOptions extends ReportSources {
  readonly store: ReportStore;
  readonly timeZoneOf: (chatId: number) => string;
  /** Whether a chat is shown anything still: settings and routes may name it no more. */
  readonly isServed: (chatId: number) => boolean;
  /** The id under which a chat lives now. */
  readonly currentId: (chatId: number) => number;
  /** Shows a report in a chat. Never throws: every failure is an outcome. */
  readonly send: (place: Place, report: Report) => Promise<Outcome>;
}

/** Sends each chat its report when it is due. */
export interface Reports {
  /** Looks at the clock; to be called again and again, at least each minute. */
  tick(): Promise<void>;
}

/** A report of this morning is worth something until the evening. */
const MAX_LATE_MS = 12 * 3_600_000;
/** A chat that cannot be told now is tried as often as with its cards. */
const RETRY_MS = 600_000;

/** Sends the reports of all chats when they are due. A report that was missed comes late, and once. */
export function createReports(options: ReportOptions): Reports {
  const { store, timeZoneOf, isServed, currentId, send, now, log } = options;
  /** By chat: since when, and until when, it is not to be tried. */
  const retries = new Map<number, { readonly since: number; readonly until: number }>();

  /** What lies ahead was noted before the clock was set back. */
  function isPutOff(chatId: number): boolean {
    const retry = retries.get(chatId);
    return retry !== undefined && retry.since <= now() && now() < retry.until;
  }

  /** Follows a group that became a supergroup. */
  async function followed(plan: ChatPlan): Promise<ChatPlan> {
    const chatId = currentId(plan.chatId);
    if (chatId === plan.chatId) return plan;
    await store.save(plan.chatId, null);
    await store.save(chatId, plan);
    return store.all().find((one) => one.chatId === chatId) ?? plan;
  }

  async function serve(plan: ChatPlan): Promise<void> {
    const { chatId, threadId, schedule, sentAt } = plan;
    if (!isServed(chatId)) return;
    const zone = timeZoneOf(chatId);
    // Sent while the clock was ahead: it would be a long time until the next.
    if (sentAt > now()) return store.save(chatId, { ...plan, sentAt: now() });
    const endAt = lastReportAt(schedule, zone, now());
    if (endAt <= sentAt || now() - endAt > MAX_LATE_MS || isPutOff(chatId)) return;
    const startAt = lastReportAt(schedule, zone, endAt - 1);
    const report = await makeReport(options, { startAt, endAt }, { chatId, timeZone: zone });
    const outcome = await send({ chatId, threadId }, report);
    if (outcome.kind !== "done") log.warn({ chatId, outcome }, "a report was not sent");
    if (outcome.kind === "unavailable" || outcome.kind === "limited" || outcome.kind === "migrated") {
      retries.set(chatId, { since: now(), until: now() + RETRY_MS });
      return;
    }
    retries.delete(chatId);
    // Somebody may have changed or ended it meanwhile.
    if (store.all().includes(plan)) await store.save(chatId, { ...plan, sentAt: endAt });
  }

  return {
    async tick() {
      for (const plan of store.all()) {
        try {
          await serve(await followed(plan));
        } catch (error) {
          log.error({ err: error, chatId: plan.chatId }, "a report failed");
        }
      }
    },
  };
}
