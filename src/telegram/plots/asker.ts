import type { Context } from "grammy";
import { NOBODY, type Asker, type Caller } from "../../devices/permitted.ts";
import { holds, type Role } from "../../people/role.ts";
import { servedIn } from "../access/person.ts";

/** The person who wrote or pressed. */
export function callerOf(ctx: Context): Caller {
  const { person } = servedIn(ctx);
  return { userId: person.id, username: person.username ?? null };
}

/** Who asks in a chat, as far as devices may know them. */
export type AskerIn = (chatId: number, caller: Caller) => Asker;

/** In a group everybody reads the answer, so there the asker is nobody in particular. */
export const createAskerIn =
  (roleOf: (userId: number) => Role | null): AskerIn =>
  (chatId, { userId, username }) =>
    chatId < 0 ? NOBODY : { userId, username, isAdmin: holds(roleOf(userId), "admin") };
