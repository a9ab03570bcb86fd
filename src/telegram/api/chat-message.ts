/** A message in a chat, as Telegram numbers both. */
export interface ChatMessage {
  readonly chatId: number;
  readonly messageId: number;
}

/** A key that is the same for the same message. */
export const keyOf = ({ chatId, messageId }: ChatMessage): string => `${chatId}:${messageId}`;
