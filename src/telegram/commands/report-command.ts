import type { Context } from "grammy";
import type { ReportStore } from "../../reports/report-store.ts";
import { formatSchedule, nextReportAt, parseSchedule } from "../../reports/schedule.ts";
import { formatInstant } from "../../lib/time/time.ts";
import { SETTING, type Command } from "../access/command.ts";
import type { Handled } from "../access/outcome.ts";
import { html, ours } from "../api/render.ts";
import { decline, reply } from "../access/reply.ts";
import { servedIn } from "../access/person.ts";

const HOW = html`Write /report daily 07:00 or /report weekly mon 07:00, and /report off to end them.`;

/** `/report`: shows and sets when a chat gets a report. */
export function createReportCommand(options: {
  readonly store: ReportStore;
  readonly timeZoneOf: (chatId: number) => string;
  readonly now: () => number;
}): Command {
  const { store, timeZoneOf, now } = options;

  async function run(ctx: Context, args: string): Promise<Handled> {
    const chatId = servedIn(ctx).chatId;
    const wish = args.trim().toLowerCase();
    if (wish === "") return show(ctx, chatId);
    if (wish === "off") await store.save(chatId, null);
    else {
      const schedule = parseSchedule(wish);
      if ("problem" in schedule) return decline(ctx, ours(schedule.problem));
      // The first one is the next: what would have been due before is not owed.
      await store.save(chatId, { threadId: servedIn(ctx).threadId, schedule: schedule.value, sentAt: now() });
    }
    return { result: "done", tell: () => show(ctx, chatId) };
  }

  async function show(ctx: Context, chatId: number): Promise<void> {
    const plan = store.all().find((one) => one.chatId === chatId);
    if (!plan) return reply(ctx, html`This chat gets no reports. ${HOW}`);
    const zone = timeZoneOf(chatId);
    const next = formatInstant(nextReportAt(plan.schedule, zone, now()), zone, now());
    await reply(ctx, html`A report comes ${formatSchedule(plan.schedule)} (${zone}), the next one at ${next}. ${HOW}`);
  }

  return {
    name: "report",
    description: "A report each day or week: measurements, plots, alarms",
    topic: "quiet",
    usage: ["/report", "/report daily 07:00", "/report weekly mon 07:00", "/report off"],
    right: SETTING,
    noted: /^(off|(daily|weekly|every|each)[\w:. ]{0,20})$/i,
    run,
  };
}
