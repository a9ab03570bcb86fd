import type { Bot } from "grammy";

/** grammY types its signals after an older library's. */
export type GrammySignal = NonNullable<Parameters<Bot["api"]["getMe"]>[0]>;

/** The platform's own, as which they work. */
export const toGrammySignal = (signal: AbortSignal): GrammySignal => signal as GrammySignal;

/** Cuts off a call that may wait on a connection that is dead. */
export interface CutOff {
  /** For a call that begins now; it ends with the one that was given, too. */
  signalFor(given: GrammySignal | undefined): GrammySignal;
  /** Ends the newest. */
  readonly cut: () => void;
}

/** Nothing is cut off before something began. */
export function createCutOff(): CutOff {
  let newest = new AbortController();
  return {
    signalFor(given) {
      const controller = new AbortController();
      if (given?.aborted) controller.abort();
      given?.addEventListener("abort", () => controller.abort());
      newest = controller;
      return toGrammySignal(controller.signal);
    },
    cut: () => newest.abort(),
  };
}
