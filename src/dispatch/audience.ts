import { passedOnTo } from "../alarms/lifecycle/elapse.ts";
import type { Escalations } from "../alarms/lifecycle/escalation-plan.ts";
import { createLikeness } from "../alarms/payloads/likeness.ts";
import {
  aboutOf,
  EVERYBODY_TOPIC,
  isForAdmins,
  OWN_TOPIC,
  ownEnd,
  ownEvent,
  reachabilityEvent,
  spotOf,
  type OwnMessage,
  type Scope,
} from "../alarms/payloads/own.ts";
import { destinationsOf, type Route } from "../alarms/cards/route.ts";
import type { AlarmEvent } from "../alarms/event.ts";
import type { Alarm, Destination } from "../alarms/types.ts";
import { GENERAL, type Place } from "./types.ts";
import type { Logger } from "../lib/log.ts";
import type { Engine } from "../engine/engine.ts";
import type { Store } from "../store/store.ts";

/** Who is told of which alarm, and how alarms get to them. */
export interface Audience {
  /**
   * Where the cards of an alarm go, each chat under the id that it has now. What no route takes, or only such as reach nobody, the
   * admins get.
   */
  destinationsOf(alarm: Alarm): readonly Destination[];
  /** Why an alarm goes to the admins: no route takes it, or none of its chats can be reached; `null`: it does not, or for another reason. */
  orphaned(alarm: Alarm): Orphaned | null;
  /** Whether an alarm is told from another one by its topic alone. */
  isAlike(alarm: Alarm): boolean;
  /** Whether a chat may get alarms. */
  includes(chatId: number): boolean;
  /** All that may get a card. */
  recipients(): number[];
  /** Which alarms may be seen and handled in a chat: what is for admins alone in their private chats only. */
  scopeOf(chatId: number): Scope;
  /** Forgets what was shown where it is not to be seen any more. */
  forgetOthers(): Promise<void>;
  /** Records what the plant, or we ourselves, have to say. */
  take(events: readonly AlarmEvent[]): Promise<void>;
  /** Says what we have to say ourselves, unless it is known: that something is over is news only to who heard that it began. */
  tell(message: OwnMessage): Promise<void>;
  /** A group became a supergroup, under another id. */
  follow(chatId: number, newChatId: number): Promise<void>;
  /**
   * A chat, or a thread of it, cannot be reached (`reason`), or can be again (`null`): itself an alarm, for the others. What waits
   * there and nobody else is told of goes to the admins.
   */
  tellReachable(place: Place, reason: string | null): Promise<void>;
  /** To be called at the start, and when routes changed: an earlier run's troubles are known again, those of chats that get nothing any more end. */
  review(): Promise<void>;
}

/** See `Audience.orphaned`. */
type Orphaned = "unrouted" | "unreachable";

const isOwn = ({ topic }: Alarm): boolean => topic.startsWith(OWN_TOPIC);

/** Names the routes in the store by which chats were told last. */
const ROUTES = "routes that were told";

