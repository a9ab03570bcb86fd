import { Composer, type Context } from "grammy";
import type { Caller } from "../../devices/permitted.ts";
import { MAX_LINES } from "../../charts/request.ts";
import type { Pace } from "../../dispatch/pace.ts";
import { decodeView, ongoing, type PlotView } from "../../plots/view.ts";
import { answering } from "../api/answering.ts";
import { callerOf } from "./asker.ts";
import { toast } from "../access/card-buttons.ts";
import { createLivePlots, type LivePlots } from "./live-plots.ts";
import { createPlotScreens, type Screen } from "./plot-screens.ts";
import { NOT_TO_BE_SEEN } from "./plot-reply.ts";
import { endsLive, PRESS } from "./plot-view.ts";

/** What the buttons below a plot need. */
export interface PlotButtonOptions extends Omit<
  Parameters<typeof createPlotScreens>[0],
  "isLive" | "onMoved" | "pace"
> {
  readonly pace: Pick<Pace, "turn" | "isFree">;
  readonly facts: Parameters<typeof createLivePlots>[0]["facts"];
  readonly isServed: Parameters<typeof createLivePlots>[0]["isServed"];
  /** Whether somebody may see a view in a chat. */
  readonly maySee: (chatId: number, by: Caller, view: PlotView) => boolean;
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

/** What somebody pressed below a plot. */
interface Pressed {
  readonly screen: Screen;
  readonly view: PlotView;
  readonly by: Caller;
}

const UNKNOWN = "This button is too old. Ask for the plot anew with /plot";

/** What the buttons do. A press is answered at once; the picture that it leads to comes unless a newer press overtook it. */
export function createPlotButtons(options: PlotButtonOptions): PlotButtons {
  const { plotter, pace, maySee, onFile, onDraw } = options;
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

  /** The view that a press names, if it was below a message of ours and who pressed may see it; else they are told why not. */
  async function pressed(ctx: Context): Promise<Pressed | null> {
    const view = decodeView((ctx.match as RegExpMatchArray)[1] ?? "");
    const by = callerOf(ctx);
    const isKnown = view !== null && ctx.chatId !== undefined && ctx.msgId !== undefined;
    if (isKnown && maySee(ctx.chatId, by, view))
      return { screen: { chatId: ctx.chatId, messageId: ctx.msgId }, view, by };
    await toast(ctx, isKnown ? NOT_TO_BE_SEEN : UNKNOWN);
    return null;
  }

  const composer = new Composer<Context>();
  composer.callbackQuery(new RegExp(`^${PRESS.go}:([0-9a-z.]{1,40})$`), async (ctx) => {
    const press = await pressed(ctx);
    if (!press) return;
    await toast(ctx, "");
    // Who moves on looks at something else than what was kept up to date.
    live.stop(press.screen);
    answering(screens.show(press.screen, press.view));
  });
  composer.callbackQuery(new RegExp(`^${PRESS.live}:([0-9a-z.]{1,40})$`), async (ctx) => {
    const press = await pressed(ctx);
    if (!press) return;
    const isOn = !endsLive(ctx);
    const view = isOn ? ongoing(press.view) : press.view;
    if (isOn) live.start(press.screen, view, press.by);
    else live.stop(press.screen);
    await toast(ctx, isOn ? "Kept up to date for an hour." : "Not kept up to date any more.");
    answering(screens.show(press.screen, view));
  });
  composer.callbackQuery(new RegExp(`^${PRESS.file}:([0-9a-z.]{1,40})$`), async (ctx) => {
    const press = await pressed(ctx);
    if (!press) return;
    await toast(ctx, "Picture and numbers come as files…");
    onFile(ctx, press.view);
  });
  composer.callbackQuery(new RegExp(`^${PRESS.draw}:([0-9a-z.]{1,40})$`), async (ctx) => {
    const press = await pressed(ctx);
    if (!press) return;
    await toast(ctx, "Drawing…");
    onDraw(ctx, press.view);
  });
  composer.callbackQuery(PRESS.full, (ctx) =>
    toast(ctx, `${MAX_LINES} fields are all that one plot shows. Switch one off first.`),
  );
  return { composer, stopIn: live.stopIn, resume: live.resume, stop: live.stopAll };
}
