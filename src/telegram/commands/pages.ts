import type { InlineKeyboardButton } from "grammy/types";
import { ALARMS_PER_PAGE } from "../cards/alarm-views.ts";

/** Lists that are shown a page at a time. */

const pagesOf = (count: number, size: number): number => Math.max(1, Math.ceil(count / size));

/** The page that there is, whatever was asked for: lists get shorter. */
export const realPage = (page: number, count: number, size: number): number =>
  Math.min(Math.max(0, page), pagesOf(count, size) - 1);

/** One page of a list. */
export function pageOf<T>(things: readonly T[], page: number, size: number): readonly T[] {
  const real = realPage(page, things.length, size);
  return things.slice(real * size, (real + 1) * size);
}

/** ` · 2 of 3`; nothing where there is but one page. */
export const pageWords = (count: number, page: number, size: number): string =>
  count > size ? ` · ${realPage(page, count, size) + 1} of ${pagesOf(count, size)}` : "";

/** Buttons to the pages beside one. */
export function pager(
  count: number,
  page: number,
  size: number,
  dataOf: (page: number) => string,
): InlineKeyboardButton[] {
  const real = realPage(page, count, size);
  return [
    ...(real > 0 ? [{ text: "◀", callback_data: dataOf(real - 1) }] : []),
    ...(real < pagesOf(count, size) - 1 ? [{ text: "▶", callback_data: dataOf(real + 1) }] : []),
  ];
}

/** Leads to the pages before and after one. */
export function paging(kind: "alarms" | "shelved", offset: number, total: number): InlineKeyboardButton[][] {
  const button = (text: string, to: number) => ({ text, callback_data: `${kind}:${to}` });
  const buttons = [
    ...(offset > 0 ? [button("◀", Math.max(0, offset - ALARMS_PER_PAGE))] : []),
    ...(offset + ALARMS_PER_PAGE < total ? [button("▶", offset + ALARMS_PER_PAGE)] : []),
  ];
  return buttons.length > 0 ? [buttons] : [];
}
