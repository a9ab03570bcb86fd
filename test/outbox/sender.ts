import { systemClock } from "../../src/clock.ts";
import { createOutbox } from "../../src/outbox/outbox.ts";
import { createWebhook } from "../../src/outbox/webhook.ts";
import { createOutboxStorage } from "../../src/store/outbox.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { silentLog } from "../support/log.ts";
import { outgoing } from "../support/outgoing.ts";

/** A program that sends the webhooks in the outbox of the database that is its argument, to be killed by a test. */
const store = createOutboxStorage(openSqlite(process.argv[2] ?? ""));
const webhook = createWebhook({ outgoing, log: silentLog });
createOutbox({ store, clock: systemClock, log: silentLog, send: { mqtt: webhook, https: webhook } }).start();
