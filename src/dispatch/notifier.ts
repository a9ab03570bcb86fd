import type { AlarmEvent } from "../alarms/event.ts";
import { createLikeness } from "../alarms/payloads/likeness.ts";
import { ownEnd, ownEvent, reachabilityEvent, spotOf, type OwnMessage } from "../alarms/payloads/own.ts";
import type { Alarm } from "../alarms/types.ts";
import type { Engine } from "../engine/engine.ts";
import type { Logger } from "../lib/log.ts";
import type { Store } from "../store/store.ts";
import type { Recipients } from "./recipients.ts";
import type { Place } from "./types.ts";

/** Names the routes in the store by which chats were told last. */
const ROUTES = "routes that were told";

/** What an notifier is made from; `wake` says that cards of these chats may be out of date. */
export interface NotifierOptions {
  readonly recipients: Recipients;
  readonly engine: Pick<Engine, "record" | "rerouteWaiting" | "reroute">;
  readonly store: Pick<Store, "alarms" | "cards" | "chats" | "keyValue" | "heartbeats">;
  readonly wake: (chatIds: readonly number[]) => void;
  /** A chat, or a thread of it, is no trouble any more, as it gets nothing any more. */
  readonly onEnded: (chatId: number) => void;
  readonly now: () => number;
  readonly log: Logger;
}

/** How alarms, and what we have to say ourselves, get to those who are told of them; handlers may be handed on as they are. */
export class Notifier {
  readonly recipients: Recipients;
  readonly #options: NotifierOptions;
  readonly #likeness = createLikeness();

  constructor(options: NotifierOptions) {
    this.recipients = options.recipients;
    this.#options = options;
  }

  /** Whether an alarm is told from another one by its topic alone. */
  isAlike(alarm: Alarm): boolean {
    return this.#likeness.isAlike(alarm);
  }

  /** Forgets what was shown where it is not to be seen any more. */
  forgetOthers(): Promise<void> {
    const { store } = this.#options;
    return store.cards.forgetOtherChats(this.recipients.chatIds(), this.recipients.adminIds());
  }

  /**
   * Records what the plant, or we ourselves, have to say.
   * @param onVisible is told when it is committed, before the disk is waited for
   */
  readonly take = async (events: readonly AlarmEvent[], onVisible?: () => void): Promise<void> => {
    this.#likeness.note(events);
    if (events.length === 0) return;
    // A card waits for no disk: what a power cut undoes was not acknowledged, and comes again.
    await this.#options.engine.record(events, (chatIds) => {
      this.#options.wake(chatIds);
      onVisible?.();
    });
  };

  /** Says what we have to say ourselves, unless it is known: that something is over is news only to who heard that it began. */
  readonly tell = async (message: OwnMessage): Promise<void> => {
    const { store, now } = this.#options;
    const event = ownEvent(message, now());
    const known = await store.alarms.ofEvent(event);
    const isActive = known?.state === "active";
    const isKnown = message.state === "active" ? isActive && known.message === event.message : !isActive;
    if (!isKnown) await this.take([event]);
    // Version 0.1 told the same to others: there it is over.
    const { id, severity } = message;
    const former = ownEvent({ id, message: message.message, severity, state: null }, now());
    if (former.topic !== event.topic && (await store.alarms.ofEvent(former))?.state === "active") {
      await this.take([ownEnd({ id, topic: former.topic }, now())]);
    }
  };

  /** A group became a supergroup, under another id. */
  readonly follow = async (chatId: number, newChatId: number): Promise<void> => {
    const { store, wake, log } = this.#options;
    log.warn({ chatId, newChatId }, "chat migrated");
    await store.chats.migrate(chatId, newChatId);
    wake([newChatId]);
  };

  /**
   * A chat, or a thread of it, cannot be reached (`reason`), or can be again (`null`): itself an alarm, for the others. What waits
   * there and nobody else is told of goes to the admins.
   */
  readonly tellReachable = async (place: Place, reason: string | null): Promise<void> => {
    const { engine, store, wake, now } = this.#options;
    if (reason !== null) this.recipients.noteReachable(place, false);
    const event = reason === null ? reachabilityEvent(place, null, now()) : this.#lossEvent(place, reason);
    // That all is well is no news, unless it was not.
    if (reason !== null || (await store.alarms.ofEvent(event))?.state === "active") await this.take([event]);
    if (reason === null) this.recipients.noteReachable(place, true);
    else wake(await engine.rerouteWaiting(place.chatId));
  };

  /** To be called at the start, and when routes changed: an earlier run's troubles are known again, those of chats that get nothing any more end. */
  readonly review = async (): Promise<void> => {
    const troubles = await this.#options.store.heartbeats.activeTroubles();
    for (const spot of troubles.map(({ id }) => spotOf(id)).filter((found) => found !== null)) {
      if (this.recipients.isAddressed(spot)) this.recipients.noteReachable(spot, false);
      else await this.#endTrouble(spot);
    }
    await this.#tellRemoved();
    await this.#tellNewcomers();
  };

  async #endTrouble(spot: Place): Promise<void> {
    const { engine, store, wake, onEnded, now } = this.#options;
    this.recipients.noteReachable(spot, true);
    onEnded(spot.chatId);
    await this.take([reachabilityEvent(spot, null, now())]);
    // What waits in a thread that is named no more goes where the others go.
    if (spot.threadId === null) await store.cards.forgetChat(spot.chatId);
    else wake(await engine.rerouteWaiting(spot.chatId));
  }

  /** Tells the admins who was removed and is named all the same. */
  #tellRemoved(): Promise<void> {
    const { recipients } = this;
    const names = new Set(
      recipients
        .everyName()
        .filter((to) => recipients.isRemoved(to))
        .map(({ chatId, name }) => (name === `chat ${chatId}` ? `user ${chatId}` : `${name} (user ${chatId})`)),
    );
    return this.tell({
      id: "removed people",
      message: `Removed, but still named as somebody who gets alarms: ${[...names].join(", ")}. They get nothing. Take them out of the plants file, /routes or TELEGRAM_ALARM_CHAT_IDS; alarms that would reach nobody else go to the admins.`,
      severity: "warning",
      state: names.size > 0 ? "active" : "cleared",
      isForAdmins: true,
    });
  }

  /** Tells of what is active where it goes only now, since routes or chats were added. */
  async #tellNewcomers(): Promise<void> {
    const { engine, store, wake } = this.#options;
    const present = this.recipients.marks();
    const former = await store.keyValue.read(ROUTES);
    // What an older version, or the first run, left is taken for told; and what was taken away leads nowhere else.
    if (Array.isArray(former) && present.some((one) => !former.includes(one))) wake(await engine.reroute());
    await store.keyValue.write(ROUTES, present);
  }

  /** That a place cannot be reached (`reason`), and what that means for others. */
  #lossEvent(place: Place, reason: string): AlarmEvent {
    const dead = this.recipients.deadRoutes();
    const words = dead.length === 0 ? reason : `${reason}. Routes that reach nobody now: ${dead.join("; ")}`;
    const isLoss = dead.length > 0 || this.recipients.reachNobody();
    return reachabilityEvent(place, words, this.#options.now(), isLoss);
  }
}
