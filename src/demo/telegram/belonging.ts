import { must } from "../../lib/must.ts";
import type { DemoChat, DemoPerson } from "./state/chat.ts";
import { typedContent } from "./state/content.ts";
import type { Service } from "./state/service.ts";
import { botMember } from "./state/bot-member.ts";
import { messageUpdate, wireChat, wireUser } from "./state/wire.ts";
import { write } from "./writing.ts";

/** Somebody lets the bot into a chat, or out of it. @param userId who; left out: the first of the chat */
export function setBlocked(service: Service, chatId: number, isBlocked: boolean, userId?: number): void {
  const chat = service.chats.get(chatId);
  const from = userId === undefined ? firstOf(chat) : must(chat.members.get(userId), `Person ${userId}`);
  if (chat.isBlocked === isBlocked) return;
  change(service, chat, from, () => (chat.isBlocked = isBlocked));
}

/** An admin of a group makes the bot one, too, or takes that back. */
export function setBotAdmin(service: Service, groupId: number, isAdmin: boolean): void {
  const chat = service.chats.get(groupId);
  change(service, chat, firstOf(chat), () => (chat.isBotAdmin = isAdmin));
}

/** Somebody changes what the bot is in a chat, and the bot is told. */
function change(service: Service, chat: DemoChat, from: DemoPerson, make: () => void): void {
  const { bot, changes, now, updates } = service;
  const before = botMember(chat, bot);
  make();
  updates.push({
    my_chat_member: {
      chat: wireChat(chat),
      from: wireUser(from),
      date: Math.floor(now() / 1000),
      old_chat_member: before,
      new_chat_member: botMember(chat, bot),
    },
  });
  changes.publish({ type: "chat", chatId: chat.id });
}

/** A group becomes a supergroup with another id. */
export function moveToSupergroup(service: Service, oldId: number, newId: number): void {
  const { bot, chats, changes, updates } = service;
  const old = chats.get(oldId);
  const { title, members, isBotAdmin } = old;
  const fresh = chats.addGroup({ id: newId, title, members: [...members.values()], isBotAdmin });
  const userId = firstOf(old).id;
  const said = { content: typedContent("This group was upgraded to a supergroup"), media: null };
  const last = write(service, { chatId: oldId, userId }, { ...said, service: { migratedTo: newId } });
  const first = write(service, { chatId: newId, userId }, { ...said, service: { migratedFrom: oldId } });
  old.migratedTo = newId;
  updates.push(messageUpdate(old, last, bot));
  updates.push(messageUpdate(fresh, first, bot));
  changes.publish({ type: "chat", chatId: newId });
}

const firstOf = ({ members }: DemoChat): DemoPerson => must([...members.values()][0], "a member");
