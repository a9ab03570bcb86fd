import { Composer, InputFile, InputMediaBuilder, type Api, type Context } from "grammy";
import type { Clock } from "../clock.ts";
import type { Pace } from "../dispatch/pace.ts";
import type { Logger } from "../log.ts";
import { explain } from "../plots/explain.ts";
import type { Plotter } from "../plots/plotter.ts";
import { decodeView, type PlotView } from "../plots/view.ts";
import { toast } from "./card-buttons.ts";
import { createLivePlots } from "./live-plots.ts";
import { captionView, plotButtons, PRESS } from "./plot-view.ts";

/** What the buttons below a plot need. */
export interface PlotButtonOptions {
  readonly plotter: Plotter;
  readonly pace: Pace;
  readonly timeZoneOf: (chatId: number) => string;
  /** Sends a view as files. */
  readonly onFile: (ctx: Context, view: PlotView) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Moving in a plot: each press redraws its message in place. */
export interface PlotButtons {
  readonly composer: Composer<Context>;
  /** Ends what is kept up to date in a chat. */
  stopIn(chatId: number): void;
  /** Ends what is kept up to date. */
  stop(): void;
}

/** The message with a plot. */
interface Target {
  readonly api: Api;
  readonly chatId: number;
  readonly messageId: number;
}

const UNKNOWN = "This button is too old. Ask for the plot anew with /plot";
/** Presses of so many messages are told apart; of older ones the last drawing may win instead of the last press. */
const MAX_TURNS = 1_000;

/** What the buttons do. A press is answered at once; the picture that it leads to comes unless a newer press overtook it. */
export function createPlotButtons(options: PlotButtonOptions): PlotButtons {
  const { plotter, pace, timeZoneOf, onFile, clock, log } = options;
  /** The newest press of each message, by number. */
  const turns = new Map<string, number>();
  const keyOf = (chatId: number, messageId: number): string => `${chatId}:${messageId}`;

  const live = createLivePlots({ clock, mayCall: (chatId) => pace.waitMs(chatId) === 0 });

  function nextTurn(key: string): number {
    const turn = (turns.get(key) ?? 0) + 1;
    // Renewed, so that the oldest is the first.
    turns.delete(key);
    turns.set(key, turn);
    const [oldest] = turns.keys();
    if (turns.size > MAX_TURNS && oldest !== undefined) turns.delete(oldest);
    return turn;
  }

  /** Draws a view into a message. Resolves with whether the message is there to be drawn into again. */
  async function show({ api, chatId, messageId }: Target, view: PlotView): Promise<boolean> {
    const key = keyOf(chatId, messageId);
    const turn = nextTurn(key);
    const isOvertaken = (): boolean => turns.get(key) !== turn;
    try {
      const [plot, fields] = await Promise.all([plotter.plot(view, timeZoneOf(chatId)), plotter.measurements()]);
      if (isOvertaken()) return true;
      const media = InputMediaBuilder.photo(new InputFile(plot.png, "plot.png"), {
        caption: captionView(plot.caption).html,
        parse_mode: "HTML",
      });
      await api.editMessageMedia(chatId, messageId, media, { reply_markup: keyboard(chatId, messageId, view, fields) });
      return true;
    } catch (error) {
      if (isSame(error)) return true;
      log.warn({ err: error, chatId }, "plot failed");
      if (!isOvertaken()) await explainBelow({ api, chatId, messageId }, view, error);
      return false;
    }
  }

  const keyboard = (chatId: number, messageId: number, view: PlotView, fields: Parameters<typeof plotButtons>[1]) => ({
    inline_keyboard: plotButtons(view, fields, { now: clock.now(), isLive: live.has(chatId, messageId) }),
  });

  /** Says below the old picture why there is no new one; the buttons stay, so that one can try again. */
  async function explainBelow({ api, chatId, messageId }: Target, view: PlotView, error: unknown): Promise<void> {
    const fields = await plotter.measurements().catch(() => []);
    await api
      .editMessageCaption(chatId, messageId, {
        caption: explain(error),
        reply_markup: keyboard(chatId, messageId, view, fields),
      })
      .catch((failure: unknown) => log.warn({ reason: String(failure) }, "could not tell about a failed plot"));
  }

  /** The view that a press names, if it was below a message of ours. */
  function pressed(ctx: Context): { readonly target: Target; readonly view: PlotView } | null {
    const view = decodeView((ctx.match as RegExpMatchArray)[1] ?? "");
    if (!view || ctx.chatId === undefined || ctx.msgId === undefined) return null;
    return { target: { api: ctx.api, chatId: ctx.chatId, messageId: ctx.msgId }, view };
  }

  const composer = new Composer<Context>();
  composer.callbackQuery(new RegExp(`^${PRESS.go}:([0-9a-z.]{1,40})$`), async (ctx) => {
    const press = pressed(ctx);
    await toast(ctx, press ? "" : UNKNOWN);
    if (!press) return;
    // Who moves on looks at something else than what was kept up to date.
    live.stop(press.target.chatId, press.target.messageId);
    void show(press.target, press.view);
  });
  composer.callbackQuery(new RegExp(`^${PRESS.live}:([0-9a-z.]{1,40})$`), async (ctx) => {
    const press = pressed(ctx);
    if (!press) return toast(ctx, UNKNOWN);
    const { chatId, messageId } = press.target;
    const isOn = !live.has(chatId, messageId);
    const view = { ...press.view, endAt: null };
    const redraw = (): Promise<boolean> => show(press.target, view);
    if (isOn) live.start(chatId, messageId, plotter.cadenceOf(view.fields), redraw);
    else live.stop(chatId, messageId);
    await toast(ctx, isOn ? "Kept up to date for an hour." : "Not kept up to date any more.");
    void show(press.target, isOn ? view : press.view);
  });
  composer.callbackQuery(new RegExp(`^${PRESS.file}:([0-9a-z.]{1,40})$`), async (ctx) => {
    const press = pressed(ctx);
    await toast(ctx, press ? "Picture and numbers come as files…" : UNKNOWN);
    if (press) onFile(ctx, press.view);
  });
  return { composer, stopIn: live.stopIn, stop: () => live.stopAll() };
}

/** Nothing new was drawn; the picture stands as it should. */
const isSame = (error: unknown): boolean => (error as Error).message.includes("message is not modified");
