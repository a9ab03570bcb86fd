import { GrammyError, HttpError } from "grammy";
import { expect, it } from "vitest";
import type { Alarm } from "../../../src/alarms/types.ts";
import { AlarmAnswers } from "../../../src/telegram/cards/alarm-answers.ts";
import { createManualClock } from "../../support/clock.ts";
import { collectingLog } from "../../support/log.ts";
import { until } from "../../support/until.ts";

const HOUR = 3_600_000;
const refused = (error_code: number, description: string) =>
  new GrammyError("edit", { ok: false, error_code, description }, "editMessageText", {});

/** An answer about an alarm that goes on, and what was shown in it: its version, or that its buttons went. */
function createAnswer() {
  const clock = createManualClock();
  const log = collectingLog();
  const shown: string[] = [];
  const answer = { version: 1, fails: null as Error | null };
  const alarm = () => ({ id: 42, version: answer.version }) as Alarm;
  let kept: unknown = null;
  const run = () =>
    new AlarmAnswers({
      find: async () => alarm(),
      async show(_, found) {
        if (answer.fails) throw answer.fails;
        shown.push(found === null ? "no buttons" : `version ${found.version}`);
      },
      keyValue: { read: async () => kept, write: async (_, content) => void (kept = structuredClone(content)) },
      clock,
      log: log.log,
    });
  const answers = run();
  answers.follow(-7, 100, alarm());
  return { run, answers, answer, clock, shown, lines: log.lines };
}

it.each([
  new HttpError("network", Object.assign(new Error("reset"), { code: "ECONNRESET" })),
  refused(502, "Bad Gateway"),
  refused(429, "Too Many Requests: retry after 5"),
  Object.assign(new Error("database is locked"), { errcode: 5 }),
  refused(400, "Bad Request: message is not modified"),
])("an answer about an alarm is kept up to date after a look that failed: %s", async (error) => {
  const { answers, answer, clock, shown, lines } = createAnswer();
  Object.assign(answer, { version: 2, fails: error });
  await answers.refresh();
  Object.assign(answer, { version: 3, fails: null });
  await answers.refresh();
  expect(shown).toEqual(["version 3"]);
  // Its buttons go also if they could not when their time was over.
  clock.advance(HOUR);
  answer.fails = refused(502, "Bad Gateway");
  await answers.refresh();
  answer.fails = null;
  await answers.refresh();
  await answers.refresh();
  expect(shown).toEqual(["version 3", "no buttons"]);
  expect(lines()).toEqual([]);
});

it("one whose message is gone is followed no more, and that is told", async () => {
  const { answers, answer, shown, lines } = createAnswer();
  Object.assign(answer, { version: 2, fails: refused(400, "Bad Request: message to edit not found") });
  await answers.refresh();
  answer.fails = null;
  await answers.refresh();
  expect(shown).toEqual([]);
  expect(lines()).toHaveLength(1);
});

it("an answer about an alarm is kept up to date by the next run, until its hour is over", async () => {
  const { run, answer, clock, shown } = createAnswer();
  const next = run();
  await next.resume();
  answer.version = 2;
  await next.refresh();
  await next.refresh();
  expect(shown).toEqual(["version 2"]);
  clock.advance(HOUR);
  const last = run();
  await last.resume();
  await last.refresh();
  expect(shown).toEqual(["version 2", "no buttons"]);
  const none = run();
  await none.resume();
  await none.refresh();
  expect(shown).toHaveLength(2);
});

it("an answer that hangs holds up those in no other chat", async () => {
  const shown: number[] = [];
  const hanging = Promise.withResolvers<void>();
  const alarm = (version: number) => ({ id: 42, version }) as Alarm;
  const answers = new AlarmAnswers({
    find: async () => alarm(2),
    async show({ chatId }) {
      if (chatId === -7) await hanging.promise;
      shown.push(chatId);
    },
    keyValue: { read: async () => null, write: async () => undefined },
    clock: createManualClock(),
    log: collectingLog().log,
  });
  for (const chatId of [-7, -8, -9]) answers.follow(chatId, 100, alarm(1));
  const refreshed = answers.refresh();
  await until("the others are shown", () => shown.length === 2);
  hanging.resolve();
  await refreshed;
  expect(shown).toEqual([-8, -9, -7]);
});
