import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { decode } from "../../src/alarms/payloads/decode.ts";
import { annotate } from "../../src/alarms/lifecycle/annotate.ts";
import { acknowledge } from "../../src/alarms/lifecycle/handling.ts";
import { createLogger } from "../../src/lib/log.ts";
import { hashOf } from "../../src/people/invitation.ts";
import { openAudit } from "../../src/store/people/audit.ts";
import type { Database, Queries, SqlValue } from "../../src/store/sql/database.ts";
import { openPeople } from "../../src/store/people/people.ts";
import { openRoutes } from "../../src/store/people/routes.ts";
import { openSqlite } from "../../src/store/sqlite/sqlite.ts";
import { openStore } from "../support/store.ts";
import { NOW } from "../support/alarms.ts";
import { chatOf } from "../support/rules.ts";
import { check, checkAsync, text } from "./cases.ts";

/** In each text that comes from outside, so that one sees where it went. */
const MARK = "\u2622";
const marked = text.map((some) => `${MARK}${some}`);

/** Where text from outside must not arrive as part of a language. */
describe("text from outside", () => {
  it("is never part of an SQL statement, and comes back as it was", async () => {
    const statements = new Set<string>();
    const database = watched(openSqlite(":memory:"), (sql) => statements.add(sql));
    onTestFinished(() => database.close());
    const now = (): number => NOW;
    const destinationsOf = () => [chatOf(1)];
    const store = await openStore(database, {
      destinationsOf,
      answers: { suffix: "/ack" },
      now,
    });
    const people = await openPeople(database, { adminIds: [], now });
    const audit = openAudit(database, now);
    const routes = await openRoutes(database, () => undefined);

    async function keep(words: string): Promise<void> {
      const raised = { message: words, id: words, source: words, unit: words, state: "active" };
      const payload = Buffer.from(JSON.stringify(raised));
      const slot = Buffer.from(JSON.stringify({ Message: words, Type: words, Acknowledgement: words }));
      const [event] = decode({ topic: words, payload, isRetained: true, receivedAt: NOW });
      const slotTopic = `${words}/TcIotCommunicator/Messages/1`;
      await store.record([event, ...decode({ topic: slotTopic, payload: slot, isRetained: true, receivedAt: NOW })]);
      const alarm = await store.alarms.ofEvent(event);
      expect(alarm).toMatchObject({ topic: words, message: event.message, source: event.source });
      const by = { userId: 1, name: words, chatId: 1 };
      const note = { text: words, hasPhoto: true };
      const id = alarm?.id ?? 0;
      await store.act(id, { by, action: "note", words, photo: words, apply: (before) => annotate(before, by, note) });
      await store.act(id, { by, action: "acknowledge", apply: (before, at) => acknowledge(before, by, at) });
      expect(await store.alarms.find(id)).toMatchObject({
        acknowledgedBy: words,
        handling: { note: { by: words, text: words } },
      });

      const personId = await people.meet({ userId: 1, name: words });
      await people.join({ userId: 1, name: words }, hashOf(words));
      await audit.append({ personId, groupId: 1, action: words, details: words, result: words });
      await store.keyValue.write(words, { words });
      expect(await store.keyValue.read(words)).toEqual({ words });
      await store.dialogues.write(words, words, 1);
      expect(await store.dialogues.read(words, 2)).toBe(words);
      await store.chats.setTimeZone(1, words);
      await store.heartbeats.save([{ name: words, lastAt: 1, intervalMs: null }], [words]);
      await routes.remove(await routes.add({ severity: "info", sources: [words], topics: [words], to: [chatOf(1)] }));
    }
    // What is kept is text that is well-formed: what is not has another form where it is made.
    const words = marked.map((some) => some.toWellFormed().replaceAll("\0", ""));
    await checkAsync(words, keep);
    expect([...statements].filter((sql) => sql.includes(MARK))).toEqual([]);
    // Nor is there a statement for each text.
    expect(statements.size).toBeLessThan(150);
  });

  it("never breaks a line of the log, nor does anything to the terminal that shows it", () => {
    check(fc.tuple(text, text), ([first, second]) => {
      const lines: string[] = [];
      // One of its own, as what repeats is left out.
      const log = createLogger({ level: "info", redact: (line) => line, write: (line) => void lines.push(line) });
      log.warn({ topic: first, [second]: first, err: new Error(second) }, first);
      const [line = "", ...others] = lines;
      expect(others).toEqual([]);
      expect(line).toMatch(/\}\n$/);
      expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u);
      const read = JSON.parse(line) as Record<string, unknown>;
      expect(String(read["msg"]).toWellFormed()).toBe(first.toWellFormed());
    });
  });
});

/** A database that tells each statement that it is given. */
function watched(database: Database, tell: (sql: string) => void): Database {
  const watch = (queries: Queries): Queries => ({
    all<Row>(sql: string, ...values: SqlValue[]) {
      tell(sql);
      return queries.all<Row>(sql, ...values);
    },
    run(sql, ...values) {
      tell(sql);
      return queries.run(sql, ...values);
    },
  });
  return {
    ...database,
    all<Row>(sql: string, ...values: SqlValue[]) {
      tell(sql);
      return database.all<Row>(sql, ...values);
    },
    transaction: (work, survives, onVisible) =>
      database.transaction((queries) => work(watch(queries)), survives, onVisible),
  };
}

/** Where text could become more than text; what is new here has to be looked at, and added. */
describe("the source", () => {
  const SRC = join(import.meta.dirname, "..", "..", "src");
  const filesWith = (pattern: RegExp): string[] =>
    globSync("**/*.ts", { cwd: SRC })
      .filter((file) => !file.startsWith("demo/") && pattern.test(readFileSync(join(SRC, file), "utf8")))
      .toSorted();

  it("makes regular expressions of its own constants only", () => {
    expect(filesWith(/RegExp\(/)).toEqual([
      "lib/text/any-script.ts",
      "lib/text/quantity.ts",
      "telegram/access/card-buttons.ts",
      // A tag that a server names: letters and hyphens.
      "telegram/api/older-means.ts",
      "telegram/api/unlinked.ts",
      "telegram/cards/acknowledging.ts",
      "telegram/cards/closing.ts",
      "telegram/cards/shelving.ts",
      "telegram/commands/device-commands.ts",
      "telegram/commands/help.ts",
      "telegram/commands/write-command.ts",
      "telegram/plots/plot-buttons.ts",
      "telegram/quality/quality-command.ts",
      "telegram/quality/rule-buttons.ts",
      "telegram/quality/what-if-buttons.ts",
    ]);
  });

  it("makes markup in one file", () => {
    expect(filesWith(/\{ html: |\.html =|as Html/)).toEqual(["telegram/api/render.ts"]);
  });

  it("makes no process and no code of what it is told, and opens the files that the settings name", () => {
    expect(filesWith(/child_process|\beval\(|new Function\(|node:vm/)).toEqual([]);
    expect(
      filesWith(/\b(writeFile|appendFile|createWriteStream|open|rm|unlink|rename)(Sync)?\(.*\b(path|file|name)/),
    ).toEqual([
      "app/older-copy.ts",
      "bin/build.ts",
      "lib/replace-text.ts",
      "lib/small-file.ts",
      "plants/plants-file.ts",
      "sources/file-columns.ts",
      "sources/indexed-file.ts",
      "store/sqlite/database-file.ts",
      "store/sqlite/file-mark.ts",
      "store/sqlite/lock.ts",
      "store/sqlite/log-sync.ts",
      "store/sqlite/own-file.ts",
      "store/sqlite/private-file.ts",
    ]);
  });
});
