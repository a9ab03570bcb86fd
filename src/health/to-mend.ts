import type { OwnMessage } from "../alarms/payloads/own.ts";
import type { Logger } from "../lib/log.ts";
import type { Exposure } from "../mqtt/exposure.ts";

/** Faults of settings, known from the start, that admins can mend. */
export interface ToMend {
  /** How others may get at the link to the broker, in words. */
  readonly exposures: readonly string[];
  /** Tells the admins, once for each, and that one is mended. */
  readonly tell: () => Promise<void>;
}

/** Keeps the faults that admins can mend, and writes them to the log. */
export function createToMend(options: {
  readonly exposures: readonly Exposure[];
  /** What is doubtful in the settings, in words. */
  readonly notes: readonly string[];
  readonly tell: (message: OwnMessage) => Promise<void>;
  readonly log: Logger;
}): ToMend {
  const { exposures, notes, tell, log } = options;
  const open = exposures.filter(({ isOpen }) => isOpen).map(({ message }) => message);
  for (const message of [...open, ...notes]) log.warn(message);
  const all: readonly Exposure[] = [
    ...exposures,
    { id: "settings", isOpen: notes.length > 0, message: ["The settings:", ...notes].join("\n") },
  ];
  return {
    exposures: open,
    async tell() {
      for (const { id, isOpen, message } of all) {
        const state = isOpen ? "active" : "cleared";
        await tell({ id, message: isOpen ? message : `Mended: ${id}`, severity: "warning", state, isForAdmins: true });
      }
    },
  };
}
