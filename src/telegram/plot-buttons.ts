import { Composer, type Context } from "grammy";
import { MAX_LINES } from "../charts/request.ts";
import type { Pace } from "../dispatch/pace.ts";
import { decodeView, ongoing, type PlotView } from "../plots/view.ts";
import { toast } from "./card-buttons.ts";
import { createLivePlots, type LivePlots } from "./live-plots.ts";
import { createPlotScreens, type Screen } from "./plot-screens.ts";
import { PRESS } from "./plot-view.ts";

/** What the buttons below a plot need. */
export interface PlotButtonOptions extends Omit<
  Parameters<typeof createPlotScreens>[0],
  "isLive" | "onMoved" | "pace"
> {
  readonly pace: Pick<Pace, "turn" | "isFree">;
  readonly facts: Parameters<typeof createLivePlots>[0]["facts"];
  readonly isServed: Parameters<typeof createLivePlots>[0]["isServed"];
  /** Sends a view as files. */
  readonly onFile: (ctx: Context, view: PlotView) => void;
  /** Sends a view as a new message. */
  readonly onDraw: (ctx: Context, view: PlotView) => void;
}

/** Moving in a plot: each press redraws its message in place. */
export interface PlotButtons extends Pick<LivePlots, "resume" | "stopIn"> {
  readonly composer: Composer<Context>;
  /** Ends what is kept up to date. */
  stop(): void;
}

const UNKNOWN = "This button is too old. Ask for the plot anew with /plot";

/** What the buttons do. A press is answered at once; the picture that it leads to comes unless a newer press overtook it. */
export function createPlotButtons(options: PlotButtonOptions): PlotButtons {
  const { plotter, pace, onFile, onDraw } = options;
  const screens = createPlotScreens({
    ...options,
    isLive: (screen) => live.has(screen),
    onMoved: (from, to) => live.move(from, to),
  });
  const live = createLivePlots({
    ...options,
    mayCall: pace.isFree,
    cadenceOf: ({ fields }) => plotter.cadenceOf(fields),
    redraw: (screen, view) => screens.show(screen, view, "edit"),
  });

  /** The view that a press names, if it was below a message of ours. */
  function pressed(ctx: Context): { readonly screen: Screen; readonly view: PlotView } | null {
    const view = decodeView((ctx.match as RegExpMatchArray)[1] ?? "");
    if (!view || ctx.chatId === undefined || ctx.msgId === undefined) return null;
    return { screen: { chatId: ctx.chatId, messageId: ctx.msgId }, view };
  }

  const composer = new Composer<Context>();
  composer.callbackQuery(new RegExp(`^${PRESS.go}:([0-9a-z.]{1,40})$`), async (ctx) => {
    const press = pressed(ctx);
    await toast(ctx, press ? "" : UNKNOWN);
    if (!press) return;
    // Who moves on looks at something else than what was kept up to date.
    live.stop(press.screen);
    void screens.show(press.screen, press.view);
  });
  composer.callbackQuery(new RegExp(`^${PRESS.live}:([0-9a-z.]{1,40})$`), async (ctx) => {
    const press = pressed(ctx);
    if (!press) return toast(ctx, UNKNOWN);
    const isOn = !live.has(press.screen);
    const view = isOn ? ongoing(press.view) : press.view;
    if (isOn) live.start(press.screen, view);
    else live.stop(press.screen);
    await toast(ctx, isOn ? "Kept up to date for an hour." : "Not kept up to date any more.");
    void screens.show(press.screen, view);
  });
  composer.callbackQuery(new RegExp(`^${PRESS.file}:([0-9a-z.]{1,40})$`), async (ctx) => {
    const press = pressed(ctx);
    await toast(ctx, press ? "Picture and numbers come as files…" : UNKNOWN);
    if (press) onFile(ctx, press.view);
  });
  composer.callbackQuery(new RegExp(`^${PRESS.draw}:([0-9a-z.]{1,40})$`), async (ctx) => {
    const press = pressed(ctx);
    await toast(ctx, press ? "Drawing…" : UNKNOWN);
    if (press) onDraw(ctx, press.view);
  });
  composer.callbackQuery(PRESS.full, (ctx) =>
    toast(ctx, `${MAX_LINES} fields are all that one plot shows. Switch one off first.`),
  );
  return { composer, stopIn: live.stopIn, resume: live.resume, stop: live.stopAll };
}
