import type { Context } from "grammy";
import type { Drill, DrillReport } from "../../engine/drill.ts";
import type { Command } from "../access/command.ts";
import type { Done } from "../access/outcome.ts";
import { html, lines, type Html } from "../api/render.ts";
import { decline, reply } from "../access/reply.ts";
import { servedIn } from "../access/person.ts";

/** Sends a test alarm the whole way into the chat that asks, and says how long each hop took. */
export function createDrillCommand({ drill }: { readonly drill: Drill }): Command {
  async function run(ctx: Context): Promise<Done> {
    const { chatId, threadId } = servedIn(ctx);
    const to = { chatId, threadId, name: "this chat" };
    const report = await drill.run(to);
    if (report === null) return decline(ctx, html`A drill is under way already.`);
    return { result: report.problem === null ? "passed" : "failed", tell: () => reply(ctx, drillView(report)) };
  }
  return {
    name: "drill",
    description: "Send a test alarm the whole way to this chat (admins)",
    topic: "plant",
    usage: ["/drill"],
    right: { role: "admin" },
    run,
  };
}

function drillView(report: DrillReport): Html {
  const { alarmId, publishedAt, confirmedAt, receivedAt, storedAt, shownAt, problem, topics, doubts } = report;
  const hop = (words: string, from: number | null, to: number | null): Html | null =>
    from === null || to === null ? null : html`${words}: ${Math.max(0, to - from)} ms`;
  const head =
    problem === null
      ? html`✅ <b>Drill passed</b>: ${(shownAt ?? publishedAt) - publishedAt} ms from here to the broker and back into this chat.`
      : html`❌ <b>Drill failed</b>: ${problem}`;
  return lines(
    head,
    hop("Published, confirmed by the broker", publishedAt, confirmedAt),
    hop("Published, received from the broker", publishedAt, receivedAt),
    hop("Received, stored", receivedAt, storedAt),
    hop("Received, shown in this chat", receivedAt, shownAt),
    topics.length > 1 && problem === null ? html`It came by each of: ${topics.join(", ")}` : null,
    ...doubts.map((doubt) => html`⚠️ ${doubt}.`),
    alarmId === null ? null : html`/alarm_${alarmId} has its history.`,
  );
}
