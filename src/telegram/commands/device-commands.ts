import { Composer, type Api, type Context } from "grammy";
import type { Clock } from "../../lib/time/clock.ts";
import type { Devices } from "../../devices/devices.ts";
import type { Device, DevicePresence, Member } from "../../devices/types.ts";
import { findNamed } from "../../devices/find-device.ts";
import { isPermitted, type Asker } from "../../devices/permitted.ts";
import type { Pace } from "../../dispatch/pace.ts";
import type { Logger } from "../../lib/log.ts";
import { LOOK } from "../../people/right.ts";
import type { KeyValue } from "../../store/sql/facts.ts";
import { answering } from "../api/answering.ts";
import { callerOf, type AskerIn } from "../plots/asker.ts";
import { toast } from "../access/card-buttons.ts";
import type { Command } from "../access/command.ts";
import {
  DEVICE_PRESS,
  devicesButtons,
  devicesView,
  liveButtons,
  liveView,
  MEMBERS_PER_PAGE,
  nameOfMember,
  nameOfDevice,
  plotRows,
  visibleMembers,
  type ShownDevice,
} from "./device-views.ts";
import { pageOf, realPage } from "./pages.ts";
import { LIVE_MS } from "../plots/live-messages.ts";
import { LiveCards, type CardContent, type CardView } from "./live-cards.ts";
import type { ChatMessage } from "../api/chat-message.ts";
import { html, join } from "../api/render.ts";
import { handled, type Handled } from "../access/outcome.ts";
import { decline, reply, turn } from "../access/reply.ts";
import { servedIn } from "../access/person.ts";

