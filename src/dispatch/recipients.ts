import { destinationsOf, type Route } from "../alarms/cards/route.ts";
import { passedOnTo } from "../alarms/lifecycle/elapse.ts";
import { UNMANNED } from "../duty/addressee.ts";
import type { Escalations } from "../alarms/lifecycle/escalation-plan.ts";
import { aboutOf, EVERYBODY_TOPIC, isForAdmins, OWN_TOPIC, type Scope } from "../alarms/payloads/own.ts";
import type { Alarm, Destination } from "../alarms/types.ts";
import { GENERAL, type Place } from "./types.ts";

/** What names those who get alarms, as it is now. */
export interface RecipientOptions {
  /** The chats that get what no route sends elsewhere: by the settings, or since they joined. */
  readonly alarmChatIds: () => readonly number[];
  readonly adminIds: () => readonly number[];
  /** Whether somebody's role was taken away: they get nothing, whatever still names them. */
  readonly isRemoved: (userId: number) => boolean;
  /** All routes, with who is on duty now; none: all alarms go to the alarm chats. */
  readonly routes: () => readonly Route[];
  readonly escalations: () => Escalations;
  /** All who may be on duty, now or another time. */
  readonly rota: () => readonly Destination[];
  /** Where a test alarm goes; `null`: it is not a test alarm. */
  readonly drilled: (alarm: Alarm) => readonly Destination[] | null;
  /** The id that a chat has now, which may be another since it became a supergroup. */
  readonly currentId: (chatId: number) => number;
}

const isOwn = ({ topic }: Alarm): boolean => topic.startsWith(OWN_TOPIC);
const isBySource = ({ topics, sources }: Route): boolean => topics.length === 0 && sources.length > 0;
const isNobody = ({ chatId }: Destination): boolean => chatId === UNMANNED.chatId;
const keyOf = ({ chatId, threadId }: Place): string => `${chatId} ${threadId ?? ""}`;
const toChat = (chatId: number): Destination => ({ chatId, threadId: null, name: `chat ${chatId}` });

/** No route takes it, nobody is on duty who would get it, or none of its chats can be reached. */
export type Orphaned = "unrouted" | "unmanned" | "unreachable";

/** Who gets which alarm, by routes and escalations, and by which chats can be reached. */
export class Recipients {
  readonly #options: RecipientOptions;
  /** By `keyOf`. */
  readonly #unreachable = new Set<string>();

  constructor(options: RecipientOptions) {
    this.#options = options;
  }

  /**
   * Where the cards of an alarm go, each chat under the id that it has now. What no route takes, or only such as reach nobody, the
   * admins get.
   */
  destinationsOf(alarm: Alarm): readonly Destination[] {
    const found = new Map<number, Destination>();
    for (const destination of this.#allOf(alarm).filter((to) => !this.isRemoved(to))) {
      const chatId = this.#present(destination.chatId);
      if (!found.has(chatId)) found.set(chatId, { ...destination, chatId });
    }
    return [...found.values()];
  }

