import type { DemoChat } from "./state/chat.ts";
import type { MessageContent } from "./state/content.ts";
import type { StoredMessage } from "./state/message.ts";

/** What is shown of a message as it is kept. */
type Kept = Pick<
  StoredMessage,
  "from" | "receiverId" | "buttons" | "isSilent" | "threadId" | "sentAt" | "editedAt" | "edits"
>;

/** What a chat shows of one message; `html` and `entities` are those of the text or of the caption. */
export interface ShownMessage extends Kept, Pick<MessageContent, "html" | "entities"> {
  readonly messageId: number;
  /** The service itself tells something, such as that a message was pinned. */
  readonly isService: boolean;
  /** The plain text; empty for a photo or document, which has a caption instead. */
  readonly text: string;
  readonly caption: string | null;
  readonly photo: { readonly bytes: Uint8Array; readonly width: number; readonly height: number } | null;
  readonly document: { readonly bytes: Uint8Array; readonly fileName: string } | null;
  readonly isPinned: boolean;
  readonly replyTo: number | null;
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
    ...(message.receiverId === undefined ? {} : { receiverId: message.receiverId }),
    isSilent: message.isSilent,
    isPinned: chat.pinnedIds.includes(message.id),
    threadId: message.threadId,
    replyTo: message.replyToId,
    sentAt: message.sentAt,
    editedAt: message.editedAt,
    edits: message.edits,
  };
}
