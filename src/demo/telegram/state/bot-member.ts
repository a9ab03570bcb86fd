import type { ChatMember } from "grammy/types";
import type { DemoChat } from "./chat.ts";
import type { Service } from "./service.ts";
import { wireBot } from "./wire.ts";

/** Of an administrator, those that mean something here. */
const RIGHTS = {
  can_be_edited: false,
  is_anonymous: false,
  can_manage_chat: true,
  can_delete_messages: false,
  can_manage_video_chats: false,
  can_restrict_members: false,
  can_promote_members: false,
  can_change_info: false,
  can_invite_users: false,
  can_post_stories: false,
  can_edit_stories: false,
  can_delete_stories: false,
  can_send_welcome_messages: false,
  can_pin_messages: true,
};

/** What the bot is in a chat. */
export function botMember(chat: DemoChat, bot: Service["bot"]): ChatMember {
  const user = wireBot(bot);
  if (chat.isBlocked) return { status: "kicked", user, until_date: 0 };
  if (!chat.isBotAdmin) return { status: "member", user };
  return { status: "administrator", user, ...RIGHTS };
}
