import type { InlineKeyboardButton } from "grammy/types";
import { type Params, paramsOf, readBoolean, readJsonParam, readObject, readString } from "./params.ts";
import { badRequest } from "./refusal.ts";

/** Rows of buttons under a message. */
export type InlineKeyboard = readonly (readonly InlineKeyboardButton[])[];

/** What `reply_markup` asks for; the last three are seen at the text field, not under the message. */
export type ReplyMarkup =
  | { readonly kind: "inline"; readonly rows: InlineKeyboard }
  | {
      readonly kind: "keyboard";
      readonly rows: readonly (readonly string[])[];
      readonly isOneTime: boolean;
      readonly placeholder: string | null;
    }
  | { readonly kind: "remove" }
  | { readonly kind: "forceReply"; readonly placeholder: string | null };

/** Not in the documentation, but met by many (FACTS: C1). */
const maxButtons = 100;
const maxButtonsInRow = 8;
const maxCallbackDataBytes = 64;
const maxCopiedLength = 256;
const STYLES = new Set(["danger", "success", "primary"]);
const ACTIONS = ["callback_data", "url", "copy_text", "web_app", "switch_inline_query", "login_url", "disabled"];

/** Reads `reply_markup`; `null` when there is none. @throws {Refusal} for a keyboard that Telegram would not take. */
export function readReplyMarkup(params: Params): ReplyMarkup | null {
  const markup = readObject(params, "reply_markup");
  if (!markup) return null;
  if (markup["inline_keyboard"] !== undefined) return { kind: "inline", rows: readInlineRows(markup) };
  if (markup["keyboard"] !== undefined) {
    return {
      kind: "keyboard",
      rows: readRows(markup, "keyboard").map((row) => row.map(readKeyText)),
      isOneTime: readBoolean(markup, "one_time_keyboard"),
      placeholder: readPlaceholder(markup),
    };
  }
  if (readBoolean(markup, "remove_keyboard")) return { kind: "remove" };
  if (readBoolean(markup, "force_reply")) return { kind: "forceReply", placeholder: readPlaceholder(markup) };
  return null;
}

/** Reads the `reply_markup` of an edit, where only inline keyboards may stand; without one, there are no buttons. @throws {Refusal} */
export function readInlineKeyboard(params: Params): InlineKeyboard {
  const markup = readReplyMarkup(params);
  if (markup && markup.kind !== "inline") throw badRequest("inline keyboard expected");
  return markup?.rows ?? [];
}

function readInlineRows(markup: Params): InlineKeyboard {
  const rows = readRows(markup, "inline_keyboard").filter((row) => row.length > 0);
  if (rows.flat().length > maxButtons || rows.some((row) => row.length > maxButtonsInRow)) {
    throw badRequest("reply markup is too long");
  }
  return rows.map((row) => row.filter(isInlineButton));
}

/** True for a button that Telegram takes, whatever else stands in it. @throws {Refusal} for any other value */
function isInlineButton(value: unknown): value is InlineKeyboardButton {
  const button = paramsOf(value);
  if (!readString(button, "text")?.trim()) throw badRequest("BUTTON_TEXT_INVALID");
  if (ACTIONS.filter((action) => action in button).length > 1) {
    throw badRequest("can't parse inline keyboard button: exactly one action must be specified");
  }
  const style = readString(button, "style");
  if (style !== undefined && !STYLES.has(style)) throw badRequest("BUTTON_STYLE_INVALID");
  const copied = "copy_text" in button ? (readString(paramsOf(button["copy_text"]), "text") ?? "") : null;
  if (copied !== null && (copied === "" || copied.length > maxCopiedLength))
    throw badRequest("BUTTON_COPY_TEXT_INVALID");
  const data = readString(button, "callback_data");
  if (data !== undefined) {
    const byteCount = Buffer.byteLength(data);
    if (byteCount < 1 || byteCount > maxCallbackDataBytes) throw badRequest("BUTTON_DATA_INVALID");
  } else if (button["url"] !== undefined) {
    const url = readString(button, "url") ?? "";
    if (!URL.canParse(url)) throw badRequest(`inline keyboard button URL '${url}' is invalid: Wrong HTTP URL`);
  } else if (!ACTIONS.some((action) => action in button)) {
    throw badRequest("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard");
  }
  return true;
}

function readKeyText(value: unknown): string {
  const text = typeof value === "string" ? value : readString(paramsOf(value), "text");
  if (!text?.trim()) throw badRequest("can't parse keyboard button: Text buttons must be non-empty");
  return text;
}

function readPlaceholder(markup: Params): string | null {
  const placeholder = readString(markup, "input_field_placeholder") ?? null;
  if (placeholder !== null && placeholder.length > 64) throw badRequest("reply keyboard placeholder is too long");
  return placeholder;
}

function readRows(markup: Params, name: string): unknown[][] {
  const rows = readJsonParam(markup, name);
  if (!Array.isArray(rows) || !rows.every((row) => Array.isArray(row))) {
    throw badRequest(`can't parse ${name.replaceAll("_", " ")}: array of Arrays expected`);
  }
  return rows;
}
