import { setTimeout } from "node:timers/promises";
import { askPostgres, createDatabase, hasPostgres, startPostgres, urlOn } from "../test/support/postgres.ts";
import { createValvomo, type Valvomo } from "../test/support/valvomo.ts";
import { monotonicMs, waitUntil } from "./support/clock.ts";
import { atMost, percentile, type Bench } from "./support/figure.ts";
import { alarmOf, startPlant, TOPIC, warning } from "./support/plant.ts";
import { residentMb } from "./support/resident.ts";

const KILLS = 20;
const IDLE_MS = 5_000;

/** Three processes at one PostgreSQL: from `kill -9` of the active one to the card of an alarm that came in that moment. */
export const takeOver: Bench = {
  name: "take-over",
  async run(defer) {
    if (!hasPostgres) throw new Error("PostgreSQL is not installed");
    const server = await startPostgres();
    defer(() => server.remove());
    const url = urlOn(server.port, (await createDatabase(server.port)).database);
    const { app, sink, publisher } = await startPlant(defer, { DATABASE_URL: url });
    const processes: Valvomo[] = [app];
    for (let i = 0; i < 2; i += 1) {
      const another = createValvomo(app.settings());
      defer(() => another.remove());
      await another.start("standing by");
      processes.push(another);
    }
    await setTimeout(IDLE_MS);
    const standbyMb = residentMb(processes[1]?.pid);

    const times: number[] = [];
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const [{ holder_pid: holder } = {}] = await askPostgres(url, "SELECT holder_pid FROM leases");
      const active = processes.find(({ pid }) => pid === holder);
      if (!active) throw new Error("nobody is active");
      await active.kill();
      const killedAt = monotonicMs();
      publisher.publish(TOPIC, warning(kill, kill), { qos: 1 });
      const shown = async () => (await sink.calls()).find(({ text }) => alarmOf(text) === kill);
      await waitUntil("its card is there", async () => (await shown()) !== undefined);
      times.push(((await shown())?.receivedAt ?? Number.NaN) - killedAt);
      await active.start("standing by");
      // So that the moment of the kill has nothing to do with that of the renewals.
      await setTimeout(1_000 * Math.random());
    }
    return [
      atMost(
        `take-over: kill -9 → card of an alarm of that moment, p50 of ${KILLS}`,
        3_500,
        percentile(times, 0.5),
        "ms",
      ),
      atMost("… longest", 5_000, percentile(times, 1), "ms"),
      atMost("memory of a process that stands by", 120, standbyMb, "MB"),
    ];
  },
};
