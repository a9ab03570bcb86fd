import { expect, it, onTestFinished } from "vitest";
import { JOINER } from "../../src/telegram/api/unlinked.ts";
import { hasMosquitto, startMosquitto } from "../support/mosquitto.ts";
import { askPostgres, createDatabase, hasPostgres, startPostgres, urlOn } from "../support/postgres.ts";
import { until } from "../support/until.ts";
import { createValvomo } from "../support/valvomo.ts";
import { ADMIN, createWorld } from "../support/world.ts";

it.skipIf(!hasMosquitto || !hasPostgres)(
  "on PostgreSQL: alarms are shown, a crash of the server is told and loses none, a second process stands by, and no password is told",
  async () => {
    const [mosquitto, server] = await Promise.all([
      startMosquitto(),
      startPostgres({ access: ["host all valvomo 127.0.0.1/32 trust", "host all plant 127.0.0.1/32 scram-sha-256"] }),
    ]);
    onTestFinished(() => Promise.all([mosquitto.remove(), server.remove()]).then(() => undefined));
    const { database } = await createDatabase(server.port);
    const password = "s3cret of the plant";
    await askPostgres(urlOn(server.port), `CREATE ROLE plant LOGIN PASSWORD '${password}'`);
    await askPostgres(urlOn(server.port), `ALTER DATABASE ${database} OWNER TO plant`);
    const url = `postgres://plant:${encodeURIComponent(password)}@127.0.0.1:${server.port}/${database}`;
    const w = await createWorld(mosquitto.url, { TELEGRAM_ALARM_CHAT_IDS: String(ADMIN), DATABASE_URL: url });
    onTestFinished(() => w.remove());
    const untilSaid = (text: string) =>
      until(
        text,
        () =>
          w.telegram
            .messages(ADMIN)
            .map((message) => message.text.replaceAll(JOINER, ""))
            .find((one) => one.includes(text)),
        30_000,
      );
    const warn = (name: string) => w.warn({ id: name, message: `Alarm ${name}`, severity: "error", state: "active" });

    await w.start();
    await warn("before");
    await untilSaid("Alarm before");
    w.telegram.say({ chatId: ADMIN, text: "/status" });
    expect(await untilSaid("Disk:")).toMatch(
      /the history without a bound; how much is free on PostgreSQL's disk is not seen/,
    );

    const second = createValvomo({ ...w.app.settings(), HTTP_PORT: "0" });
    onTestFinished(() => second.remove());
    await second.start("standing by");
    expect(await second.stop()).toBe(0);
    // Alone again, it goes on without a server.
    const alone = "SELECT 1 FROM leases WHERE is_alone";
    await until("it is alone", async () => (await askPostgres(urlOn(server.port, database), alone)).length > 0);

    await server.stop("immediate");
    // Nothing comes meanwhile: it looks by itself.
    expect(await untilSaid("Nothing can be stored")).toMatch(/PostgreSQL (cannot be reached|crashed|ended)/);
    expect((await fetch(`${w.app.url()}/healthz`)).status).toBe(503);
    await Promise.all(["a", "b", "c"].map(warn));
    w.telegram.say({ chatId: ADMIN, text: "/ack 1" });
    await untilSaid("Not done: nothing can be stored now (PostgreSQL");
    await server.start();
    await untilSaid("Over: store");
    await Promise.all(["a", "b", "c"].map((name) => untilSaid(`Alarm ${name}`)));

    expect(await w.app.stop()).toBe(0);
    const left = "SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'valvomo %'";
    expect(await askPostgres(urlOn(server.port), left)).toEqual([]);
    const counts = await askPostgres(
      urlOn(server.port, database),
      "SELECT event_count AS n FROM alarms WHERE id > 0 AND message LIKE 'Alarm %'",
    );
    expect(counts.map(({ n }) => Number(n))).toEqual([1, 1, 1, 1]);
    const told =
      JSON.stringify(w.app.log) + w.app.errors() + second.errors() + JSON.stringify(w.telegram.messages(ADMIN));
    for (const form of [password, encodeURIComponent(password)]) expect(told).not.toContain(form);
  },
  90_000,
);
