import type { Api } from "grammy";
import { neededRole } from "../../people/right.ts";
import { holds, type Role } from "../../people/role.ts";
import type { Command } from "../access/command.ts";

/** Telegram's menu of commands: each sees what they may do, and a stranger nothing. */
export interface Menus {
  /** Shows them all anew, as after a start; called again after a failure, it goes on from there. */
  readonly showAll: () => Promise<void>;
  /** Shows a chat the menu of a role; `null`: none. */
  showTo(chatId: number, role: Role | null): Promise<void>;
}

/** In a group, all see one menu: that of who acts on alarms. */
export const GROUP_MENU: Role = "operator";

/** @param options.groups the groups that are served */
export function createMenus(options: {
  readonly api: Api;
  readonly commands: () => readonly Command[];
  readonly people: () => readonly { readonly userId: number; readonly role: Role | null }[];
  readonly groups: () => readonly number[];
}): Menus {
  const { api, commands, people, groups } = options;
  const shown = new Set<number>();

  async function showTo(chatId: number, role: Role | null): Promise<void> {
    const isGroup = chatId < 0;
    const mine = commands().filter(
      ({ right }) => holds(role, neededRole(right, isGroup)) && !(isGroup && right.isPrivate === true),
    );
    const scope = { type: "chat" as const, chat_id: chatId };
    const menu = mine.map(({ name, description }) => ({ command: name, description }));
    // Who has never written has no chat yet.
    await (menu.length === 0 ? api.deleteMyCommands({ scope }) : api.setMyCommands(menu, { scope })).catch(
      (error: unknown) => {
        if (!(error instanceof Error && /chat not found|not a member|kicked/i.test(error.message))) throw error;
      },
    );
    shown.add(chatId);
  }

  return {
    async showAll() {
      if (shown.size === 0) await api.deleteMyCommands();
      const all = [
        ...people().map(({ userId, role }) => ({ chatId: userId, role })),
        ...groups().map((chatId) => ({ chatId, role: GROUP_MENU })),
      ];
      for (const { chatId, role } of all) if (!shown.has(chatId)) await showTo(chatId, role);
    },
    showTo,
  };
}
