import { setTimeout } from "node:timers/promises";
import { startBroker } from "./support/broker.ts";
import { atMost, type Bench } from "./support/figure.ts";
import { createCrowd, PLOTS_EACH } from "./support/people.ts";
import { residentMb } from "./support/resident.ts";

const IDLE_MS = 5_000;
const PLOTS = 200;

/** Resident memory of the program, at rest and after people have asked for many plots in the chat, each of 5,760 entries. */
export const memory: Bench = {
  name: "memory",
  async run(defer) {
    const broker = await startBroker();
    defer(() => broker.stop());
    const { app, telegram, people, ...world } = await createCrowd(PLOTS / PLOTS_EACH, broker.url);
    defer(() => world.remove());
    await world.start();
    await setTimeout(IDLE_MS);
    const idleMb = residentMb(app.pid);
    const pictures = (chatId: number) => telegram.messages(chatId).filter(({ photo }) => photo !== null).length;
    for (const chatId of people) {
      for (let plot = 1; plot <= PLOTS_EACH; plot++) {
        telegram.say({ chatId, text: "/plot 24h" });
        await telegram.waitFor(() => pictures(chatId) === plot);
      }
    }
    return [
      atMost(`memory, ${IDLE_MS / 1_000} s after the start`, 120, idleMb, "MB"),
      atMost(`memory, after ${PLOTS} plots of 24 h`, 180, residentMb(app.pid), "MB"),
    ];
  },
};
