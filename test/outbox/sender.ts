import { systemClock } from "../../src/lib/time/clock.ts";
import { createOutbox } from "../../src/outbox/outbox.ts";
import { createUrlSender } from "../../src/outbox/url-sender.ts";
import { createOutboxStorage } from "../../src/store/outbox.ts";
import { openSqlite } from "../../src/store/sqlite/sqlite.ts";
import { silentLog } from "../support/log.ts";
import { outgoing } from "../support/outgoing.ts";

/** A program that posts what waits for the second path in the database that is its first argument to the URL that is its second, to be killed by a test. */
const [, , path = "", url = ""] = process.argv;
const store = createOutboxStorage(openSqlite(path));
const send = createUrlSender({ url, outgoing });
createOutbox({
  store,
  clock: systemClock,
  log: silentLog,
  send: { mqtt: send, secondTopic: send, secondUrl: send },
}).start();
