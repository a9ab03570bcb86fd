import { Context, type Api } from "grammy";
import { beforeEach, describe, expect, it } from "vitest";
import { createDenials, MAX_DENIALS_NOTED, type Denials } from "../../../src/telegram/access/denials.ts";
import { createManualClock, type ManualClock } from "../../support/clock.ts";

const HOUR = 3_600_000;
const LINE = { action: "/people", details: "7 admin", result: "denied: needs admin" };

let clock: ManualClock;
let denials: Denials;
/** What stands in the audit log. */
let lines: string[];

beforeEach(() => {
  clock = createManualClock();
  lines = [];
  denials = createDenials({
    writeAuditLine: async (_, { action, result }) => void lines.push(`${action} ${result}`),
    personOf: async (ctx) => ctx.from?.id ?? 0,
    audit: { append: async ({ personId, details }) => void lines.push(`person ${personId}: ${details}`) },
    now: clock.now,
  });
});

const pressOf = (id: number): Context =>
  new Context(
    {
      update_id: 1,
      callback_query: {
        id: "1",
        from: { id, is_bot: false, first_name: "X" },
        message: { message_id: 1, date: 0, chat: { id, type: "private", first_name: "X" } },
        chat_instance: "1",
        data: "ack:1",
      },
    },
    {} as Api,
    {} as Context["me"],
  );
const tries = async (userId: number, count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await denials.note(pressOf(userId), LINE);
};

describe("what is denied", () => {
  it("has a line each until the tenth of a person in an hour, and then a count, which comes without another try", async () => {
    await tries(7, 10_000);
    await tries(8, MAX_DENIALS_NOTED);
    expect(lines).toHaveLength(2 * MAX_DENIALS_NOTED);
    clock.advance(HOUR - 1);
    await denials.settle();
    expect(lines).toHaveLength(2 * MAX_DENIALS_NOTED);
    clock.advance(1);
    await denials.settle();
    expect(lines.slice(2 * MAX_DENIALS_NOTED)).toEqual(["person 7: 9990 more tries within an hour"]);
    await tries(7, 1);
    expect(lines.at(-1)).toBe("/people denied: needs admin");
  });

  it("is counted also of an hour in which the program stops, and while the clock is set", async () => {
    await tries(7, 12);
    await denials.settle(true);
    expect(lines.at(-1)).toBe("person 7: 2 more tries within an hour");
    await tries(7, 13);
    clock.set(clock.now() - 48 * HOUR);
    await denials.settle();
    expect(lines.at(-1)).toBe("person 7: 3 more tries within an hour");
  });
});
