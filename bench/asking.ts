import type { World } from "../test/support/world.ts";
import { startBroker } from "./support/broker.ts";
import { monotonicMs } from "./support/clock.ts";
import { atMost, percentile, type Bench } from "./support/figure.ts";
import { createCrowd } from "./support/people.ts";

const STARTS = 5;
const LATER = 8;

/**
 * What somebody feels who asks for a plot of a day (5,760 entries): from the words to the picture at Telegram. The first after a start
 * also starts the thread that draws.
 */
export const asking: Bench = {
  name: "asking",
  async run(defer) {
    const broker = await startBroker();
    defer(() => broker.stop());
    const world = await createCrowd(STARTS, broker.url);
    defer(() => world.remove());
    const [first, later]: [number[], number[]] = [[], []];
    for (const person of world.people) {
      await world.start();
      first.push(await ask(world, person));
      for (let i = 0; i < LATER; i++) later.push(await ask(world, person));
      await world.app.stop();
    }
    return [
      atMost(
        "/plot of 5,760 entries typed → picture received, first after a start: median",
        300,
        percentile(first, 0.5),
        "ms",
      ),
      atMost("… later: median", 70, percentile(later, 0.5), "ms"),
    ];
  },
};

/** Asks for a plot; resolves with how long it took until the picture was there; ms. */
async function ask({ telegram }: World, chatId: number): Promise<number> {
  const pictures = () => telegram.messages(chatId).filter(({ photo }) => photo !== null).length;
  const before = pictures();
  const askedAt = monotonicMs();
  telegram.say({ chatId, text: "/plot 1 24h" });
  await telegram.waitFor(() => pictures() > before, 20_000);
  return monotonicMs() - askedAt;
}
