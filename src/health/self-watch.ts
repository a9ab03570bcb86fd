import type { OwnMessage } from "../alarms/payloads/own.ts";
import type { SelfCondition } from "./self-facts.ts";

/** Raises an alarm when something is wrong with ourselves, and ends it. */
export interface SelfWatch {
  /** To be called every few seconds. */
  readonly look: () => Promise<void>;
}

/** What is said directly is said again, as nothing else reminds of it. */
const AGAIN_MS = 3_600_000;

/**
 * Creates the watch.
 * @param options.conditions how it is now; what is not known is left out, and stays as it was told last
 * @param options.tell says what we have to say ourselves, unless it is known from an earlier run; what it rejects is tried again
 * @param options.say writes to the admins at once, with nothing stored; what it rejects is tried again
 */
export function createSelfWatch(options: {
  readonly conditions: () => readonly SelfCondition[];
  readonly tell: (message: OwnMessage) => Promise<void>;
  readonly say: (text: string) => Promise<void>;
  readonly elapsed: () => number;
}): SelfWatch {
  const { conditions, tell, say, elapsed } = options;
  /** What this run told, by id: whether it is wrong. Details of what lasts are in /status. */
  const told = new Map<string, boolean>();
  /** When something was said directly that is wrong still. */
  const said = new Map<string, number>();

  async function tellOnce(condition: SelfCondition): Promise<void> {
    const { id, message, severity, isForAdmins = false, isForEverybody = false } = condition;
    const isWrong = message !== null;
    if (told.get(id) === isWrong) return;
    const state = isWrong ? "active" : "cleared";
    await tell({ id, severity, isForAdmins, isForEverybody, message: message ?? `Over: ${id}`, state });
    told.set(id, isWrong);
  }

  async function sayDirectly({ id, message }: SelfCondition): Promise<void> {
    const saidAt = said.get(id);
    if (message === null) {
      if (saidAt === undefined) return;
      await say(`✅ Over: ${id}. What waited comes now.`);
      said.delete(id);
    } else if (saidAt === undefined || elapsed() - saidAt >= AGAIN_MS) {
      await say(`🔴 CRITICAL · Valvomo\n${message}`);
      said.set(id, elapsed());
    }
  }

  return {
    async look() {
      // One that cannot be told, or waits for a database that does not answer, keeps none of the others back.
      const results = await Promise.allSettled(
        conditions().map((condition) => (condition.isSaidDirectly ? sayDirectly(condition) : tellOnce(condition))),
      );
      const failed = results.find(({ status }) => status === "rejected");
      if (failed?.status === "rejected") throw failed.reason;
    },
  };
}
