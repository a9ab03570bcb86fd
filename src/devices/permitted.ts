/** Who asks for a device, as far as Telegram tells. */
export interface Asker {
  readonly userId: number;
  /** Without the `@`; `null`: they have none. */
  readonly username: string | null;
  readonly isAdmin: boolean;
}

/** Whoever looks on. */
export const NOBODY: Asker = { userId: 0, username: null, isAdmin: false };

/** Somebody who wrote or pressed, as Telegram names them. */
export type Caller = Pick<Asker, "userId" | "username">;

/**
 * Whether a PLC's list of permitted users lets somebody see a device or a member. They are known by their number or their name with an
 * `@` in Telegram; the name that a chat shows is no proof, as everybody gives it to themselves. Admins see all, and so they alone
 * see what has not said yet whom it permits.
 */
export function isPermitted(users: readonly string[] | null, { userId, username, isAdmin }: Asker): boolean {
  if (isAdmin) return true;
  if (users === null) return false;
  const names = new Set([String(userId), ...(username === null ? [] : [username.toLowerCase()])]);
  return users.some((user) => user === "*" || names.has(user.replace(/^@/, "").toLowerCase()));
}
