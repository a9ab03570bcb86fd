import type { InlineKeyboardButton } from "grammy/types";

/** Buttons, so many in a row. */
export const inRows = (buttons: readonly InlineKeyboardButton[], perRow: number): InlineKeyboardButton[][] =>
  Array.from({ length: Math.ceil(buttons.length / perRow) }, (_, row) =>
    buttons.slice(row * perRow, (row + 1) * perRow),
  );
