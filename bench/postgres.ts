import { createDatabase, hasPostgres, startPostgres } from "../test/support/postgres.ts";
import { latenciesOf } from "./cards.ts";
import { atLeast, atMost, percentile, type Bench, type Defer } from "./support/figure.ts";
import { pour } from "./throughput.ts";

/** The same as on SQLite, with a PostgreSQL on the same machine that waits for the disk at each commit. */
export const postgres: Bench = {
  name: "postgres",
  async run(defer) {
    if (!hasPostgres) throw new Error("PostgreSQL is not installed");
    const { perSecond } = await pour(defer, await settingsOf(defer));
    const { latencies } = await latenciesOf(defer, await settingsOf(defer));
    return [
      atLeast(
        "events stored and acknowledged on PostgreSQL, sustained, 1,000 alarms and cards",
        8_000,
        perSecond,
        "/s",
      ),
      atMost("publish → sendMessage received on PostgreSQL, 20/s: p50", 6, percentile(latencies, 0.5), "ms"),
      atMost("publish → sendMessage received on PostgreSQL, 20/s: p99", 25, percentile(latencies, 0.99), "ms"),
    ];
  },
};

/** A server of its own, empty. */
async function settingsOf(defer: Defer): Promise<Readonly<Record<string, string>>> {
  const server = await startPostgres();
  defer(() => server.remove());
  return { DATABASE_URL: (await createDatabase(server.port)).url };
}
