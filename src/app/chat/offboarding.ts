import type { Addressee } from "../../duty/addressee.ts";
import type { KnownPerson } from "../../engine/forget-person.ts";
import type { ChatAccessOptions } from "./access-options.ts";

/** Ends what people and chats have no right to any more; its parts may be handed on as they are. */
export class Offboarding {
  readonly #options: ChatAccessOptions;
  readonly #showMenu: (userId: number) => void;

  /** @param showMenu shows somebody the menu of the role that they have now */
  constructor(options: ChatAccessOptions, showMenu: (userId: number) => void) {
    this.#options = options;
    this.#showMenu = showMenu;
  }

  /** What says that a chat gets alarms, other than itself. */
  readonly namedIn = (chatId: number): readonly string[] => {
    const { config, plants, duty, routes, store } = this.#options;
    const isIt = (id: number): boolean => store.chats.currentId(id) === chatId;
    const isTo = (to: readonly Addressee[]): boolean => to.some((one) => "chatId" in one && isIt(one.chatId));
    const inFile =
      isTo(duty.people()) ||
      plants.routes.some(({ to }) => isTo(to)) ||
      Object.values(plants.escalation).some(({ steps }) => isTo(steps.map(({ to }) => to)));
    return [
      ...(config.telegram.alarmChatIds.some(isIt) ? ["TELEGRAM_ALARM_CHAT_IDS"] : []),
      ...(inFile ? ["the plants file"] : []),
      ...routes.list().flatMap(({ id, to }) => (isTo(to) ? [`route ${id} (/unroute ${id})`] : [])),
    ];
  };

  /** Ends what a chat that gets alarms no more has of them; of a private chat the reports and plots stay its person's. */
  readonly left = async (chatId: number): Promise<void> => {
    const { notifier } = this.#options;
    if (chatId < 0) await this.#endIn(chatId);
    await notifier.forgetOthers();
    await notifier.review();
  };

  /** Ends at once what somebody has no right to any more. @returns the routes that led to their private chat only, and ended with it */
  readonly endSessions = async (userId: number): Promise<readonly number[]> => {
    const { secondFactor, people, store, routes } = this.#options;
    await secondFactor.end(userId);
    this.#showMenu(userId);
    if (people.roleOf(userId) !== null) {
      // Who is an admin no more is told no more what only they are.
      await this.left(userId);
      return [];
    }
    await store.dialogues.deleteOf(userId);
    // A private chat has the id of its person.
    await store.chats.setJoined(userId, null);
    const own = routes.list().filter(({ to }) => to.every(({ chatId }) => chatId === userId));
    for (const { id } of own) await routes.remove(id);
    await this.#endIn(userId);
    await this.left(userId);
    return own.map(({ id }) => id);
  };

  /** Removes somebody with all that is kept of them. */
  readonly forget = async (member: KnownPerson): Promise<void> => {
    const { people, secondFactor, engine, exchanges, handover, store, onChange } = this.#options;
    await people.setRole(member.id, null);
    await this.endSessions(member.userId);
    await secondFactor.forget(member.userId);
    await exchanges.forget(member.userId);
    await handover.forget(member.userId);
    onChange(await engine.forgetPerson(member));
    store.chats.drop(member.userId);
  };

  /** Ends what goes on by itself in a chat. */
  async #endIn(chatId: number): Promise<void> {
    const { stopIn, reportStore } = this.#options;
    stopIn(chatId);
    await reportStore.save(chatId, null);
  }
}
