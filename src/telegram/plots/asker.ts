import type { Context } from "grammy";
import { NOBODY, type Asker, type Caller } from "../../devices/permitted.ts";
import { holds, type Role } from "../../people/role.ts";

/** Who wrote or pressed. */
export const callerOf = ({ from }: Context): Caller => ({ userId: from?.id ?? 0, username: from?.username ?? null });

/** Who asks in a chat, as far as devices may know them. */
export type AskerIn = (chatId: number, caller: Caller) => Asker;

/** In a group everybody reads what one may see: there, nobody in particular asks. */
export const createAskerIn =
  (roleOf: (userId: number) => Role | null): AskerIn =>
  (chatId, { userId, username }) =>
    chatId < 0 ? NOBODY : { userId, username, isAdmin: holds(roleOf(userId), "admin") };
