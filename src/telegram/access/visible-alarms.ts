import { isForAdmins, isInScope, type Scope } from "../../alarms/payloads/own.ts";
import type { Alarm } from "../../alarms/types.ts";
import { SecondFactorNeeded } from "../../people/second-factor.ts";
import type { Act, ActOnAllResult, ActResult } from "../../engine/act.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Store } from "../../store/store.ts";
import type { AlarmPage, OpenPage, PageWish } from "../../store/alarms/alarm-lists.ts";
import type { RecentAlarms } from "../../store/recent-alarms.ts";

type Page = Omit<PageWish, "scope"> & { readonly isShelved?: boolean };

/**
 * The alarms as one chat may see and handle them. All that people ask for and press goes through it: an alarm that a chat may not
 * see is not there, neither in a list nor in a count nor below a button.
 */
interface VisibleAlarms {
  /** `null`: this chat may see no alarm of that number. */
  find(alarmId: number): Promise<Alarm | null>;
  active(page: Page): Promise<AlarmPage>;
  open(page: Omit<Page, "isShelved">): Promise<OpenPage>;
  recent(since: number, limit: number): Promise<RecentAlarms>;
  /**
   * Does something to an alarm; `null`: this chat may see no alarm of that number.
   * @throws SecondFactorNeeded if it is for admins alone, and whoever wants it has to give a code first
   */
  act(alarmId: number, act: Act): Promise<ActResult | null>;
  /** Does the same to any number of alarms; those that this chat may not see are left out. */
  actOnAll(alarmIds: readonly number[], act: Act): Promise<ActOnAllResult>;
}

/** What makes them, by the chat. */
export type VisibleTo = (chatId: number) => VisibleAlarms;

/**
 * @param scopeOf what a chat may see
 * @param isLocked whether an admin has to give a code of the second factor before the next admin action
 */
export function createVisibleTo(
  { alarms, history }: Pick<Store, "alarms" | "history">,
  engine: Pick<Engine, "act" | "actOnAll">,
  scopeOf: (chatId: number) => Scope,
  isLocked: (userId: number) => boolean,
): VisibleTo {
  return (chatId) => {
    const scope = scopeOf(chatId);

    async function find(alarmId: number): Promise<Alarm | null> {
      const alarm = await alarms.find(alarmId);
      return alarm && isInScope(alarm, scope) ? alarm : null;
    }

    return {
      find,
      active: (page) => alarms.listActive({ ...page, scope }),
      open: (page) => alarms.listOpen({ ...page, scope }),
      recent: (since, limit) => history.recent(since, limit, scope),
      async act(alarmId, act) {
        const alarm = await find(alarmId);
        if (alarm === null) return null;
        if (isForAdmins(alarm) && isLocked(act.by.userId)) throw new SecondFactorNeeded();
        return engine.act(alarmId, act);
      },
      actOnAll: (alarmIds, act) =>
        engine.actOnAll(alarmIds, {
          ...act,
          apply: (alarm, at, people) =>
            isInScope(alarm, isLocked(act.by.userId) ? "shared" : scope) ? act.apply(alarm, at, people) : alarm,
        }),
    };
  };
}
