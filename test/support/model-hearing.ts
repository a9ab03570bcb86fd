import type { Alarm } from "../../src/alarms/types.ts";
import type { Store } from "./store.ts";
import * as model from "./alarm-model.ts";
import type { ModelAlarm } from "./model-alarm.ts";
import type { Room } from "./model-room.ts";

/** Tells the model what was heard of the alarms, as the chats of a room show it. */
export function createHearing(room: Room, alarms: ReadonlyMap<number, ModelAlarm>, ids: ReadonlyMap<number, number>) {
  /** Asks the program, however often it dies. */
  const read = <T>(ask: (store: Store) => Promise<T>): Promise<T> => room.commit(ask, () => []);
  /** The version at which each alarm was to ring last. */
  const rungAt = new Map<number, number>();

  /** Does something that may make alarms ring, and notes as what they are to be heard. */
  async function noting(work: () => Promise<void>): Promise<void> {
    const before = new Map([...alarms].map(([alarm, { rings }]) => [alarm, rings.length]));
    await work();
    for (const [alarm, { rings }] of alarms) {
      if (rings.length === before.get(alarm)) continue;
      rungAt.set(alarm, (await read((store) => store.alarms.find(ids.get(alarm) ?? 0)))?.version ?? 0);
    }
  }

  /** Notes what was heard, as far as the program knows, before time goes on; or that it makes no sense any more, which a card says. */
  async function listen(): Promise<void> {
    for (const [alarm, expected] of alarms) {
      if (!expected.isUnheard) continue;
      const isIt = (shown: Alarm): boolean => shown.id === ids.get(alarm) && shown.version >= (rungAt.get(alarm) ?? 0);
      const cards = [...room.chat.messages.values()].filter(
        ({ kind, alarms: [shown] }) => kind === "card" && shown && isIt(shown),
      );
      const sent = room.chat.rings.filter((ring) => isIt(ring.alarm));
      const said = [
        ...sent,
        ...(model.isMoot(expected) ? cards.map(({ chatId, id }) => ({ chatId, messageId: id })) : []),
      ];
      const isSaid = await some(
        said,
        async ({ chatId, messageId }) => (await read((store) => store.alarms.ofMessage(chatId, messageId))) !== null,
      );
      const listed = room.chat.listed.filter((one) => isIt(one.alarm));
      const isListed = await some(
        listed,
        async ({ boardId, messageId }) => (await read((store) => store.boards.find(boardId)))?.messageId === messageId,
      );
      if (isSaid || isListed || room.chat.refusals.some(isIt)) model.hear(expected, room.clock.now());
    }
  }

  return { noting, listen };
}

async function some<T>(all: readonly T[], holds: (one: T) => Promise<boolean>): Promise<boolean> {
  for (const one of all) if (await holds(one)) return true;
  return false;
}
