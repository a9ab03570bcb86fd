import { isForAdmins, isInScope, type Scope } from "../../alarms/payloads/own.ts";
import type { Alarm } from "../../alarms/types.ts";
import { SecondFactorNeeded } from "../../people/second-factor.ts";
import type { ActResult, Handling } from "../../engine/handling.ts";
import type { Store } from "../../engine/store.ts";

type Act = Parameters<Handling["act"]>[1];
type Page = Omit<Parameters<Store["activeAlarms"]>[0], "scope">;

/**
 * The alarms as one chat may see and handle them. All that people ask for and press goes through it: an alarm that a chat may not
 * see is not there, neither in a list nor in a count nor below a button.
 */
interface VisibleAlarms {
  /** `null`: there is none of that number that this chat may see. */
  find(alarmId: number): Promise<Alarm | null>;
  active(page: Page): ReturnType<Store["activeAlarms"]>;
  open(page: Omit<Page, "isShelved">): ReturnType<Store["openAlarms"]>;
  recent(since: number, limit: number): ReturnType<Store["recent"]>;
  /**
   * Does something to an alarm; `null`: there is none of that number that this chat may see.
   * @throws SecondFactorNeeded if it is for admins alone, and whoever wants it has to give a code first
   */
  act(alarmId: number, act: Act): Promise<ActResult | null>;
  /** Does the same to any number of alarms; those that this chat may not see are left out. */
  actOnAll(alarmIds: readonly number[], act: Act): ReturnType<Handling["actOnAll"]>;
}

/** What makes them, by the chat. */
export type VisibleTo = (chatId: number) => VisibleAlarms;

/**
 * @param scopeOf what a chat may see
 * @param isLocked whether an admin has to give a code of the second factor before the next admin action
 */
export function createVisibleTo(
  store: Pick<Store, "alarm" | "activeAlarms" | "openAlarms" | "recent" | "act" | "actOnAll">,
  scopeOf: (chatId: number) => Scope,
  isLocked: (userId: number) => boolean,
): VisibleTo {
  return (chatId) => {
    const scope = scopeOf(chatId);

    async function find(alarmId: number): Promise<Alarm | null> {
      const alarm = await store.alarm(alarmId);
      return alarm && isInScope(alarm, scope) ? alarm : null;
    }

    return {
      find,
      active: (page) => store.activeAlarms({ ...page, scope }),
      open: (page) => store.openAlarms({ ...page, scope }),
      recent: (since, limit) => store.recent(since, limit, scope),
      async act(alarmId, act) {
        const alarm = await find(alarmId);
        if (alarm === null) return null;
        if (isForAdmins(alarm) && isLocked(act.by.userId)) throw new SecondFactorNeeded();
        return store.act(alarmId, act);
      },
      actOnAll: (alarmIds, act) =>
        store.actOnAll(alarmIds, {
          ...act,
          apply: (alarm, at) =>
            isInScope(alarm, isLocked(act.by.userId) ? "shared" : scope) ? act.apply(alarm, at) : alarm,
        }),
    };
  };
}