/** What the commands about devices need. */
export interface DeviceCommandOptions {
  readonly devices: Pick<Devices, "list" | "get" | "numbered" | "kept">;
  /** Whether they are there, as the watchdog knows; by root. */
  readonly presences: () => readonly DevicePresence[];
  /** See `TwinCat`. */
  readonly numberOf: (device: Pick<Device, "root">, member: Pick<Member, "group" | "path">) => number | null;
  readonly askerIn: AskerIn;
  /** Makes its calls in turns that are asked for here. */
  readonly api: Api;
  readonly pace: Pick<Pace, "turn" | "isFree">;
  readonly facts: KeyValue;
  readonly isServed: (chatId: number) => boolean;
  readonly timeZoneOf: (chatId: number) => string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Devices in the chat. */
export interface DeviceCommands extends Pick<LiveCards, "resume" | "stopIn" | "stopAll"> {
  readonly commands: readonly Command[];
  readonly buttons: Composer<Context>;
}

const NOT_HERE = "There is no such device that you may see here.";
/** With room to spare in one message. */
const MAX_CHOICES = 20;

/**
 * `/devices`, and `/live` with its card. What a device permits to certain people only is shown to them in private: in a group
 * others would read it, too.
 */
export function createDeviceCommands(options: DeviceCommandOptions): DeviceCommands {
  const { devices, presences, numberOf, askerIn, timeZoneOf, clock } = options;

  const askerOf = (ctx: Context): Asker => askerIn(servedIn(ctx).chatId, callerOf(ctx));

  const presenceOf = ({ root }: Device): DevicePresence | null => presences().find((one) => one.root === root) ?? null;
  const visible = (asker: Asker): readonly ShownDevice[] => {
    const known = new Map(presences().map((presence) => [presence.root, presence]));
    return devices
      .list()
      .filter(({ permittedUsers }) => isPermitted(permittedUsers, asker))
      .map((device) => ({ device, presence: known.get(device.root) ?? null }));
  };
  const momentIn = (chatId: number) => ({ now: clock.now(), timeZone: timeZoneOf(chatId) });

  function contentOf(
    { chatId }: Pick<ChatMessage, "chatId">,
    view: CardView,
    untilAt: number | null,
  ): CardContent | "later" | null {
    const asker = askerIn(chatId, view);
    const device = devices.numbered(view.device);
    if (device === null && devices.kept().devices.some(({ number }) => number === view.device)) return "later";
    if (device === null || !isPermitted(device.permittedUsers, asker)) return null;
    const members = visibleMembers(device, asker);
    const page = realPage(view.page, members.length, MEMBERS_PER_PAGE);
    const plots = pageOf(members, page, MEMBERS_PER_PAGE).flatMap((member) => {
      const number = numberOf(device, member);
      return number === null ? [] : [{ number, name: nameOfMember(member) }];
    });
    return {
      text: liveView({ device, presence: presenceOf(device) }, asker, { page, untilAt }, momentIn(chatId)),
      buttons: [...plotRows(plots, clock.now()), ...liveButtons(device, members.length, page, untilAt !== null)],
    };
  }

  const cards = new LiveCards({ ...options, contentOf });

  async function tellDevices(ctx: Context): Promise<void> {
    const asker = askerOf(ctx);
    const shown = visible(asker);
    await reply(ctx, devicesView(shown, asker, 0, momentIn(servedIn(ctx).chatId)), {
      reply_markup: { inline_keyboard: devicesButtons(shown, 0) },
    });
  }

  async function open(ctx: Context, number: number): Promise<Handled> {
    const [chatId, view] = [servedIn(ctx).chatId, { device: number, page: 0, ...callerOf(ctx) }];
    const content = contentOf({ chatId }, view, clock.now() + LIVE_MS);
    if (content === null || content === "later")
      return decline(ctx, html`${NOT_HERE} /devices shows those that there are.`);
    const message = await ctx.reply(content.text.html, {
      parse_mode: "HTML",
      disable_notification: true,
      reply_markup: { inline_keyboard: content.buttons },
    });
    cards.start({ chatId: message.chat.id, messageId: message.message_id }, view, "");
  }

  async function live(ctx: Context, args: string): Promise<Handled> {
    const asker = askerOf(ctx);
    const all = visible(asker).map(({ device }) => device);
    const [only, ...others] = args.trim() === "" ? all : findNamed(args, all, ({ name, root }) => [name, root]);
    if (only !== undefined && others.length === 0) return open(ctx, only.number);
    if (args.trim() === "") return tellDevices(ctx);
    const choices = only === undefined ? all : [only, ...others];
    const names = join(
      choices.slice(0, MAX_CHOICES).map((device) => html`${nameOfDevice(device)}`),
      ", ",
    );
    if (all.length === 0) return decline(ctx, html`${NOT_HERE}`);
    return decline(
      ctx,
      only === undefined ? html`I know no such device. There are: ${names}` : html`More than one device fits: ${names}`,
    );
  }

  const buttons = new Composer<Context>();
  buttons.callbackQuery(new RegExp(`^${DEVICE_PRESS.list}:(\\d{1,4})$`), async (ctx) => {
    const asker = askerOf(ctx);
    const page = Number(ctx.match[1]);
    const shown = visible(asker);
    await toast(ctx, "");
    await turn(ctx, devicesView(shown, asker, page, momentIn(servedIn(ctx).chatId)), devicesButtons(shown, page));
  });
  buttons.callbackQuery(
    new RegExp(`^${DEVICE_PRESS.open}:(\\d{1,9})$`),
    handled(async (ctx) => {
      await toast(ctx, "");
      return open(ctx, Number(ctx.match[1]));
    }),
  );
  buttons.callbackQuery(new RegExp(`^${DEVICE_PRESS.live}:(\\d{1,9}):(\\d{1,4}):(go|on|off)$`), async (ctx) => {
    const [, device, page, what] = ctx.match;
    const { chatId, msgId } = ctx;
    if (chatId === undefined || msgId === undefined) return;
    const view = { device: Number(device), page: Number(page), ...callerOf(ctx) };
    await toast(ctx, TOASTS[what ?? ""] ?? "");
    answering(cards.turn({ chatId, messageId: msgId }, view, what === "go" ? undefined : what === "on"));
  });

  return {
    buttons,
    commands: [
      {
        name: "devices",
        description: "TwinCAT devices: who is there, and their newest values",
        usage: ["/devices"],
        right: LOOK,
        run: tellDevices,
      },
      {
        name: "live",
        description: "A device's values, kept up to date for an hour",
        usage: ["/live", "/live AMB"],
        right: LOOK,
        run: live,
      },
    ],
    resume: () => cards.resume(),
    stopIn: (chatId) => cards.stopIn(chatId),
    stopAll: () => cards.stopAll(),
  };
}

const TOASTS: Readonly<Record<string, string>> = {
  on: "Kept up to date for an hour.",
  off: "Not kept up to date any more.",
};
