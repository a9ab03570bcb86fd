import { Context, type Api } from "grammy";
import type { Update } from "grammy/types";
import { beforeEach, describe, expect, it } from "vitest";
import { createStrangers, type Strangers } from "../../../src/telegram/access/strangers.ts";
import { createManualClock, type ManualClock } from "../../support/clock.ts";
import { collectingLog } from "../../support/log.ts";

const HOUR = 3_600_000;
const KNOWN = 12;

let clock: ManualClock;
let strangers: Strangers;
let log: ReturnType<typeof collectingLog>;
let dropped: number;
/** What stands in the audit log. */
let lines: string[];

beforeEach(() => {
  clock = createManualClock();
  log = collectingLog();
  [dropped, lines] = [0, []];
  strangers = createStrangers({
    writeAuditLine: async (_, { result }) => void lines.push(result),
    audit: { append: async ({ details }) => void lines.push(details) },
    isStranger: (userId) => userId !== KNOWN,
    enter: async (_, code) => void lines.push(`code ${code}`),
    onDropped: () => (dropped += 1),
    now: clock.now,
    log: log.log,
  });
});

const said = (id: number, text: string): Update => ({
  update_id: 1,
  message: {
    message_id: 1,
    date: 0,
    chat: { id, type: "private", first_name: "X" },
    from: { id, is_bot: false, first_name: "X" },
    text,
  },
});
/** Lets one pass as the bot does. */
async function come(update: Update): Promise<boolean> {
  if (strangers.shouldIgnore(update)) return false;
  await strangers.meet(new Context(update, {} as Api, {} as Context["me"]));
  return true;
}

describe("strangers", () => {
  it("are looked at once an hour; what else they write is counted, and told at the end of the hour", async () => {
    expect(await come(said(66, "hello"))).toBe(true);
    for (let i = 0; i < 1_000; i++) expect(await come(said(66, "hello"))).toBe(false);
    expect([dropped, lines, log.lines().length]).toEqual([1_000, ["silence"], 1]);
    clock.advance(HOUR);
    expect(await come(said(66, "hello"))).toBe(true);
    expect(lines).toEqual(["silence", "1000 more updates within an hour", "silence"]);
  });

  it("beyond the first sixty are counted only", async () => {
    for (let id = 1_000; id < 1_200; id++) await come(said(id, "hello"));
    expect([dropped, lines.length]).toEqual([140, 60]);
  });

  it("may have a code, and may have become members meanwhile", async () => {
    await come(said(66, "hello"));
    await come(said(KNOWN, "hello"));
    expect(await come(said(66, "/start abc"))).toBe(true);
    expect(await come(said(KNOWN, "hello"))).toBe(true);
    expect(lines).toContain("code abc");
  });

  it.each<object>([{}, { message: {} }, { message: { chat: null } }, { callback_query: {} }])(
    "are nobody who sent %j",
    (odd) => {
      expect(strangers.shouldIgnore({ update_id: 1, ...odd })).toBe(false);
    },
  );
});
