import type { Transformer } from "grammy";
import { unlinked } from "./unlinked.ts";

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

/** Of words without markup, what is shown as text: in a message, or below a picture. */
function withoutLinks<T extends object>(words: T): T {
  if ("parse_mode" in words && words.parse_mode !== undefined) return words;
  return {
    ...words,
    ...("text" in words && typeof words.text === "string" ? { text: unlinked(words.text) } : {}),
    ...("caption" in words && typeof words.caption === "string" ? { caption: unlinked(words.caption) } : {}),
  };
}
