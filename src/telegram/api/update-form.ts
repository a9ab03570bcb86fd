import type { Update } from "grammy/types";

/** Whether something has the form of an update; its content is looked at where it is handled. */
export const isUpdate = (value: unknown): value is Update =>
  typeof value === "object" && value !== null && "update_id" in value && Number.isSafeInteger(value.update_id);

/** @returns `null`: the text is no update */
export function parseUpdate(text: string): Update | null {
  try {
    const value: unknown = JSON.parse(text);
    return isUpdate(value) ? value : null;
  } catch {
    return null;
  }
}
