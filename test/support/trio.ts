import { join } from "node:path";
import { onTestFinished } from "vitest";
import { startPostgres, createDatabase, urlOn } from "./postgres.ts";
import { startMosquitto } from "./mosquitto.ts";
import { startProxy, type Proxy } from "./proxy.ts";
import { until } from "./until.ts";
import { createValvomo, type Valvomo } from "./valvomo.ts";
import { ADMIN, createWorld, type World } from "./world.ts";

/** One of the processes, with links of its own to all that it reaches. */
export interface Member {
  readonly app: Valvomo;
  readonly links: Readonly<Record<"telegram" | "broker" | "database", Proxy>>;
  /** Starts it, and waits until it is active or stands by. */
  start(as: "active" | "standby"): Promise<void>;
  /** Cuts it off from everything, without a word to anybody. */
  cutOff(): void;
  /** Its links are whole again. */
  mendLinks(): void;
}

/** Processes with the same settings at one PostgreSQL, and what the others see of them. */
export interface Trio {
  readonly world: World;
  readonly databaseUrl: string;
  readonly members: readonly Member[];
  /** Who acted last: said something to Telegram or to the broker. */
  active(): Member;
  /** Waits until another than this one acts; returns when, by `performance.now()`. */
  untilAnotherActs(than: Member): Promise<number>;
  /** Waits until the active one knows that so many stand by. */
  untilStandbys(count: number): Promise<void>;
  /** Runs that acted after another had begun to: none is to be here. */
  readonly overlaps: readonly string[];
}

const HOUR_MS = 3_600_000;

/**
 * Starts a broker, a PostgreSQL, Telegram and three processes: the first is active, the others stand by. The admin’s private chat gets
 * all alarms, each as a card. The clock of the second is an hour ahead, that of the third two.
 * @param options.answerMs how long Telegram takes to answer
 */
export async function openTrio(options: { readonly answerMs: number }): Promise<Trio> {
  const { answerMs } = options;
  const mosquitto = await startMosquitto({ lines: ["max_inflight_messages 0", "max_queued_messages 0"] });
  onTestFinished(() => mosquitto.remove());
  const server = await startPostgres();
  onTestFinished(() => server.remove());
  const { database } = await createDatabase(server.port);
  const databaseUrl = urlOn(server.port, database);
  const world = await createWorld(mosquitto.url, {
    DATABASE_URL: databaseUrl,
    TELEGRAM_ALARM_CHAT_IDS: String(ADMIN),
  });
  onTestFinished(() => world.remove());

  const runs = new Map<Member, number>();
  const [overlaps, seen] = [[] as string[], new Set<string>()];
  let last: { readonly member: Member; readonly run: string; readonly at: number } | null = null;
  let wakeUp = (): void => undefined;

  function noteAct(member: Member): void {
    const run = `${members.indexOf(member)}/${runs.get(member)}`;
    if (run === last?.run) return;
    if (seen.has(run)) overlaps.push(`${run} after ${last?.run}`);
    seen.add(run);
    last = { member, run, at: performance.now() };
    wakeUp();
  }

  async function addMember(): Promise<Member> {
    const portOf = (url: string): number => Number(new URL(url).port);
    const [telegram, broker, ownDatabase] = await Promise.all(
      [portOf(world.telegram.url), mosquitto.port, server.port].map((port) => startProxy(port)),
    );
    if (!telegram || !broker || !ownDatabase) throw new Error("no proxies");
    const links = { telegram, broker, database: ownDatabase };
    telegram.slow(answerMs);
    const app = createValvomo({
      ...world.app.settings(),
      TELEGRAM_API_ROOT: `http://127.0.0.1:${telegram.port}`,
      MQTT_URL: `mqtt://127.0.0.1:${broker.port}`,
      DATABASE_URL: urlOn(ownDatabase.port, database),
      NODE_OPTIONS: `--import=${join(import.meta.dirname, "shifted-clock.mjs")}`,
      TEST_CLOCK_AHEAD_MS: String(members.length * HOUR_MS),
    });
    onTestFinished(async () => {
      app.thaw();
      await app.remove();
      await Promise.all(Object.values(links).map((link) => link.close()));
    });
    const member: Member = {
      app,
      links,
      start(as) {
        runs.set(member, (runs.get(member) ?? 0) + 1);
        return app.start(as === "active" ? "Valvomo is up" : "standing by");
      },
      cutOff() {
        for (const link of Object.values(links)) link.blackhole();
      },
      mendLinks() {
        for (const link of Object.values(links)) link.restore();
        telegram.slow(answerMs);
      },
    };
    telegram.watch("toServer", () => noteAct(member));
    broker.watch("toServer", () => noteAct(member));
    return member;
  }

  const members: Member[] = [];
  for (let i = 0; i < 3; i += 1) members.push(await addMember());
  const [first, ...others] = members;
  await first?.start("active");
  for (const other of others) await other.start("standby");

  const active = (): Member => {
    if (last === null) throw new Error("nobody has acted yet");
    return last.member;
  };
  const trio: Trio = {
    world,
    databaseUrl,
    members,
    overlaps,
    active,
    async untilAnotherActs(than) {
      while (active() === than) await new Promise<void>((resolve) => (wakeUp = resolve));
      return last?.at ?? Number.NaN;
    },
    untilStandbys: async (count) => {
      await until(`${count} stand by`, async () => {
        const answer = await fetch(`${active().app.url()}/metrics`);
        return (await answer.text()).includes(`valvomo_standbys ${count}\n`);
      });
    },
  };
  await trio.untilStandbys(others.length);
  return trio;
}
