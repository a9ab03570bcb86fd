import type { Transformer } from "grammy";
import { unlinked } from "./unlinked.ts";

/** What of a call, or of a picture that it brings, is shown as text. */
interface Words {
  readonly text?: unknown;
  readonly caption?: unknown;
  readonly parse_mode?: unknown;
}

const PREVIEWED: ReadonlySet<string> = new Set(["sendMessage", "editMessageText"]);
const SAYS = /^(send|edit|copy)/;

/**
 * Keeps every message to what it says: no link is shown with a preview, for which Telegram would fetch it, and of what is sent without
 * markup, such as the questions of a dialogue, nothing is linked. What is HTML was seen to when it was made: see render.ts.
 */
export const plainly: Transformer = (call, method, payload, signal) => {
  if (!SAYS.test(method)) return call(method, payload, signal);
  const media = "media" in payload ? { media: ofMedia(payload.media) } : {};
  const noPreview = PREVIEWED.has(method) ? { link_preview_options: { is_disabled: true } } : {};
  return call(method, { ...withoutLinks(payload), ...media, ...noPreview }, signal);
};

function ofMedia(media: unknown): unknown {
  if (Array.isArray(media)) return media.map(ofMedia);
  return typeof media === "object" && media !== null ? withoutLinks(media) : media;
}

function withoutLinks<T extends object>(words: T): T {
  const { text, caption, parse_mode } = words as Words;
  if (parse_mode !== undefined) return words;
  return {
    ...words,
    ...(typeof text === "string" ? { text: unlinked(text) } : {}),
    ...(typeof caption === "string" ? { caption: unlinked(caption) } : {}),
  };
}
