import type { Update } from "grammy/types";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "../../../src/store/sql/database.ts";
import { createInboxStorage } from "../../../src/store/people/inbox.ts";
import { answering } from "../../../src/telegram/api/answering.ts";
import { createInbox, type Inbox } from "../../../src/telegram/api/inbox.ts";
import { createSeal } from "../../../src/telegram/api/sealed.ts";
import { DATABASES } from "../../support/databases.ts";
import { silentLog } from "../../support/log.ts";
import { until } from "../../support/until.ts";
import { openTables } from "../../support/store.ts";
import { emptyTables } from "../../store/tables.ts";

const HOUR = 3_600_000;
const update = (id: number): Update => ({ update_id: id });

describe.each(DATABASES)("what people write and press, kept in %s", (_, open) => {
  let database: Database;
  let at: number;
  let handled: number[];
  beforeAll(async () => {
    database = await openTables(await open());
  });
  beforeEach(async () => {
    await emptyTables(database);
    await createInboxStorage(database, Date.now).left("417");
    at = Date.UTC(2026, 10, 26, 3);
    handled = [];
  });
  afterAll(() => database.close());

  /** As each run opens it. */
  const run = (shouldIgnore: (update: Update) => boolean = () => false, token = "417:token"): Inbox =>
    createInbox({
      store: createInboxStorage(database, () => at),
      bot: token.replace(/:.*/s, ""),
      seal: createSeal(token),
      shouldIgnore,
      log: silentLog,
    });
  const idsLeft = async (inbox = run()): Promise<number[]> => (await inbox.left()).map(({ update_id: id }) => id);
  async function deliver(inbox: Inbox, ...ids: number[]): Promise<void> {
    await inbox.take(ids.map(update));
    for (const id of ids) await inbox.handle(update(id), async () => void handled.push(id));
  }
  const openOnes = () => database.all("SELECT update_id FROM updates WHERE content IS NOT NULL");

  it("is handled once, however often it is delivered, and to whichever run", async () => {
    const inbox = run();
    await deliver(inbox, 1, 2);
    await deliver(inbox, 2, 3);
    await deliver(run(), 1, 3, 4);
    expect(handled).toEqual([1, 2, 3, 4]);
  });

  it("is handed to the next run as it was, in order, if this one does not live to answer it", async () => {
    const press = { update_id: 8, callback_query: { id: "8", data: "ack:1:1:2" } } as Update;
    await run().take([update(9), press]);
    expect(await run().left()).toEqual([press, update(9)]);
  });

  it("cannot be read without the bot's token: codes stand on no disk", async () => {
    await run().take([{ update_id: 8, message: { text: "/start a-code" } } as Update]);
    expect(JSON.stringify(await database.all("SELECT * FROM updates"))).not.toContain("a-code");
    expect(await idsLeft(run(undefined, "417:another-token"))).toEqual([]);
  });

  it("of another bot is nobody's, and its numbers say nothing of this one's", async () => {
    await deliver(run(), 16);
    const next = run(undefined, "418:token");
    expect(await idsLeft(next)).toEqual([]);
    await deliver(next, 16);
    expect(handled).toEqual([16, 16]);
  });

  it("is not handed on once it is answered, nor known by its words any more", async () => {
    await deliver(run(), 5);
    await until("answered", async () => (await openOnes()).length === 0);
    expect(await idsLeft()).toEqual([]);
    await deliver(run(), 5);
    expect(handled).toEqual([5]);
  });

  it("is answered only when all is over that goes on for it by itself", async () => {
    const inbox = run();
    await inbox.take([update(6)]);
    const drawn = Promise.withResolvers<void>();
    const sent = Promise.withResolvers<void>();
    await inbox.handle(update(6), async () => answering(drawn.promise.then(() => answering(sent.promise))));
    expect(await openOnes()).toHaveLength(1);
    drawn.resolve();
    await drawn.promise;
    expect(await openOnes()).toHaveLength(1);
    sent.resolve();
    await until("answered", async () => (await openOnes()).length === 0);
  });

  it("counts as answered where its answer fails: its person was told, or the log", async () => {
    const inbox = run();
    await inbox.take([update(7)]);
    await expect(inbox.handle(update(7), () => Promise.reject(new Error("boom")))).rejects.toThrow("boom");
    await until("answered", async () => (await openOnes()).length === 0);
  });

  it("is given up after three runs, as it may be what ends them, and after a day", async () => {
    await run().take([update(10)]);
    expect(await idsLeft()).toEqual([10]);
    expect(await idsLeft()).toEqual([10]);
    expect(await idsLeft()).toEqual([]);
    await run().take([update(11)]);
    at += 24 * HOUR;
    expect(await idsLeft()).toEqual([]);
    expect(await openOnes()).toEqual([]);
  });

  it("is not kept if it is not worth a look, and not handled either", async () => {
    await deliver(
      run(({ update_id: id }) => id === 12),
      12,
      13,
    );
    expect(handled).toEqual([13]);
    expect(await database.all("SELECT update_id FROM updates")).toEqual([{ update_id: 13 }]);
  });

  it("is handled where it cannot be kept", async () => {
    const inbox = createInbox({
      store: { ...createInboxStorage(database, () => at), take: () => Promise.reject(new Error("disk full")) },
      bot: "417",
      seal: createSeal("417:token"),
      shouldIgnore: () => false,
      log: silentLog,
    });
    await deliver(inbox, 14);
    expect(handled).toEqual([14]);
  });

  it("is forgotten when Telegram has forgotten it, too", async () => {
    await deliver(run(), 15);
    await until("answered", async () => (await openOnes()).length === 0);
    const store = createInboxStorage(database, () => at);
    at += 47 * HOUR;
    await store.tidy();
    expect(await database.all("SELECT update_id FROM updates")).toHaveLength(1);
    at += HOUR;
    await store.tidy();
    expect(await database.all("SELECT update_id FROM updates")).toEqual([]);
  });
});
