import type { AlarmEvent } from "../alarms/event.ts";
import type { Escalations } from "../alarms/lifecycle/escalation-plan.ts";
import { createFormerClock, type FormerClock } from "../lib/time/former-clock.ts";
import type { SecondPath } from "../alarms/second-path.ts";
import type { Store } from "../store/store.ts";
import { act, actOnAll, type Act, type ActOnAllResult, type ActResult } from "./act.ts";
import type { EngineContext } from "./context.ts";
import { elapseDue, reschedule } from "./elapse.ts";
import { fallBack } from "./fall-back.ts";
import { forgetPerson, type KnownPerson } from "./forget-person.ts";
import { recordEvents } from "./record.ts";
import { reroute, rerouteWaiting } from "./reroute.ts";

/**
 * What events, people and time do to alarms, and what goes out of that. Each is one transaction, or one after the other if there may be
 * many, and resolves when it is on disk; lists of chats are those that are to look what there is to show then.
 */
export interface Engine {
  /**
   * Appends events, moves their alarms on and marks the chats' cards.
   * @param onVisible is told of the chats as soon as their cards can be read, before the disk is waited for
   */
  record(events: readonly AlarmEvent[], onVisible?: (chatIds: readonly number[]) => void): Promise<readonly number[]>;
  /** Does to an alarm what somebody wants, and notes who it was; `null` if there is no such alarm. */
  act(alarmId: number, act: Act): Promise<ActResult | null>;
  /** Does the same to any number of alarms. What is missing is left out. */
  actOnAll(alarmIds: readonly number[], act: Act): Promise<ActOnAllResult>;
  /** Does to alarms what time does. */
  elapse(): Promise<readonly number[]>;
  /**
   * Looks anew when time will do something to alarms, as the rules or the clock may be others now.
   * @param former the escalations that the cards show; `null`: those of now, as far as is known
   * @param clock as it was before it was set back; left out: it was not, as far as anybody knows
   */
  reschedule(former: Escalations | null, clock?: FormerClock): Promise<readonly number[]>;
  /** Looks anew who is to be told of what waits to ring in a chat, as it cannot be reached or routes changed. */
  rerouteWaiting(chatId: number): Promise<readonly number[]>;
  /** Tells the chats that routes lead to now of what is active and they have not been told of. */
  reroute(): Promise<readonly number[]>;
  /** Sends by the second path what no chat could be told of in time. */
  fallBack(path: SecondPath): Promise<readonly number[]>;
  /** Removes what is kept of a person; cards show a pseudonym afterwards. See forget-person.ts. */
  forgetPerson(person: KnownPerson): Promise<readonly number[]>;
}

/** The engine that works on a store. */
export function createEngine(
  { ledgers, cards, chats }: Pick<Store, "ledgers" | "cards" | "chats">,
  options: Omit<EngineContext, "ledgers" | "pendingChats" | "currentId">,
): Engine {
  const context: EngineContext = { ...options, ledgers, pendingChats: cards.pendingChats, currentId: chats.currentId };
  const present = () => ({ ...context, now: context.now() });
  return {
    record: (events, onVisible) =>
      ledgers.batch(async (ledger) => [...(await recordEvents(ledger, events, present()))], onVisible),
    act: (alarmId, wish) => act(context, alarmId, wish),
    actOnAll: (alarmIds, wish) => actOnAll(context, alarmIds, wish),
    elapse: () => elapseDue(context),
    reschedule: (former, clock = createFormerClock(context.now)) => reschedule(context, former, clock),
    rerouteWaiting: (chatId) => rerouteWaiting(context, chatId),
    reroute: () => reroute(context),
    fallBack: (path) => fallBack(context, path),
    forgetPerson: (person) => ledgers.change((ledger) => forgetPerson(ledger, person, present())),
  };
}
