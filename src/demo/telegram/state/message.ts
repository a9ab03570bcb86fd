import type { MessageContent } from "./content.ts";
import type { InlineKeyboard } from "./keyboards.ts";
import type { Media } from "./media.ts";

/** What a message of the service itself tells; on the wire it stands in the place of a text. */
export type ServiceNote =
  | { readonly pinnedId: number }
  | { readonly migratedTo: number }
  | { readonly migratedFrom: number };

/** A message before it has its number. */
export interface NewMessage {
  readonly threadId: number | null;
  readonly from: "bot" | number;
  readonly content: MessageContent;
  readonly media: Media | null;
  /** `null`: somebody wrote the message. If not, `content` is what the chat shows of it. */
  readonly service: ServiceNote | null;
  readonly albumId: string | null;
  readonly buttons: InlineKeyboard;
  /** Sent together with a reply keyboard or the like: Telegram lets nobody edit it then. */
  readonly isLocked: boolean;
  readonly isSilent: boolean;
  readonly replyToId: number | null;
  readonly sentAt: number;
  /** Of an ephemeral message, who alone sees it; left out: everybody. */
  readonly receiverId?: number;
}

/** A message as the chat holds it; an edit replaces it by another with the same `id`. */
export interface StoredMessage extends NewMessage {
  readonly id: number;
  readonly editedAt: number | null;
  readonly edits: number;
}
