import { Composer, type Api, type Context } from "grammy";
import { findNamed } from "../../devices/find-device.ts";
import type { Asker } from "../../devices/permitted.ts";
import type { Pace } from "../../pace/pace.ts";
import type { FormerClock } from "../../lib/time/former-clock.ts";
import type { Logger } from "../../lib/log.ts";
import { LOOK } from "../../people/right.ts";
import type { KeyValue } from "../../store/sql/key-value.ts";
import { answering } from "../api/answering.ts";
import { callerOf } from "../plots/asker.ts";
import { toast } from "../access/card-buttons.ts";
import type { Command } from "../access/command.ts";
import { DEVICE_PRESS, devicesButtons, devicesView, nameOfDevice } from "./device-views.ts";
import { LIVE_MS } from "../plots/live-messages.ts";
import { ShownDevices, type ShownDevicesOptions } from "./shown-devices.ts";
import { LiveCards } from "./live-cards.ts";
import { html, join } from "../api/render.ts";
import { handled, type Handled } from "../access/outcome.ts";
import { decline, reply, turnPage } from "../access/reply.ts";
import { servedIn } from "../access/person.ts";

/** What the commands about devices need. */
export interface DeviceCommandOptions extends ShownDevicesOptions {
  /** Makes its calls in turns that are asked for here. */
  readonly api: Api;
  readonly pace: Pick<Pace, "turn" | "isFree">;
  readonly keyValue: KeyValue;
  readonly isServed: (chatId: number) => boolean;
  readonly log: Logger;
}

const NOT_HERE = "There is no such device that you may see here.";
/** With room to spare in one message. */
const MAX_CHOICES = 20;

/**
 * `/devices`, and `/live` with its card. What a device permits to certain people only is shown to them in private: in a group
 * others would read it, too.
 */
export class DeviceCommands {
  readonly buttons = new Composer<Context>();
  readonly commands: readonly Command[] = [
    {
      name: "devices",
      description: "TwinCAT devices: who is there, and their newest values",
      topic: "plant",
      usage: ["/devices"],
      right: LOOK,
      run: (ctx) => this.#tellDevices(ctx),
    },
    {
      name: "live",
      description: "A device's values, kept up to date for an hour",
      topic: "plant",
      usage: ["/live", "/live AMB"],
      right: LOOK,
      run: (ctx, args) => this.#live(ctx, args),
    },
  ];
  readonly #options: DeviceCommandOptions;
  readonly #shown: ShownDevices;
  readonly #cards: LiveCards;

  constructor(options: DeviceCommandOptions) {
    this.#options = options;
    this.#shown = new ShownDevices(options);
    this.#cards = new LiveCards({
      ...options,
      contentOf: (message, view, untilAt) => this.#shown.contentOf(message, view, untilAt),
    });
    const { buttons } = this;
    buttons.callbackQuery(new RegExp(`^${DEVICE_PRESS.list}:(\\d{1,4})$`), async (ctx) => {
      const asker = this.#askerOf(ctx);
      const page = Number(ctx.match[1]);
      const shown = this.#shown.visible(asker);
      await toast(ctx, "");
      await turnPage(
        ctx,
        devicesView(shown, asker, page, this.#shown.momentIn(servedIn(ctx).chatId)),
        devicesButtons(shown, page),
      );
    });
    buttons.callbackQuery(
      new RegExp(`^${DEVICE_PRESS.open}:(\\d{1,9})$`),
      handled(async (ctx) => {
        await toast(ctx, "");
        return this.#open(ctx, Number(ctx.match[1]));
      }),
    );
    buttons.callbackQuery(new RegExp(`^${DEVICE_PRESS.live}:(\\d{1,9}):(\\d{1,4}):(go|on|off)$`), async (ctx) => {
      const [, device, page, what] = ctx.match;
      const { chatId, msgId } = ctx;
      if (chatId === undefined || msgId === undefined) return;
      const view = { device: Number(device), page: Number(page), ...callerOf(ctx) };
      await toast(ctx, TOASTS.get(what ?? "") ?? "");
      answering(this.#cards.turn({ chatId, messageId: msgId }, view, what === "go" ? undefined : what === "on"));
    });
  }

  /** Goes on with the cards that were live when the last run ended; never rejects. */
  resume(former: Pick<FormerClock, "ends">): Promise<void> {
    return this.#cards.resume(former);
  }

  /** Ends what is live in a chat. */
  stopIn(chatId: number): void {
    this.#cards.stopIn(chatId);
  }

  /** Ends all that is live for this run. */
  stopAll(): void {
    this.#cards.stopAll();
  }

  async #tellDevices(ctx: Context): Promise<void> {
    const asker = this.#askerOf(ctx);
    const shown = this.#shown.visible(asker);
    await reply(ctx, devicesView(shown, asker, 0, this.#shown.momentIn(servedIn(ctx).chatId)), {
      reply_markup: { inline_keyboard: devicesButtons(shown, 0) },
    });
  }

  async #open(ctx: Context, number: number): Promise<Handled> {
    const [chatId, view] = [servedIn(ctx).chatId, { device: number, page: 0, ...callerOf(ctx) }];
    const content = this.#shown.contentOf({ chatId }, view, this.#options.clock.now() + LIVE_MS);
    if (content === null || content === "later")
      return decline(ctx, html`${NOT_HERE} /devices shows those that there are.`);
    const message = await ctx.reply(content.text.html, {
      parse_mode: "HTML",
      disable_notification: true,
      reply_markup: { inline_keyboard: content.buttons },
    });
    this.#cards.start({ chatId: message.chat.id, messageId: message.message_id }, view, "");
  }

  async #live(ctx: Context, args: string): Promise<Handled> {
    const asker = this.#askerOf(ctx);
    const all = this.#shown.visible(asker).map(({ device }) => device);
    const [only, ...others] = args.trim() === "" ? all : findNamed(args, all, ({ name, root }) => [name, root]);
    if (only !== undefined && others.length === 0) return this.#open(ctx, only.number);
    if (args.trim() === "") return this.#tellDevices(ctx);
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

  #askerOf(ctx: Context): Asker {
    return this.#options.askerIn(servedIn(ctx).chatId, callerOf(ctx));
  }
}

const TOASTS: ReadonlyMap<string, string> = new Map([
  ["on", "Kept up to date for an hour."],
  ["off", "Not kept up to date any more."],
]);
