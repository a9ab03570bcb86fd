import type { Bot, Context } from "grammy";
import type { Database } from "../../src/store/sql/database.ts";
import { createInboxStorage } from "../../src/store/people/inbox.ts";
import { createInbox, type Inbox } from "../../src/telegram/api/inbox.ts";
import { createSeal } from "../../src/telegram/api/sealed.ts";
import { silentLog } from "./log.ts";
import { openTables } from "./store.ts";

/** An inbox on a database in memory, which takes the updates of a bot as the program's does. */
export async function openInbox(given?: Database): Promise<Inbox> {
  const database = await openTables(given);
  return createInbox({
    store: createInboxStorage(database, Date.now),
    bot: "417",
    seal: createSeal("417:token"),
    shouldIgnore: () => false,
    log: silentLog,
  });
}

/** Lets the updates of a bot go through it, as createBot does. */
export function through<C extends Context>(inbox: Inbox, bot: Bot<C>): Bot<C> {
  const handle = bot.handleUpdate.bind(bot);
  bot.handleUpdate = (update, ...rest) => inbox.handle(update, () => handle(update, ...rest));
  return bot;
}
