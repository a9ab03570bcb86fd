import { InputFile, type Context } from "grammy";
import { shorten } from "../alarms/text.ts";
import type { Audit, AuditLine } from "../store/audit.ts";
import { pseudonymOf } from "../store/forget-person.ts";
import { formatInstant } from "../time.ts";
import type { Command } from "./commands.ts";
import { fit, html, type Html } from "./render.ts";
import { reply } from "./reply.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MAX_DAYS = 366;
/** More than a message holds. */
const SHOWN = 60;
/** A year of a busy plant. */
const MAX_EXPORT = 200_000;
const MAX_DETAILS = 120;

/** Who did what, from where, and what came of it. For admins, in private. */
export function createAuditCommand(options: {
  readonly audit: Pick<Audit, "list">;
  readonly timeZoneOf: (chatId: number) => string;
  readonly now: () => number;
}): Command {
  const { audit, timeZoneOf, now } = options;

  async function run(ctx: Context, args: string): Promise<void> {
    const match = /^(?:(\d{1,3})\s*([hd]))?\s*(file)?$/i.exec(args.trim());
    const [, amount = "7", unit = "d", file] = match ?? [];
    const periodMs = match === null ? 0 : Number(amount) * (unit.toLowerCase() === "h" ? HOUR : DAY);
    if (periodMs <= 0 || periodMs > MAX_DAYS * DAY) {
      return reply(ctx, html`For how long? Write it like /audit 24h or /audit 7d; /audit 7d file sends it as a file.`);
    }
    const since = now() - periodMs;
    if (file !== undefined) return send(ctx, await audit.list(since, MAX_EXPORT));
    const lines = await audit.list(since, SHOWN + 1);
    const zone = timeZoneOf(ctx.chatId ?? 0);
    const head = html`<b>Who did what</b>, newest first. /audit ${amount}${unit} file has all of it.`;
    await reply(
      ctx,
      lines.length === 0
        ? html`Nothing was noted in that time.`
        : fit(
            head,
            lines.map((line) => lineView(line, zone, now())),
          ),
    );
  }

  async function send(ctx: Context, lines: readonly AuditLine[]): Promise<void> {
    const { unparse } = await import("papaparse").then(({ default: papa }) => papa);
    const rows = lines.map((line) => [
      new Date(line.at).toISOString(),
      line.personId ?? "",
      line.name ?? "",
      placeOf(line),
      line.action,
      line.details,
      line.result,
    ]);
    const csv = unparse(
      { fields: ["time", "person", "name", "place", "action", "details", "result"], data: rows },
      { escapeFormulae: true },
    );
    const name = `valvomo-audit-${new Date(now()).toISOString().slice(0, 10)}.csv`;
    await ctx.replyWithDocument(new InputFile(Buffer.from(csv), name), {
      caption: "Times in the file are UTC.",
      disable_notification: true,
    });
  }

  return {
    name: "audit",
    description: "Who did what (admins)",
    usage: ["/audit 7d", "/audit 30d file"],
    right: { role: "admin", isPrivate: true },
    run,
  };
}

/** The group, as its number; a private chat's would be a person's. */
const placeOf = ({ groupId }: AuditLine): string => (groupId === null ? "private" : `group ${groupId}`);

function lineView(line: AuditLine, timeZone: string, now: number): Html {
  const who = line.personId === null ? "Valvomo" : (line.name ?? pseudonymOf(line.personId));
  const place = line.groupId === null ? "" : ` in ${placeOf(line)}`;
  const details = line.details === "" ? "" : ` ${shorten(line.details, MAX_DETAILS)}`;
  return html`${formatInstant(line.at, timeZone, now)} · ${who}${place}: ${line.action}${details} → ${line.result}`;
}
