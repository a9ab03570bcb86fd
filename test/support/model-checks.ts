import type { Alarm } from "../../src/alarms/types.ts";
import { wordsOfModel } from "./alarm-model.ts";
import type { ExpectedRing, ModelAlarm } from "./model-alarm.ts";
import type { ShownMessage } from "./memory-chat.ts";
import { CHATS, NEXT_CHAT, wordsOf, type Room } from "./model-room.ts";
import type { Trial } from "./model-trial.ts";

/** What is not as the model says, in words; nothing, if all is well. Each takes a trial that has calmed down. */

const GATHERED: ReadonlySet<string> = new Set(["flood", "quietHours", "catchUp", "reminders"]);

/** Where store, chats and model say different things of an alarm, or something still waits. */
export async function disagreements({ room, alarms }: Trial): Promise<string[]> {
  const store = room.store();
  const { waiting, refused } = await store.cards.backlog();
  const found = waiting + refused === 0 ? [] : [`${waiting} wait, ${refused} are refused`];
  for (const { id, expected } of alarms()) {
    const words = wordsOfModel(expected);
    const alarm = await store.alarms.find(id);
    if (!alarm || wordsOf(alarm) !== words) found.push(`#${id} must be: ${words}; is: ${alarm && wordsOf(alarm)}`);
    for (const chatId of CHATS) {
      const shown = await standing(room, chatId, id);
      if (shown.length !== 1 || shown[0] !== words) {
        found.push(`chat ${chatId} must show once of #${id}: ${words}; shows ${shown.length}: ${shown.join("; ")}`);
      }
    }
    if (!expected.isPassedOn) continue;
    const shown = await standing(room, NEXT_CHAT, id);
    // Who was quicker than the escalation spares the next chat all of it.
    const isNeeded = expected.isActive && expected.takenBy === null && expected.shelf === null;
    if (shown.length > 1 || shown.some((one) => one !== words) || (isNeeded && shown.length === 0)) {
      found.push(`the next chat must show of #${id}: ${words}; shows ${shown.length}: ${shown.join("; ")}`);
    }
  }
  return found;
}

/** What a chat shows of an alarm now: its one card, or else the board that told of it last. */
async function standing({ chat, store }: Room, chatId: number, id: number): Promise<readonly string[]> {
  const known: ShownMessage[] = [];
  for (const message of chat.messages.values()) {
    const isAbout = message.chatId === chatId && message.alarms.some((alarm) => alarm.id === id);
    if (isAbout && (await isKnown(message))) known.push(message);
  }
  const cards = known.filter(({ kind }) => kind === "card");
  const boards = known.filter(({ kind }) => kind === "board").toSorted((a, b) => a.shownAt - b.shownAt);
  const shown = cards.length > 0 ? cards : boards.slice(-1);
  return shown.flatMap(({ alarms }) => alarms.filter((alarm) => alarm.id === id).map(wordsOf));

  /** A copy of which the program never learned that it was sent stays as it was; so does what was refused a last word. */
  async function isKnown({ id: messageId, boardId }: ShownMessage): Promise<boolean> {
    if (boardId !== null) return (await store().boards.find(boardId))?.messageId === messageId;
    return (await store().alarms.ofMessage(chatId, messageId)) !== null && !chat.unretired.has(messageId);
  }
}

/** Where a chat was not told exactly as often, and for the reasons, that the model says; a critical one needs its own card. */
export async function inexactRings({ room, alarms }: Trial): Promise<string[]> {
  const found: string[] = [];
  for (const { id, expected } of alarms()) {
    for (const chatId of [...CHATS, NEXT_CHAT]) {
      const decisions = (await room.store().cards.decisions(id, chatId, 10_000)).toReversed();
      const heard = decisions.filter(({ action, reason }) => action === "send" || GATHERED.has(reason));
      const must = ringsFor(expected, chatId).filter(({ isMoot }) => !isMoot);
      const isAsMust =
        heard.length === must.length &&
        heard.every(({ action, reason }, i) => {
          const ring = must[i];
          return action === "send" ? ring?.reason === reason : ring?.severity !== "critical";
        });
      const sent = room.chat.rings.filter((ring) => ring.chatId === chatId && ring.alarm.id === id);
      if (isAsMust && sent.length === heard.filter(({ action }) => action === "send").length) continue;
      const [musts, heards] = [must, heard].map((rings) => rings.map(({ reason }) => reason).join(", "));
      found.push(`chat ${chatId} must hear of #${id}: ${musts}; heard: ${heards}; ${sent.length} cards`);
    }
  }
  return found;
}

/** Where a chat was not told of what happened last, or more often than what went wrong explains. */
export async function unheardRings({ room, alarms }: Trial): Promise<string[]> {
  const { chat } = room;
  const found: string[] = [];
  for (const { id, expected } of alarms()) {
    for (const chatId of CHATS) {
      const isOwn = (told: { readonly chatId: number; readonly alarm: Alarm }): boolean =>
        told.chatId === chatId && told.alarm.id === id;
      const sent = chat.rings.filter(isOwn);
      const told = [...sent, ...chat.listed.filter(isOwn)];
      if (expected.isHeard && !told.some(({ alarm }) => isNewest(alarm, expected)))
        found.push(`chat ${chatId} does not know of #${id}`);

      let noted = 0;
      for (const { messageId } of sent) {
        if ((await room.store().alarms.ofMessage(chatId, messageId)) !== null) noted++;
      }
      const removed = chat.removed.filter((card) => card.chatId === chatId && card.alarms[0]?.id === id);
      const most = ringsFor(expected, chatId).length + removed.length;
      if (noted > most) found.push(`chat ${chatId} got ${noted} cards of #${id}, but ${most} at most are needed`);
    }
  }
  return found;
}

/** What got worse need not be said any more when it is over, or was put aside; nor what came while it was. */
function isNewest(alarm: Alarm, { occurrence, isActive, shelf, peak, rings }: ModelAlarm): boolean {
  const heard = rings.findLast(({ isMoot }) => !isMoot)?.occurrence ?? occurrence;
  if (heard < occurrence) return alarm.occurrence >= heard;
  return alarm.occurrence === occurrence && (!isActive || shelf !== null || alarm.peakSeverity === peak);
}

const ringsFor = ({ rings }: ModelAlarm, chatId: number): readonly ExpectedRing[] =>
  rings.filter((ring) => ring.chatId === chatId || (ring.chatId === null && chatId !== NEXT_CHAT));
