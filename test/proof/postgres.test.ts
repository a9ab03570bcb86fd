import { describe, expect, it, onTestFinished } from "vitest";
import { JOINER } from "../../src/telegram/api/unlinked.ts";
import { hasMosquitto } from "../support/mosquitto.ts";
import {
  askPostgres,
  createDatabase,
  hasPostgres,
  startPair,
  startPostgres,
  urlOn,
  type Postgres,
} from "../support/postgres.ts";
import { createProof, type Proof } from "../support/proof.ts";
import { startProxy, type Proxy } from "../support/proxy.ts";
import { until } from "../support/until.ts";
import { ADMIN } from "../support/world.ts";

interface Setting {
  readonly proof: Proof;
  readonly server: Postgres;
  /** Between the program and its database. */
  readonly link: Proxy;
}

/** The program on a PostgreSQL of its own, which can be broken. */
async function start(): Promise<Setting> {
  const server = await startPostgres();
  onTestFinished(() => server.remove());
  const { database } = await createDatabase(server.port);
  const link = await startProxy(server.port);
  onTestFinished(() => link.close());
  return { proof: await startOn(urlOn(link.port, database)), server, link };
}

async function startOn(DATABASE_URL: string): Promise<Proof> {
  const proof = await createProof({ lines: ["max_inflight_messages 0"], settings: { DATABASE_URL } });
  onTestFinished(() => proof.remove());
  await proof.start();
  return proof;
}

/** Machines `from` … `to - 1` say that they stopped; resolves when the broker has it. */
async function publish({ warn }: Proof, from: number, to: number): Promise<void> {
  const says = (i: number) => ({ id: `machine-${i}`, message: `Machine ${i} stopped.`, timestamp: Date.now() });
  await Promise.all(Array.from({ length: to - from }, (_, i) => warn(says(from + i))));
}

const said = ({ telegram }: Proof, text: string): readonly string[] =>
  telegram
    .messages(ADMIN)
    .filter(({ from }) => from === "bot")
    .map((message) => message.text.replaceAll(JOINER, ""))
    .filter((one) => one.includes(text));

/** Each machine has a card, was counted once, and was told once: no repeat but of a card whose note was under way. */
async function expectAllTold(
  proof: Proof,
  count: number,
  { repeats = 0, url = proof.app.databaseUrl }: { readonly repeats?: number; readonly url?: string } = {},
): Promise<void> {
  await proof.telegram.waitFor(() => new Set(proof.machines()).size === count, 60_000);
  expect(proof.machines().length - count).toBeLessThanOrEqual(repeats);
  expect(proof.cards().filter(({ text }) => text.includes("2×"))).toEqual([]);
  const events = "SELECT COUNT(*) AS n FROM events WHERE topic NOT LIKE '$valvomo%'";
  const [row] = await askPostgres(url, events);
  expect(Number(row?.["n"])).toBe(count);
}

describe.skipIf(!hasMosquitto || !hasPostgres)("PostgreSQL", () => {
  it.each<[string, (setting: Setting) => Promise<void>, (setting: Setting) => Promise<void>]>([
    ["is stopped", ({ server }) => server.stop(), ({ server }) => server.start()],
    ["crashes", ({ server }) => server.stop("immediate"), ({ server }) => server.start()],
    ["is cut off", async ({ link }) => link.cut(), async ({ link }) => link.restore()],
    ["stands still", async ({ server }) => server.freeze(), async ({ server }) => server.thaw()],
    [
      "takes no writes",
      async ({ server }) => setReadOnly(server, true),
      async ({ server }) => setReadOnly(server, false),
    ],
  ])(
    "%s in mid-burst, and comes back: nothing is acknowledged that is not stored, and nothing is lost",
    async (_, breakIt, mendIt) => {
      const setting = await start();
      const { proof } = setting;
      const pid = proof.app.pid;
      const pubacks = proof.watchPubacks();
      await publish(proof, 0, 20);
      await expectAllTold(proof, 20);
      const publishing = publish(proof, 20, 220);
      await until("some are acknowledged", () => pubacks() > 20);
      await breakIt(setting);
      await publishing;
      await until("the admins are told", () => said(proof, "Nothing can be stored")[0], 60_000);
      expect((await fetch(`${proof.app.url()}/healthz`)).status).toBe(503);
      // While nothing can be stored nothing is acknowledged.
      const acknowledged = pubacks();
      await publish(proof, 220, 240);
      expect(pubacks()).toBe(acknowledged);

      await mendIt(setting);
      await expectAllTold(proof, 240, { repeats: 20 });
      await until("it is over", () => said(proof, "Over: store")[0], 30_000);
      expect(said(proof, "Nothing can be stored")).toHaveLength(1);
      expect(proof.app.pid).toBe(pid);
      expect((await fetch(`${proof.app.url()}/healthz`)).status).toBe(200);
    },
  );

  it("is lost in mid-burst, and its synchronous standby is promoted: what was acknowledged is there, and nothing is lost", async () => {
    const [primary, standby] = await startPair();
    onTestFinished(async () => {
      await primary.remove();
      await standby.remove();
    });
    const { database } = await createDatabase(primary.port);
    const [before, after] = [urlOn(primary.port, database), urlOn(standby.port, database)];
    const proof = await startOn(`postgres://valvomo@127.0.0.1:${primary.port},127.0.0.1:${standby.port}/${database}`);
    const pid = proof.app.pid;
    const pubacks = proof.watchPubacks();
    await publish(proof, 0, 20);
    await expectAllTold(proof, 20, { url: before });

    // Without its standby the primary has nothing safe.
    standby.freeze();
    const acknowledged = pubacks();
    await publish(proof, 20, 40);
    const told = await until("the admins are told", () => said(proof, "Nothing can be stored")[0], 60_000);
    expect(told).toMatch(/PostgreSQL (does not answer|takes too long)/);
    expect(pubacks()).toBe(acknowledged);
    standby.thaw();
    await expectAllTold(proof, 40, { repeats: 20, url: before });
    await until("it is over", () => said(proof, "Over: store")[0], 30_000);

    const seen = pubacks();
    const publishing = publish(proof, 40, 240);
    await until("some are acknowledged", () => pubacks() > seen);
    await primary.stop("immediate");
    await publishing;
    await until("the admins are told", () => said(proof, "Nothing can be stored")[1], 60_000);
    await standby.promote();
    await expectAllTold(proof, 240, { repeats: 40, url: after });
    await until("it is over", () => said(proof, "Over: store")[1], 30_000);
    expect(proof.app.pid).toBe(pid);
  });

  it("takes 200 ms for each statement: all is told, each once, and people are answered", async () => {
    const { proof, link } = await start();
    link.slow(200);
    await publish(proof, 0, 20);
    await proof.telegram.waitFor(() => new Set(proof.machines()).size > 0, 60_000);
    proof.telegram.say({ chatId: ADMIN, text: "/status" });
    await until("an answer", () => said(proof, "Valvomo:")[0], 60_000);
    link.restore();
    await expectAllTold(proof, 20);
    expect(said(proof, "Nothing can be stored")).toEqual([]);
  });
});

async function setReadOnly({ port }: Postgres, isOn: boolean): Promise<void> {
  const url = urlOn(port);
  await askPostgres(url, `ALTER SYSTEM SET default_transaction_read_only = ${isOn ? "on" : "off"}`);
  await askPostgres(url, "SELECT pg_reload_conf()");
}
