/** Who a message or a press comes from. */
interface Person {
  readonly userId: number | undefined;
  readonly chatId: number | undefined;
}

/** The one place that decides who is served. */
export interface Access {
  isServed(person: Person): boolean;
}

/** Serves the admins everywhere, and whoever writes in a chat that gets alarms. Everybody else gets silence. */
export function createAccess(options: {
  readonly adminIds: readonly number[];
  readonly isAlarmChat: (chatId: number) => boolean;
}): Access {
  const admins = new Set(options.adminIds);
  return {
    isServed: ({ userId, chatId }) =>
      (userId !== undefined && admins.has(userId)) || (chatId !== undefined && options.isAlarmChat(chatId)),
  };
}
