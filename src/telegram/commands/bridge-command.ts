import { Composer, type Context } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import type { Bridge, BridgeStatus, ChannelStatus } from "../../bridge/bridge.ts";
import { formatCount } from "../../lib/text/number.ts";
import { LOOK } from "../../people/right.ts";
import { formatDuration, formatInstant } from "../../lib/time/time.ts";
import { toast } from "../access/card-buttons.ts";
import type { Command } from "../access/command.ts";
import { handled } from "../access/outcome.ts";
import { fit, html, lines, type Html } from "../api/render.ts";
import { reply, turnPage } from "../access/reply.ts";
import { servedIn } from "../access/person.ts";

/** What they need. */
export interface BridgeCommandOptions {
  /** `null`: there is none. */
  readonly bridge: Pick<Bridge, "status" | "resume"> | null;
  /** Whether somebody may send again what is parked. */
  readonly mayResume: (ctx: Context) => boolean;
  readonly timeZoneOf: (chatId: number) => string;
  readonly now: () => number;
}

/** Messages that ThingSpeak takes in a year on the free plan (FACTS: A7). */
const FREE_MESSAGES_A_YEAR = 3_000_000;
const RESEND = /^resend:(\d{1,15})$/;
const MAX_BUTTONS = 10;

/** `/bridge`: what is on its way to ThingSpeak, and the button that sends again what was refused. */
export function createBridgeCommand({ bridge, mayResume, timeZoneOf, now }: BridgeCommandOptions): {
  readonly command: Command;
  readonly buttons: Composer<Context>;
} {
  async function view(ctx: Context): Promise<{ text: Html; keyboard: InlineKeyboardButton[][] }> {
    if (bridge === null) {
      return { text: html`The bridge is off. MQTT_BULK_TOPIC or THINGSPEAK_POINT turns it on.`, keyboard: [] };
    }
    const status = await bridge.status();
    const parked = status.channels.filter((channel) => channel.parked !== null);
    const button = ({ channelId }: ChannelStatus) => ({
      text: `Send again: channel ${channelId}`,
      callback_data: `resend:${channelId}`,
    });
    return {
      text: bridgeView(status, timeZoneOf(servedIn(ctx).chatId), now()),
      keyboard: mayResume(ctx) ? parked.slice(0, MAX_BUTTONS).map((channel) => [button(channel)]) : [],
    };
  }

  const buttons = new Composer<Context>();
  buttons.callbackQuery(
    RESEND,
    handled(async (ctx) => {
      const channelId = Number(ctx.match[1]);
      const isResumed = (await bridge?.resume(channelId)) ?? false;
      const words = isResumed ? `Channel ${channelId} is written again.` : `Channel ${channelId} is not held back.`;
      return {
        result: isResumed ? "done" : "not done",
        async tell() {
          await toast(ctx, words);
          const { text, keyboard } = await view(ctx);
          await turnPage(ctx, text, keyboard);
        },
      };
    }),
  );

  return {
    command: {
      name: "bridge",
      description: "What is on its way to ThingSpeak",
      topic: "plant",
      usage: ["/bridge"],
      right: LOOK,
      async run(ctx) {
        const { text, keyboard } = await view(ctx);
        await reply(ctx, text, { reply_markup: { inline_keyboard: keyboard } });
      },
    },
    buttons,
  };
}

/** How the bridge is doing, in words. */
function bridgeView({ channels, bad }: BridgeStatus, timeZone: string, now: number): Html {
  if (channels.length === 0 && bad.count === 0) return html`Nothing has come for ThingSpeak yet.`;
  const items = [
    ...channels.map((channel) => channelView(channel, timeZone, now)),
    ...(bad.count === 0 ? [] : [html`⚠️ ${formatCount(bad.count)} messages could not be read in full; the newest:`]),
    ...bad.newest.map(
      ({ topic, problem, receivedAt }) => html`· ${formatInstant(receivedAt, timeZone, now)} ${topic}: ${problem}`,
    ),
  ];
  return fit(html`<b>To ThingSpeak</b>`, items);
}

function channelView(channel: ChannelStatus, timeZone: string, now: number): Html {
  const { channelId, waiting, oldestAt, calledAt, result, failures, nextAt, parked, taken, year, hasKey } = channel;
  const mark = parked !== null || (!hasKey && waiting > 0) ? "❌" : failures > 0 ? "⚠️" : "✅";
  const queue =
    waiting === 0
      ? html`nothing waits`
      : html`${formatCount(waiting)} waiting, the oldest from ${formatDuration(now - (oldestAt ?? now))} ago`;
  const share = ((100 * taken) / FREE_MESSAGES_A_YEAR).toFixed(1);
  return lines(
    html`${mark} <b>Channel ${channelId}</b>: ${queue}`,
    calledAt === null ? null : html`last call ${formatInstant(calledAt, timeZone, now)}: ${result ?? "no answer yet"}`,
    failures > 0 && parked === null ? html`next try in ${formatDuration(Math.max(0, nextAt - now))}` : null,
    parked === null ? null : html`held back until an admin presses Send again`,
    hasKey ? null : html`it has no write key: see writeKey in the plants file`,
    taken === 0 ? null : html`${formatCount(taken)} messages in ${year}, ${share} % of the free plan's 3 million`,
  );
}
