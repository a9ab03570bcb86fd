/** A message in a chat, as Telegram numbers both. */
export interface ChatMessage {
  readonly chatId: number;
  readonly messageId: number;
}

/** The same for the same message. */
export const keyOf = ({ chatId, messageId }: ChatMessage): string => `${chatId}:${messageId}`;
