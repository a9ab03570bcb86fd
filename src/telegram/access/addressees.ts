import type { Transformer } from "grammy";

/** What puts something before somebody's eyes. */
const SHOWS = /^(send|edit|copy|forward)/;

/**
 * Shows nothing in a private chat whose person has no role, whatever asked for it: for example a plot that was begun before they were
 * removed. The gate for what comes in is access.ts.
 * @param mayReceive whether a person has a role, or is named as one who gets alarms
 */
export function onlyTo(mayReceive: (userId: number) => boolean): Transformer {
  return (call, method, payload, signal) => {
    const chatId = "chat_id" in payload ? Number(payload.chat_id) : Number.NaN;
    // A private chat has the id of its person; groups and channels have negative ones.
    if (!(chatId > 0) || !SHOWS.test(method) || mayReceive(chatId)) return call(method, payload, signal);
    return Promise.resolve({ ok: false, error_code: 400, description: "Bad Request: nobody is served there" });
  };
}
