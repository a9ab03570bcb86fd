import { InputFile, type Context } from "grammy";
import { shorten } from "../../alarms/text.ts";
import { readPast } from "../../lib/time/duration.ts";
import { cell, toDocument } from "../../plots/csv-export.ts";
import type { Audit, AuditLine } from "../../store/people/audit.ts";
import { pseudonymOf } from "../../people/pseudonym.ts";
import { formatShort, zoneNameAt } from "../../lib/time/time.ts";
import { DECIDE } from "../../people/right.ts";
import type { Command } from "../access/command.ts";
import { fit, html, type Html } from "../api/render.ts";
import type { Handled } from "../access/outcome.ts";
import { decline, reply } from "../access/reply.ts";
import { servedIn } from "../access/person.ts";

const DAY = 86_400_000;
const MAX_DAYS = 366;
/** More than a message holds. */
const SHOWN = 60;
/** Read at a time for a file: a year of a busy plant must hold up nobody. */
const CHUNK_LINES = 2_000;
const MAX_DETAILS = 120;

/** Who did what, from where, and what came of it. For admins, in private. */
export function createAuditCommand(options: {
  readonly audit: Pick<Audit, "list" | "count">;
  readonly timeZoneOf: (chatId: number) => string;
  readonly now: () => number;
}): Command {
  const { audit, timeZoneOf, now } = options;

  async function run(ctx: Context, args: string): Promise<Handled> {
    const typed = args.trim();
    const isFile = /(?:^|\s)file$/i.test(typed);
    const words = (isFile ? typed.slice(0, -"file".length).trim() : typed) || "7d";
    const asked = readPast(words, timeZoneOf(servedIn(ctx).chatId), now(), MAX_DAYS * DAY);
    if ("problem" in asked) {
      const how = html`Write it like /audit 24h or /audit 7d; /audit 7d file sends it as a file.`;
      return decline(ctx, html`${asked.problem} ${how}`);
    }
    const since = asked.value;
    if (isFile) return send(ctx, since);
    const [found, total] = await Promise.all([audit.list(since, SHOWN), audit.count(since)]);
    if (total === 0) return reply(ctx, html`Nothing was noted in that time.`);
    const zone = timeZoneOf(servedIn(ctx).chatId);
    const head = html`<b>Who did what</b>, newest first · ${zoneNameAt(now(), zone)}. /audit ${words} file has all of it.`;
    await reply(
      ctx,
      fit(
        head,
        found.map((line) => lineView(line, zone, now())),
        total,
      ),
    );
  }

  async function send(ctx: Context, since: number): Promise<void> {
    const name = `valvomo-audit-${new Date(now()).toISOString().slice(0, 10)}`;
    const file = await toDocument(csvOf(since), name);
    await ctx.replyWithDocument(new InputFile(file.bytes, file.name), {
      caption: "Times in the file are UTC.",
      disable_notification: true,
    });
  }

  /** The lines as CSV, the newest first. */
  async function* csvOf(since: number): AsyncGenerator<string> {
    yield "time,person,name,place,action,details,result\n";
    let lines = await audit.list(since, CHUNK_LINES);
    while (lines.length > 0) {
      yield lines.map(csvRow).join("");
      lines = await audit.list(since, CHUNK_LINES, lines.at(-1)?.id);
    }
  }

  return {
    name: "audit",
    description: "Who did what (admins)",
    topic: "people",
    usage: ["/audit 7d", "/audit 30d file"],
    right: DECIDE,
    noted: /^(\d{1,3}\s*(h|d|w|mo|y|hours?|days?|weeks?|months?|years?))?\s*(file)?$/i,
    run,
  };
}

const csvRow = (line: AuditLine): string =>
  `${[
    new Date(line.at).toISOString(),
    String(line.personId ?? ""),
    line.name ?? "",
    placeOf(line),
    line.action,
    line.details,
    line.result,
  ]
    .map(cell)
    .join(",")}\n`;

/** The group, as its number; a private chat's would be a person's. */
const placeOf = ({ groupId }: AuditLine): string => (groupId === null ? "private" : `group ${groupId}`);

function lineView(line: AuditLine, timeZone: string, now: number): Html {
  const place = line.groupId === null ? "" : ` in ${placeOf(line)}`;
  // As code, or a tap on what somebody did would do it again.
  const details = line.details === "" ? "" : ` ${shorten(line.details, MAX_DETAILS)}`;
  return html`${formatShort(line.at, timeZone, now)} · ${whoOf(line)}${place}: <code>${line.action}${details}</code> → ${line.result}`;
}

/** With the number that /people and /forget take. */
function whoOf({ personId, name }: AuditLine): string {
  if (personId === null) return "Valvomo";
  return name === null ? pseudonymOf(personId) : `${personId} ${name}`;
}
