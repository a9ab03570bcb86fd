import { InputFile, type Context } from "grammy";
import { hashOf, newCode, parseInvitation } from "../../people/invitation.ts";
import { qrPicture } from "../../people/qr.ts";
import { aRole } from "../../people/role.ts";
import type { People } from "../../store/people/people.ts";
import { formatDuration, formatInstant } from "../../lib/time/time.ts";
import { DECIDE } from "../../people/right.ts";
import type { Command } from "../access/command.ts";
import type { Done, Handled } from "../access/outcome.ts";
import { actorOf, servedIn } from "../access/person.ts";
import { html, lines, ours } from "../api/render.ts";
import { decline, reply } from "../access/reply.ts";

const USAGE = ["/invite operator 24h", "/invite viewer 7d", "/invite admin 1h", "/invite off"];

/** What inviting needs. */
interface InviteOptions {
  readonly people: Pick<People, "meet" | "invitations">;
  readonly timeZoneOf: (chatId: number) => string;
  readonly now: () => number;
}

/** A link, also as a QR picture, that lets somebody in, once; `off` takes back all that are open. For admins, in private. */
export function createInviteCommand(options: InviteOptions): Command {
  const { people, timeZoneOf, now } = options;

  async function withdraw(ctx: Context): Promise<Done> {
    const count = await people.invitations.withdraw();
    return { result: `${count} withdrawn`, tell: () => reply(ctx, html`Open invitations withdrawn: ${count}.`) };
  }

  async function invite(ctx: Context, args: string): Promise<Handled> {
    if (args.trim().toLowerCase() === "off") return withdraw(ctx);
    const wish = parseInvitation(args);
    if (wish === null)
      return decline(
        ctx,
        lines(
          html`As what, and for how long is the link good? For example:`,
          ...USAGE.map((form) => html`· ${ours(form)}`),
        ),
      );
    const code = newCode();
    const expiresAt = now() + wish.validMs;
    const invitedBy = await people.meet(actorOf(ctx));
    const codeHash = hashOf(code);
    await people.invitations.make({ codeHash, role: wish.role, invitedBy, expiresAt }, ctx.update.update_id);
    const link = `https://t.me/${ctx.me.username}?start=${code}`;
    const caption = lines(
      html`<b>Invitation</b>: whoever opens it first becomes ${aRole(wish.role)}.`,
      ours(link),
      html`Good for ${formatDuration(wish.validMs)}, until ${formatInstant(expiresAt, timeZoneOf(servedIn(ctx).chatId), now())}. Show the picture, or forward this message; it works once.`,
    );
    try {
      await ctx.replyWithPhoto(new InputFile(await qrPicture(link), "invitation.png"), {
        caption: caption.html,
        parse_mode: "HTML",
        disable_notification: true,
      });
    } catch (error) {
      // Nobody knows the code, or it may stand where nobody looks: no door is to stay open that nobody sees.
      await people.invitations.withdraw(codeHash);
      return {
        result: "not shown",
        async tell() {
          await reply(ctx, html`The invitation could not be shown, so it is taken back. Ask for another one.`);
          throw error;
        },
      };
    }
    return { result: "done", tell: async () => undefined };
  }

  return {
    name: "invite",
    description: "A link that lets somebody in, once (admins)",
    topic: "people",
    usage: USAGE,
    right: DECIDE,
    noted: /^(off|(viewer|operator|admin)(\s+\d{1,3}\s*(h|d|w|hours?|days?|weeks?))?)$/i,
    run: invite,
  };
}
