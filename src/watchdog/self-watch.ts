import type { OwnMessage } from "../alarms/own.ts";
import type { Condition } from "./self-conditions.ts";

/** Raises an alarm when something is wrong with ourselves, and ends it. */
export interface SelfWatch {
  /** To be called every few seconds. */
  look(): Promise<void>;
}

/**
 * Creates the watch.
 * @param options.conditions how it is now; what is not known is left out, and stays as it was told last
 * @param options.tell says what we have to say ourselves, unless it is known from an earlier run; what it rejects is tried again
 */
export function createSelfWatch(options: {
  readonly conditions: () => readonly Condition[];
  readonly tell: (message: OwnMessage) => Promise<void>;
}): SelfWatch {
  /** What this run told, by id: whether it is wrong. Details of what lasts are in /status. */
  const told = new Map<string, boolean>();
  return {
    async look() {
      for (const { message, ...rest } of options.conditions()) {
        const isWrong = message !== null;
        if (told.get(rest.id) === isWrong) continue;
        await options.tell({ ...rest, message: message ?? `Over: ${rest.id}`, state: isWrong ? "active" : "cleared" });
        told.set(rest.id, isWrong);
      }
    },
  };
}
