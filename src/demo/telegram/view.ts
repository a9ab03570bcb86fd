import type { MessageEntity } from "grammy/types";
import type { DemoChat, StoredMessage } from "./state/chats.ts";
import type { InlineKeyboard } from "./state/keyboards.ts";

/** What a chat shows of one message. */
export interface ShownMessage {
  readonly messageId: number;
  readonly from: "bot" | number;
  /** The service itself tells something, such as that a message was pinned. */
  readonly isService: boolean;
  /** The plain text; empty for a photo or document, which has a caption instead. */
  readonly text: string;
  /** As the bot sent it with `parse_mode: "HTML"`; `null` for plain text. */
  readonly html: string | null;
  readonly caption: string | null;
  /** Of the text or of the caption. */
  readonly entities: readonly MessageEntity[];
  readonly photo: { readonly bytes: Uint8Array; readonly width: number; readonly height: number } | null;
  readonly document: { readonly bytes: Uint8Array; readonly fileName: string } | null;
  readonly buttons: InlineKeyboard;
  readonly isSilent: boolean;
  readonly isPinned: boolean;
  readonly threadId: number | null;
  readonly replyTo: number | null;
  readonly sentAt: number;
  readonly editedAt: number | null;
  /** How often it was edited. */
  readonly edits: number;
}

/** What a chat shows of a message now. */
export function show(chat: DemoChat, message: StoredMessage): ShownMessage {
  const { content, media } = message;
  return {
    messageId: message.id,
    from: message.from,
    isService: message.service !== null,
    text: media ? "" : content.text,
    html: content.html,
    caption: media ? content.text : null,
    entities: content.entities,
    photo: media?.kind === "photo" ? { bytes: media.bytes, width: media.width, height: media.height } : null,
    document: media?.kind === "document" ? { bytes: media.bytes, fileName: media.fileName } : null,
    buttons: message.buttons,
    isSilent: message.isSilent,
    isPinned: chat.pinnedIds.includes(message.id),
    threadId: message.threadId,
    replyTo: message.replyToId,
    sentAt: message.sentAt,
    editedAt: message.editedAt,
    edits: message.edits,
  };
}