  /** Why an alarm goes to the admins; `null`: it does not, or for another reason. */
  orphaned(alarm: Alarm): Orphaned | null {
    if (isOwn(alarm) || this.#options.drilled(alarm) !== null) return null;
    const found = this.#routed(alarm);
    if (found.length === 0) return "unrouted";
    if (found.some(isNobody)) return "unmanned";
    return found.some((to) => this.isReachable(to)) ? null : "unreachable";
  }

  /** All that anything names as one who gets alarms, removed people included. */
  everyName(): readonly Destination[] {
    const routed = this.#options.routes().flatMap(({ to }) => to);
    return [...this.alarmChats(), ...this.#options.rota(), ...routed, ...this.#steps()].filter((to) => !isNobody(to));
  }

  /** The chats of all that may get a card. */
  chatIds(): number[] {
    return [...new Set([...this.#named(), ...this.#admins()].map(({ chatId }) => this.#present(chatId)))];
  }

  /** Whether a chat may get alarms of the plant: an admin's own chat is theirs, not one where everybody who writes is served. */
  includes(chatId: number): boolean {
    return this.#named().some((destination) => this.#present(destination.chatId) === chatId);
  }

  /** Which alarms may be seen and handled in a chat: what is for admins alone in their private chats only. */
  scopeOf(chatId: number): Scope {
    // A private chat has the id of its person.
    return this.#options.adminIds().includes(chatId) ? "everything" : "shared";
  }

  adminIds(): readonly number[] {
    return this.#options.adminIds();
  }

  alarmChats(): readonly Destination[] {
    return this.#options.alarmChatIds().map(toChat);
  }

  isRemoved({ chatId }: Destination): boolean {
    // A private chat has the id of its person.
    return chatId === UNMANNED.chatId || this.#options.isRemoved(chatId);
  }

  isReachable(destination: Destination): boolean {
    const chatId = this.#present(destination.chatId);
    const threadId = destination.threadId ?? GENERAL;
    return (
      !this.isRemoved(destination) &&
      !this.#unreachable.has(keyOf({ chatId, threadId: null })) &&
      !this.#unreachable.has(keyOf({ chatId, threadId }))
    );
  }

  /** Notes whether a chat, or a thread of it, can be reached. */
  noteReachable(place: Place, isReachable: boolean): void {
    if (isReachable) this.#unreachable.delete(keyOf(place));
    else this.#unreachable.add(keyOf(place));
  }

  /** Whether anything leads to a place. */
  isAddressed(spot: Place): boolean {
    return [...this.#named(), ...this.#admins()].some(
      ({ chatId, threadId }) =>
        this.#present(chatId) === spot.chatId && (spot.threadId === null || spot.threadId === (threadId ?? GENERAL)),
    );
  }

  /** The routes that reach nobody any more, in words. */
  deadRoutes(): readonly string[] {
    return this.#options
      .routes()
      .filter(({ to }) => !to.some((one) => this.isReachable(one)))
      .map(({ severity, sources, topics }) => [severity, ...sources, ...topics].join(" "));
  }

  /** Whether, with no routes at all, none of the alarm chats can be reached. */
  reachNobody(): boolean {
    return this.#options.routes().length === 0 && !this.alarmChats().some((to) => this.isReachable(to));
  }

  /** Routes, alarm chats, and to whom the duty is passed on as they are now, each in a form that can be compared. */
  marks(): readonly string[] {
    const { routes, alarmChatIds } = this.#options;
    const onDuty = this.#steps().filter(({ isByDuty }) => isByDuty);
    return [...routes(), ...alarmChatIds(), ...onDuty].map((one) => JSON.stringify(one));
  }

  #present(chatId: number): number {
    return this.#options.currentId(chatId);
  }

  /** Each in their private chat. */
  #admins(): readonly Destination[] {
    return this.#options.adminIds().map(toChat);
  }

  /** Whom escalations pass on to. */
  #steps(): readonly Destination[] {
    return Object.values(this.#options.escalations()).flatMap(({ steps }) => steps.map(({ to }) => to));
  }

  #named(): readonly Destination[] {
    return this.everyName().filter((to) => !this.isRemoved(to));
  }

  #routed(alarm: Alarm): readonly Destination[] {
    const routes = this.#options.routes();
    return routes.length === 0 ? this.alarmChats() : destinationsOf(alarm, routes);
  }

  #allOf(alarm: Alarm): readonly Destination[] {
    const tested = this.#options.drilled(alarm);
    if (tested !== null) return tested.length === 0 ? this.#admins() : tested;
    if (isForAdmins(alarm)) return this.#admins();
    const passedOn = passedOnTo(alarm, this.#options.escalations());
    const next = passedOn.flatMap((to) => (this.isRemoved(to) ? this.#admins() : [to]));
    const reachable = (all: readonly Destination[]) => all.filter((to) => this.isReachable(to));
    if (isOwn(alarm)) {
      const told = [...this.#admins(), ...this.#concerned(alarm), ...next];
      // Nobody is told that nobody can tell them; but if that is everybody, it waits, and the second path takes it.
      return reachable(told).length > 0 ? reachable(told) : told;
    }
    const found = this.#routed(alarm);
    return [...found, ...(reachable(found).length > 0 && !found.some(isNobody) ? [] : this.#admins()), ...next];
  }

  /** Whom our own troubles concern besides those who run us. */
  #concerned(alarm: Alarm): readonly Destination[] {
    const routes = this.#options.routes();
    if (alarm.topic === EVERYBODY_TOPIC) return [...this.alarmChats(), ...routes.flatMap(({ to }) => to)];
    const topic = aboutOf(alarm.topic);
    if (topic === null) return [...this.alarmChats(), ...this.#routed(alarm)];
    // What does not come has no source: of routes by sources alone those take it that ask for ours.
    const byTopic = routes.flatMap((route) => (isBySource(route) ? [] : [{ ...route, sources: [] }]));
    const found = [
      ...destinationsOf({ ...alarm, topic }, byTopic),
      ...destinationsOf(alarm, routes.filter(isBySource)),
    ];
    return found.length > 0 ? found : this.alarmChats();
  }
}
