import { setTimeout } from "node:timers/promises";
import { ADMIN, GROUP } from "../test/support/world.ts";
import { startBroker } from "./support/broker.ts";
import { monotonicMs } from "./support/clock.ts";
import { atMost, percentile, type Bench } from "./support/figure.ts";
import { createCrowd } from "./support/people.ts";
import { processorMs, residentMb } from "./support/resident.ts";

const PER_SECOND = 30;
const ALARMS = 300;
/** An alarm is active for two thirds of its time: the third of its messages clears it. */
const [ROUND, CLEARED_AT] = [3, 2];
const PLOT_EVERY_S = 5;
/** Each asks every three minutes: nobody may ask for more than a plot in three seconds for long, and a private chat takes a message a second. */
const PEOPLE = 36;
/** A sixth of the time is for the caches to fill. */
const WARM_UP_SHARE = 1 / 6;
const PARTS = 5;
const ANSWER_MS = 60_000;

/**
 * An hour as in the field, at Telegram's pace: alarms that come and go, and people who ask for plots of a day. ThingSpeak and Telegram
 * are the stand-ins in this process. Takes `seconds` minutes.
 */
export const soak: Bench = {
  name: "soak",
  isLong: true,
  async run(defer, seconds) {
    const broker = await startBroker();
    defer(() => broker.stop());
    const { app, telegram, people, ...world } = await createCrowd(
      PEOPLE,
      broker.url,
      {
        TELEGRAM_ALARM_CHAT_IDS: `${ADMIN},${GROUP}`,
        TELEGRAM_PACE: "on",
        FLOOD_RATE: "10/10m",
        TOGETHER_RATE: "2/5s",
        ALARM_REPEAT_RATE: "2/1h",
      },
      { limits: "on" },
    );
    defer(() => world.remove());
    await world.start();
    const pictures = (): number =>
      people.reduce((sum, id) => sum + telegram.messages(id).filter(({ photo }) => photo !== null).length, 0);
    const lasts = seconds * 60;
    const [memory, refused] = [[] as number[], new Set<object>()];
    let [asked, busyMs, warmAt] = [0, 0, 0];
    const beganAt = monotonicMs();
    for (let second = 0; second < lasts; second += 1) {
      await setTimeout(Math.max(0, beganAt + second * 1_000 - monotonicMs()));
      if (second === Math.round(lasts * WARM_UP_SHARE)) [busyMs, warmAt] = [processorMs(app.pid), monotonicMs()];
      if (second >= lasts * WARM_UP_SHARE) memory.push(residentMb(app.pid));
      for (let i = 0; i < PER_SECOND; i += 1) {
        const serial = second * PER_SECOND + i;
        const round = Math.floor(serial / ALARMS) % ROUND;
        const state = round === CLEARED_AT ? "inactive" : "active";
        await world.warn({
          id: `coil-${serial % ALARMS}`,
          message: `Coil ${serial % ALARMS} is hot`,
          state,
          value: serial,
        });
      }
      if (second % PLOT_EVERY_S === 0) {
        telegram.say({ chatId: people[asked % people.length]!, text: "/plot 24h" });
        asked += 1;
      }
      // The stand-in forgets old calls.
      for (const call of telegram.calls.slice(-1_000)) if (call.status === 429) refused.add(call);
    }
    const [workMs, tookMs] = [processorMs(app.pid) - busyMs, monotonicMs() - warmAt];
    await telegram.waitFor(() => pictures() === asked, ANSWER_MS).catch(() => undefined);
    const parts = Array.from({ length: PARTS }, (_, i) => {
      const size = memory.length / PARTS;
      return percentile(memory.slice(Math.floor(i * size), Math.floor((i + 1) * size)), 0.5);
    });
    const name = `${PER_SECOND} events/s, a plot each ${PLOT_EVERY_S} s, ${ALARMS} alarms that come and go, for ${seconds} min`;
    return [
      atMost(
        `${name}: medians of memory in five parts after the first sixth are apart`,
        10,
        Math.max(...parts) - Math.min(...parts),
        "MB",
      ),
      atMost("… memory at most", 250, Math.max(...memory), "MB"),
      atMost("… calls that Telegram refused with 429", 0, refused.size, ""),
      atMost(`… questions without an answer, of ${asked}`, 0, asked - pictures(), ""),
      atMost("… of one core", 4, (workMs / tookMs) * 100, "%"),
    ];
  },
};
