import type { Clock } from "../../lib/time/clock.ts";
import { NOBODY, type Caller } from "../../devices/permitted.ts";
import type { Logger } from "../../lib/log.ts";
import { decodeView, encodeView, type PlotView } from "../../plots/view.ts";
import type { Facts } from "../../store/sql/facts.ts";
import type { Screen, Shown } from "./plot-screens.ts";

/** Keeps plots up to date for a while, one in each chat. */
export interface LivePlots {
  /** Whether a message is kept up to date now. */
  has(screen: Screen): boolean;
  /** Begins for who asked for it; what was live in that chat before ends. */
  start(screen: Screen, view: PlotView, by: Caller): void;
  /** Ends; nothing happens if it was not live. */
  stop(screen: Screen): void;
  /** Goes on in another message; nothing happens if it was not live. */
  move(from: Screen, to: Screen): void;
  /** Ends what is live in a chat. */
  stopIn(chatId: number): void;
  /** Goes on with what was live when the last run ended; never rejects. */
  resume(): Promise<void>;
  /** Ends all for this run; the next one goes on with it. */
  stopAll(): void;
}

interface Live extends Screen {
  readonly view: PlotView;
  readonly by: Caller;
  /** Epoch ms. */
  readonly untilAt: number;
  cancel: () => void;
}

/** As it is kept: chat, message, view, end, and for whom, which version 0.1 did not note. */
type Kept = readonly [number, number, string, number, Caller?];

const NAME = "live plots";
const HOUR = 3_600_000;
/** Devices of ThingSpeak send no quicker (FACTS: A), and a chat has other things to show. */
const MIN_EVERY_MS = 15_000;
const MAX_EVERY_MS = 600_000;

/**
 * Redraws each at its own cadence for an hour, or until its message is gone.
 * @param options.mayCall whether the chat has room for one more call just now; if not, this round is left out
 * @param options.cadenceOf how often what a view shows gets a new entry; ms
 */
export function createLivePlots(options: {
  readonly clock: Clock;
  readonly facts: Facts;
  readonly mayCall: (chatId: number) => boolean;
  /** Whether a chat is shown anything still: settings and routes may name it no more. */
  readonly isServed: (chatId: number) => boolean;
  /** Whether somebody may see a view in a chat still. */
  readonly maySee: (chatId: number, by: Caller, view: PlotView) => boolean;
  readonly cadenceOf: (view: PlotView) => number;
  readonly redraw: (screen: Screen, view: PlotView) => Promise<Shown>;
  readonly log: Logger;
}): LivePlots {
  const { clock, facts, mayCall, isServed, maySee, cadenceOf, redraw, log } = options;
  /** By chat. */
  const lives = new Map<number, Live>();

  function keep(): void {
    const kept = [...lives.values()].map(({ chatId, messageId, view, untilAt, by }): Kept => [
      chatId,
      messageId,
      encodeView(view),
      untilAt,
      by,
    ]);
    facts.write(NAME, kept).catch((error: unknown) => log.warn({ err: error }, "live plots could not be noted"));
  }

  function begin({ chatId, messageId }: Screen, view: PlotView, by: Caller, untilAt: number): Live {
    lives.get(chatId)?.cancel();
    const live: Live = { chatId, messageId, view, by, untilAt, cancel: () => undefined };
    lives.set(chatId, live);
    schedule(live);
    return live;
  }

  function end(live: Live | undefined): void {
    if (!live || lives.get(live.chatId) !== live) return;
    live.cancel();
    lives.delete(live.chatId);
    keep();
  }

  function schedule(live: Live, cadenceMs = cadenceOf(live.view)): void {
    live.cancel();
    const everyMs = Math.min(MAX_EVERY_MS, Math.max(MIN_EVERY_MS, cadenceMs));
    live.cancel = clock.after(everyMs, () => void round(live));
  }

  async function round(live: Live): Promise<void> {
    // Before the last drawing, so that its buttons say so.
    const isOver = clock.now() >= live.untilAt;
    if (isOver) end(live);
    if (!isServed(live.chatId) || !maySee(live.chatId, live.by, live.view)) return end(live);
    if (!isOver && !mayCall(live.chatId)) return schedule(live);
    const shown = await redraw(live, live.view);
    if (lives.get(live.chatId) !== live) return;
    if (shown === "gone") end(live);
    else schedule(live);
  }

  return {
    has: ({ chatId, messageId }) => lives.get(chatId)?.messageId === messageId,
    start(screen, view, by) {
      begin(screen, view, by, clock.now() + HOUR);
      keep();
    },
    stop({ chatId, messageId }) {
      const live = lives.get(chatId);
      if (live?.messageId === messageId) end(live);
    },
    move(from, to) {
      const live = lives.get(from.chatId);
      if (live?.messageId !== from.messageId) return;
      live.cancel();
      lives.delete(from.chatId);
      begin(to, live.view, live.by, live.untilAt);
      keep();
    },
    stopIn: (chatId) => end(lives.get(chatId)),
    async resume() {
      try {
        for (const [chatId, messageId, text, untilAt, by = NOBODY] of ((await facts.read(NAME)) ??
          []) as readonly Kept[]) {
          const view = decodeView(text);
          // Nothing was drawn in this run yet, by which its cadence is known.
          if (view) schedule(begin({ chatId, messageId }, view, by, Math.min(untilAt, clock.now() + HOUR)), 0);
        }
      } catch (error) {
        log.warn({ err: error }, "live plots of the last run are not gone on with");
      }
    },
    stopAll() {
      for (const { cancel } of lives.values()) cancel();
      lives.clear();
    },
  };
}
