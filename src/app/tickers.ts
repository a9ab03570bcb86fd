import { createTicker, type Ticker } from "../lib/time/ticker.ts";
import { createDutyFollowing } from "./duty-side.ts";
import type { Sides } from "./sides.ts";

/** How exactly reminders and the like are on time. */
const TICK_MS = 1_000;
/** A file that is not changed for so long is read; what becomes of the database is known as soon. */
const LOOK_MS = 1_000;
/** As a live board. */
const ANSWERS_MS = 5_000;
const NUMBERS_MS = 10_000;
const REPORT_MS = 30_000;
const SAVE_MS = 60_000;
const SAY_MS = 60_000;

/** What is done again and again. */
export function createTickers({ ground, alarms, measurements, broker, upkeep, chat }: Sides): readonly Ticker[] {
  const { database, olderCopy, dropped, clock, log } = ground;
  const following = createDutyFollowing(ground, alarms);
  const every = (everyMs: number, what: string, work: () => Promise<void>): Ticker =>
    createTicker({ what, work, everyMs, clock, log });

  async function lookAtClock(): Promise<void> {
    await alarms.scheduler.tick();
    broker.outbox.wake();
  }

  /** Those follow who do not read the plants file at use. */
  const followers = {
    async onChange() {
      measurements.bridging.follow();
      broker.follow();
      await measurements.limiting.follow();
      await following.follow();
    },
    report: alarms.notifier.tell,
  };

  async function lookAtFile(): Promise<void> {
    const problem = (await measurements.fileColumns?.problem()) ?? null;
    const state = problem === null ? "cleared" : "active";
    const message = problem ?? "It is known what the columns of FEED_FILE hold";
    await alarms.notifier.tell({ id: "file columns", message, severity: "warning", state, isForAdmins: true });
  }

  return [
    ...upkeep.tickers,
    ...measurements.recording.tickers,
    ...measurements.limiting.tickers,
    every(TICK_MS, "looking at the clock", lookAtClock),
    every(LOOK_MS, "looking at the database", database.look),
    every(NUMBERS_MS, "keeping which numbers were given out", olderCopy.save),
    every(SAVE_MS, "keeping what the next run must know", broker.save),
    every(TICK_MS, "testing the way through the broker", broker.loopTest.check),
    every(SAVE_MS, "looking at what topic filters bring", broker.filterWatch.check),
    every(SAY_MS, "telling what was dropped", async () => dropped.say()),
    every(LOOK_MS, "looking at the plants file", () => ground.lookAtPlants(followers)),
    every(TICK_MS, "looking who is on duty", following.look),
    every(TICK_MS, "reading the calendar of the duty", () => alarms.calendar.look(alarms.notifier.tell)),
    every(SAVE_MS, "looking for gaps in the rota", following.gapWatch.look),
    every(LOOK_MS, "looking at the columns of the file", lookAtFile),
    every(TICK_MS, "keeping what a take-over must know", chat.keep),
    every(SAVE_MS, "noting what was not allowed", () => chat.chat.settle()),
    every(ANSWERS_MS, "keeping answers and changes of shift up to date", () => chat.chat.look()),
    every(REPORT_MS, "sending reports", () => chat.reports.tick()),
    every(REPORT_MS, "sending reports on the quality of alarms", () => chat.monthly.tick()),
  ];
}