/** What it is made from; `wake` says that cards of these chats may be out of date. */
export function createAudience(options: {
  /** The chats that get what no route sends elsewhere: by the settings, or since they joined. */
  readonly alarmChatIds: () => readonly number[];
  readonly adminIds: () => readonly number[];
  /** Whether somebody's role was taken away: they get nothing, whatever still names them. */
  readonly isRemoved: (userId: number) => boolean;
  /** All routes as they are now; none: all alarms go to the alarm chats. */
  readonly routes: () => readonly Route[];
  readonly escalations: () => Escalations;
  /** Where a test alarm goes; `null`: it is not a test alarm. */
  readonly drilled: (alarm: Alarm) => readonly Destination[] | null;
  readonly engine: Pick<Engine, "record" | "rerouteWaiting" | "reroute">;
  readonly store: Pick<Store, "alarms" | "cards" | "chats" | "facts" | "heartbeats">;
  readonly wake: (chatIds: readonly number[]) => void;
  readonly now: () => number;
  readonly log: Logger;
}): Audience {
  const { routes, escalations, engine, store, wake, now, log } = options;
  const likeness = createLikeness();
  /** By `keyOf`. */
  const unreachable = new Set<string>();

  const present = (chatId: number): number => store.chats.currentId(chatId);
  const chat = (chatId: number): Destination => ({ chatId, threadId: null, name: `chat ${chatId}` });
  /** Each in their private chat. */
  const admins = (): readonly Destination[] => options.adminIds().map(chat);
  const alarmChats = (): readonly Destination[] => options.alarmChatIds().map(chat);

  // A private chat has the id of its person.
  const isRemoved = ({ chatId }: Destination): boolean => options.isRemoved(chatId);
  const isReachable = ({ chatId, threadId }: Destination): boolean =>
    !options.isRemoved(chatId) &&
    !unreachable.has(keyOf({ chatId: present(chatId), threadId: null })) &&
    !unreachable.has(keyOf({ chatId: present(chatId), threadId: threadId ?? GENERAL }));

  function routed(alarm: Alarm): readonly Destination[] {
    const all = routes();
    return all.length === 0 ? alarmChats() : destinationsOf(alarm, all);
  }

  function all(alarm: Alarm): readonly Destination[] {
    const tested = options.drilled(alarm);
    if (tested !== null) return tested.length === 0 ? admins() : tested;
    if (isForAdmins(alarm)) return admins();
    const next = passedOnTo(alarm, escalations()).flatMap((to) => (isRemoved(to) ? admins() : [to]));
    if (isOwn(alarm)) {
      const told = [...admins(), ...concerned(alarm), ...next];
      // Nobody is told that nobody can tell them; but if that is everybody, it waits, and the second path takes it.
      return told.some(isReachable) ? told.filter(isReachable) : told;
    }
    const found = routed(alarm);
    return [...found, ...(found.some(isReachable) ? [] : admins()), ...next];
  }

  /** Whom our own troubles concern besides those who run us. */
  function concerned(alarm: Alarm): readonly Destination[] {
    if (alarm.topic === EVERYBODY_TOPIC) return [...alarmChats(), ...routes().flatMap(({ to }) => to)];
    const topic = aboutOf(alarm.topic);
    if (topic === null) return [...alarmChats(), ...routed(alarm)];
    // What does not come has no source: of routes by sources alone those take it that ask for ours.
    const found = [
      ...destinationsOf(
        { ...alarm, topic },
        routes().flatMap((route) => (isBySource(route) ? [] : [{ ...route, sources: [] }])),
      ),
      ...destinationsOf(alarm, routes().filter(isBySource)),
    ];
    return found.length > 0 ? found : alarmChats();
  }

  /** All that anything names as one who gets alarms. */
  const everyName = (): readonly Destination[] => [
    ...alarmChats(),
    ...routes().flatMap(({ to }) => to),
    ...Object.values(escalations()).flatMap(({ steps }) => steps.map(({ to }) => to)),
  ];
  /** Where what comes from the plant may go: an admin's own chat is theirs, not one where everybody who writes is served. */
  const named = (): readonly Destination[] => everyName().filter((to) => !isRemoved(to));

  const isAddressed = (spot: Place): boolean =>
    [...named(), ...admins()].some(
      ({ chatId, threadId }) =>
        present(chatId) === spot.chatId && (spot.threadId === null || spot.threadId === (threadId ?? GENERAL)),
    );

  async function take(events: readonly AlarmEvent[]): Promise<void> {
    likeness.note(events);
    if (events.length > 0) wake(await engine.record(events));
  }

  async function tell(message: OwnMessage): Promise<void> {
    const event = ownEvent(message, now());
    const known = await store.alarms.ofEvent(event);
    const isActive = known?.state === "active";
    const isKnown = message.state === "active" ? isActive && known.message === event.message : !isActive;
    if (!isKnown) await take([event]);
    // Version 0.1 told the same to others: there it is over.
    const former = ownEvent(
      { id: message.id, message: message.message, severity: message.severity, state: null },
      now(),
    );
    if (former.topic !== event.topic && (await store.alarms.ofEvent(former))?.state === "active") {
      await take([ownEnd({ id: message.id, topic: former.topic }, now())]);
    }
  }

  /** Tells the admins who was removed and is named all the same. */
  function tellRemoved(): Promise<void> {
    const names = new Set(
      everyName()
        .filter(isRemoved)
        .map(({ chatId, name }) => (name === `chat ${chatId}` ? `user ${chatId}` : `${name} (user ${chatId})`)),
    );
    return tell({
      id: "removed people",
      message: `Removed, but still named as somebody who gets alarms: ${[...names].join(", ")}. They get nothing. Take them out of the plants file, /routes or TELEGRAM_ALARM_CHAT_IDS; alarms that would reach nobody else go to the admins.`,
      severity: "warning",
      state: names.size > 0 ? "active" : "cleared",
      isForAdmins: true,
    });
  }

  /** Tells of what is active where it goes only now, since routes or chats were added. */
  async function tellNewcomers(): Promise<void> {
    const present = [...routes(), ...options.alarmChatIds()].map((one) => JSON.stringify(one));
    const former = await store.facts.read(ROUTES);
    // What an older version, or the first run, left is taken for told; and what was taken away leads nowhere else.
    if (Array.isArray(former) && present.some((one) => !former.includes(one))) wake(await engine.reroute());
    await store.facts.write(ROUTES, present);
  }

  /** The routes that reach nobody any more, in words. */
  const deadRoutes = (): readonly string[] =>
    routes()
      .filter(({ to }) => !to.some(isReachable))
      .map(({ severity, sources, topics }) => [severity, ...sources, ...topics].join(" "));

  /** That a place cannot be reached (`reason`), and what that means for others. */
  function lossEvent(place: Place, reason: string): AlarmEvent {
    const dead = deadRoutes();
    const words = dead.length === 0 ? reason : `${reason}. Routes that reach nobody now: ${dead.join("; ")}`;
    const isLoss = dead.length > 0 || (routes().length === 0 && !alarmChats().some(isReachable));
    return reachabilityEvent(place, words, now(), isLoss);
  }

  const recipients = (): number[] => [...new Set([...named(), ...admins()].map(({ chatId }) => present(chatId)))];

  return {
    destinationsOf(alarm) {
      const found = new Map<number, Destination>();
      for (const destination of all(alarm).filter((to) => !isRemoved(to))) {
        const chatId = present(destination.chatId);
        if (!found.has(chatId)) found.set(chatId, { ...destination, chatId });
      }
      return [...found.values()];
    },
    orphaned(alarm) {
      if (isOwn(alarm) || options.drilled(alarm) !== null) return null;
      const found = routed(alarm);
      if (found.length === 0) return "unrouted";
      return found.some(isReachable) ? null : "unreachable";
    },
    isAlike: likeness.isAlike,
    recipients,
    // A private chat has the id of its person.
    scopeOf: (chatId) => (options.adminIds().includes(chatId) ? "everything" : "shared"),
    forgetOthers: () => store.cards.forgetOtherChats(recipients(), options.adminIds()),
    includes: (chatId) => named().some((destination) => present(destination.chatId) === chatId),
    take,
    tell,
    async follow(chatId, newChatId) {
      log.warn({ chatId, newChatId }, "chat migrated");
      await store.chats.migrate(chatId, newChatId);
      wake([newChatId]);
    },
    async tellReachable(place, reason) {
      if (reason !== null) unreachable.add(keyOf(place));
      const event = reason === null ? reachabilityEvent(place, null, now()) : lossEvent(place, reason);
      // That all is well is no news, unless it was not.
      if (reason !== null || (await store.alarms.ofEvent(event))?.state === "active") await take([event]);
      if (reason === null) unreachable.delete(keyOf(place));
      else wake(await engine.rerouteWaiting(place.chatId));
    },
    async review() {
      const troubles = await store.heartbeats.activeTroubles();
      for (const spot of troubles.map(({ id }) => spotOf(id)).filter((found) => found !== null)) {
        if (isAddressed(spot)) {
          unreachable.add(keyOf(spot));
          continue;
        }
        unreachable.delete(keyOf(spot));
        await take([reachabilityEvent(spot, null, now())]);
        // What waits in a thread that is named no more goes where the others go.
        if (spot.threadId === null) await store.cards.forgetChat(spot.chatId);
        else wake(await engine.rerouteWaiting(spot.chatId));
      }
      await tellRemoved();
      await tellNewcomers();
    },
  };
}

const isBySource = ({ topics, sources }: Route): boolean => topics.length === 0 && sources.length > 0;

const keyOf = ({ chatId, threadId }: Place): string => `${chatId} ${threadId ?? ""}`;
