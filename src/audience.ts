import { passedOnTo } from "./alarms/elapse.ts";
import type { Escalations } from "./alarms/escalation-plan.ts";
import { ADMINS_TOPIC, OWN_TOPIC, ownEvent, reachabilityEvent, type OwnMessage } from "./alarms/own.ts";
import { destinationsOf, type Destination, type Route } from "./alarms/route.ts";
import type { Alarm, AlarmEvent } from "./alarms/types.ts";
import type { Logger } from "./log.ts";
import type { Store } from "./store/store.ts";

/** Who is told of which alarm, and how alarms get to them. */
export interface Audience {
  /** Where the cards of an alarm go, each chat under the id that it has now. Never empty: what no route takes, the admins get. */
  destinationsOf(alarm: Alarm): readonly Destination[];
  /** Whether no route takes an alarm. */
  isUnrouted(alarm: Alarm): boolean;
  /** Whether a chat may get alarms. */
  includes(chatId: number): boolean;
  /** All that may get a card. */
  recipients(): number[];
  /** Records what the plant, or we ourselves, have to say. */
  take(events: readonly AlarmEvent[]): Promise<void>;
  /** Says what we have to say ourselves, unless it is known: that something is over is news only to who heard that it began. */
  tell(message: OwnMessage): Promise<void>;
  /** A group became a supergroup, under another id. */
  follow(chatId: number, newChatId: number): Promise<void>;
  /** A chat cannot be reached (`reason`), or can be again (`null`): itself an alarm, for the others. */
  tellReachable(chatId: number, reason: string | null): Promise<void>;
}

const isOwn = ({ topic }: Alarm): boolean => topic.startsWith(OWN_TOPIC);

/** What it is made from; `wake` says that cards of these chats may be out of date. */
export function createAudience(options: {
  /** The chats that get what no route sends elsewhere: by the settings, or since they joined. */
  readonly alarmChatIds: () => readonly number[];
  readonly adminIds: () => readonly number[];
  /** All routes as they are now; none: all alarms go to the alarm chats. */
  readonly routes: () => readonly Route[];
  readonly escalations: () => Escalations;
  /** Where a test alarm goes; `null`: it is none. */
  readonly drilled: (alarm: Alarm) => readonly Destination[] | null;
  readonly store: Pick<Store, "record" | "alarmOf" | "chats">;
  readonly wake: (chatIds: readonly number[]) => void;
  readonly now: () => number;
  readonly log: Logger;
}): Audience {
  const { routes, escalations, store, wake, now, log } = options;
  const unreachable = new Set<number>();

  const present = (chatId: number): number => store.chats.currentId(chatId);
  const chat = (chatId: number): Destination => ({ chatId, threadId: null, name: `chat ${chatId}` });
  /** Each in his private chat. */
  const admins = (): readonly Destination[] => options.adminIds().map(chat);
  const alarmChats = (): readonly Destination[] => options.alarmChatIds().map(chat);

  function routed(alarm: Alarm): readonly Destination[] {
    const present = routes();
    return present.length === 0 ? alarmChats() : destinationsOf(alarm, present);
  }

  function all(alarm: Alarm): readonly Destination[] {
    // Our own troubles concern those who run us, and whoever relies on us; nobody is told that nobody can tell him.
    const tested = options.drilled(alarm);
    if (tested !== null) return tested.length === 0 ? admins() : tested;
    if (alarm.topic === ADMINS_TOPIC) return admins();
    if (isOwn(alarm)) return [...alarmChats(), ...admins()].filter(({ chatId }) => !unreachable.has(present(chatId)));
    const found = routed(alarm);
    return [...(found.length === 0 ? admins() : found), ...passedOnTo(alarm, escalations())];
  }

  /** Where what comes from the plant may go: an admin's own chat is his, not one where everybody who writes is served. */
  const named = (): readonly Destination[] => [
    ...alarmChats(),
    ...routes().flatMap(({ to }) => to),
    ...Object.values(escalations()).flatMap(({ steps }) => steps.map(({ to }) => to)),
  ];

  async function take(events: readonly AlarmEvent[]): Promise<void> {
    if (events.length > 0) wake(await store.record(events));
  }

  /** The routes that reach nobody any more, in words. */
  function deadRoutes(): string {
    const dead = routes().filter(({ to }) => to.every(({ chatId }) => unreachable.has(present(chatId))));
    if (dead.length === 0) return "";
    const words = dead.map(({ severity, sources, topics }) => [severity, ...sources, ...topics].join(" "));
    return `. Routes that reach nobody now: ${words.join("; ")}`;
  }

  return {
    destinationsOf(alarm) {
      const found = new Map<number, Destination>();
      for (const destination of all(alarm)) {
        const chatId = present(destination.chatId);
        if (!found.has(chatId)) found.set(chatId, { ...destination, chatId });
      }
      return [...found.values()];
    },
    isUnrouted: (alarm) => !isOwn(alarm) && options.drilled(alarm) === null && routed(alarm).length === 0,
    recipients: () => [...new Set([...named(), ...admins()].map(({ chatId }) => present(chatId)))],
    includes: (chatId) => named().some((destination) => present(destination.chatId) === chatId),
    take,
    async tell(message) {
      const event = ownEvent(message, now());
      const known = await store.alarmOf(event);
      const isActive = known?.state === "active";
      const isKnown = message.state === "active" ? isActive && known.message === event.message : !isActive;
      if (!isKnown) await take([event]);
    },
    async follow(chatId, newChatId) {
      log.warn({ chatId, newChatId }, "chat migrated");
      await store.chats.migrate(chatId, newChatId);
      wake([newChatId]);
    },
    async tellReachable(chatId, reason) {
      if (reason !== null) unreachable.add(chatId);
      const event = reachabilityEvent(chatId, reason === null ? null : `${reason}${deadRoutes()}`, now());
      // That all is well is no news, unless it was not.
      if (reason !== null || (await store.alarmOf(event))?.state === "active") await take([event]);
      if (reason === null) unreachable.delete(chatId);
    },
  };
}
