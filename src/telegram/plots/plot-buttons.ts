import { Composer, type Context } from "grammy";
import type { FormerClock } from "../../lib/time/former-clock.ts";
import type { Caller } from "../../devices/permitted.ts";
import { MAX_LINES } from "../../charts/request.ts";
import type { Pace } from "../../pace/pace.ts";
import { decodeView, ongoing, type PlotView } from "../../plots/view.ts";
import { answering } from "../api/answering.ts";
import type { ChatMessage } from "../api/chat-message.ts";
import { callerOf } from "./asker.ts";
import { toast } from "../access/card-buttons.ts";
import { rearrange } from "../access/reply.ts";
import { LivePlots, type LivePlotOptions } from "./live-plots.ts";
import { PlotMessages, type PlotMessageOptions } from "./plot-messages.ts";
import { NOT_TO_BE_SEEN } from "./plot-reply.ts";
import { endsLive, MENU_PRESS, PLOT_MENUS, PLOT_PRESS, type PlotMenu } from "./plot-view.ts";

/** What the buttons below a plot need. */
export interface PlotButtonOptions
  extends
    Omit<PlotMessageOptions, "isLive" | "onMoved" | "pace">,
    Pick<LivePlotOptions, "keyValue" | "isServed" | "maySee"> {
  readonly pace: Pick<Pace, "turn" | "isFree">;
  /** Sends a view as files. */
  readonly onFile: (ctx: Context, view: PlotView) => void;
  /** Sends a view as a new message. */
  readonly onDraw: (ctx: Context, view: PlotView) => void;
}

/** What somebody pressed below a plot. */
interface Pressed {
  readonly message: ChatMessage;
  readonly view: PlotView;
  readonly by: Caller;
}

const UNKNOWN = "This button is too old. Ask for the plot again with /plot";

/**
 * Moving in a plot: each press redraws its message in place. A press is answered at once; the picture that it leads to comes unless a
 * newer press overtook it.
 */
export class PlotButtons {
  readonly composer = new Composer<Context>();
  readonly #options: PlotButtonOptions;
  readonly #messages: PlotMessages;
  readonly #live: LivePlots;

  constructor(options: PlotButtonOptions) {
    this.#options = options;
    this.#messages = new PlotMessages({
      ...options,
      isLive: (message) => this.#live.has(message),
      onMoved: (from, to) => this.#live.move(from, to),
    });
    this.#live = new LivePlots({
      ...options,
      mayCall: options.pace.isFree,
      cadenceOf: ({ fields }) => options.plotter.cadenceOf(fields),
      redraw: (message, view) => this.#messages.show(message, view, "edit"),
    });
    this.#on(PLOT_PRESS.go, (ctx, press) => this.#go(ctx, press));
    this.#on(PLOT_PRESS.live, (ctx, press) => this.#turnLive(ctx, press));
    this.#on(PLOT_PRESS.file, async (ctx, { view }) => {
      await toast(ctx, "Picture and numbers come as files…");
      options.onFile(ctx, view);
    });
    this.#on(PLOT_PRESS.draw, async (ctx, { view }) => {
      await toast(ctx, "Drawing…");
      options.onDraw(ctx, view);
    });
    for (const menu of PLOT_MENUS) this.#on(`${MENU_PRESS}:${menu}`, (ctx, press) => this.#show(menu, ctx, press));
    this.composer.callbackQuery(PLOT_PRESS.full, (ctx) =>
      toast(ctx, `${MAX_LINES} fields are all that one plot shows. Switch one off first.`),
    );
  }

  /** Ends what is kept up to date in a chat. */
  stopIn(chatId: number): void {
    this.#live.stopIn(chatId);
  }

  /** Goes on with what was kept up to date when the last run ended; never rejects. */
  resume(former: Pick<FormerClock, "ends">): Promise<void> {
    return this.#live.resume(former);
  }

  /** Ends what is kept up to date, for this run. */
  stop(): void {
    this.#live.stopAll();
  }

  /** Does something at a press below a message of ours, for those who may see the view that it names; others are told why not. */
  #on(kind: string, act: (ctx: Context, press: Pressed) => Promise<void>): void {
    this.composer.callbackQuery(new RegExp(`^${kind}:([0-9a-z.]{1,40})$`), async (ctx) => {
      const view = decodeView(ctx.match[1] ?? "");
      const by = callerOf(ctx);
      if (view === null || ctx.chatId === undefined || ctx.msgId === undefined) return toast(ctx, UNKNOWN);
      if (!this.#options.maySee(ctx.chatId, by, view)) return toast(ctx, NOT_TO_BE_SEEN);
      await act(ctx, { message: { chatId: ctx.chatId, messageId: ctx.msgId }, view, by });
    });
  }

  async #go(ctx: Context, { message, view }: Pressed): Promise<void> {
    await toast(ctx, "");
    // Who moves on looks at something else than what was kept up to date.
    this.#live.stop(message);
    answering(this.#messages.show(message, view));
  }

  /** Changes the buttons only: the picture stays as it is. */
  async #show(menu: PlotMenu, ctx: Context, { message, view }: Pressed): Promise<void> {
    await toast(ctx, "");
    await rearrange(ctx, await this.#messages.menuOf(message, view, menu));
  }

  async #turnLive(ctx: Context, { message, view, by }: Pressed): Promise<void> {
    const isOn = !endsLive(ctx);
    const shown = isOn ? ongoing(view) : view;
    if (isOn) this.#live.start(message, shown, by);
    else this.#live.stop(message);
    await toast(ctx, isOn ? "Kept up to date for an hour." : "Not kept up to date any more.");
    answering(this.#messages.show(message, shown));
  }
}
