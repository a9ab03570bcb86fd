import type { Api } from "grammy";
import { neededRole } from "../people/right.ts";
import { holds, type Role } from "../people/role.ts";
import type { Command } from "./commands.ts";

/** Telegram's menu of commands: each sees what he may do, and a stranger nothing. */
export interface Menus {
  /** Shows them all anew, as after a start. */
  showAll(): Promise<void>;
  /** Shows a person the menu of his role; `null`: none. */
  showTo(userId: number, role: Role | null): Promise<void>;
}

/** @param options.groups the groups that are served */
export function createMenus(options: {
  readonly api: () => Api;
  readonly commands: () => readonly Command[];
  readonly people: () => readonly { readonly userId: number; readonly role: Role | null }[];
  readonly groups: () => readonly number[];
}): Menus {
  const { api, commands, people, groups } = options;

  async function show(chatId: number, role: Role | null): Promise<void> {
    const isGroup = chatId < 0;
    const shown = commands().filter(
      ({ right }) => holds(role, neededRole(right, isGroup)) && !(isGroup && right.isPrivate === true),
    );
    const scope = { type: "chat" as const, chat_id: chatId };
    const menu = shown.map(({ name, description }) => ({ command: name, description }));
    // Who has never written has no chat yet.
    await (menu.length === 0 ? api().deleteMyCommands({ scope }) : api().setMyCommands(menu, { scope })).catch(
      (error: unknown) => {
        if (!(error instanceof Error && /chat not found|not a member|kicked/i.test(error.message))) throw error;
      },
    );
  }

  return {
    async showAll() {
      await api().deleteMyCommands();
      for (const { userId, role } of people()) await show(userId, role);
      // In a group, all see one menu: that of who acts on alarms.
      for (const groupId of groups()) await show(groupId, "operator");
    },
    showTo: (userId, role) => show(userId, role),
  };
}
