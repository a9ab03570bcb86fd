import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, it, onTestFinished } from "vitest";
import { openSqlite } from "../../src/store/sqlite/sqlite.ts";
import { JOINER } from "../../src/telegram/api/unlinked.ts";
import { hasMosquitto } from "../support/mosquitto.ts";
import { until } from "../support/until.ts";
import { ADMIN, openMosquittoWorld } from "../support/world.ts";

it.skipIf(!hasMosquitto)(
  "the database's file moved away, or another copied over it, while it runs: the admins are told, and no alarm that the broker keeps is lost",
  async () => {
    const { world: w } = await openMosquittoWorld({ TELEGRAM_ALARM_CHAT_IDS: String(ADMIN) });
    const path = w.app.databasePath;
    const said = (): string[] =>
      w.telegram.messages(ADMIN).flatMap(({ from, text }) => (from === "bot" ? [text.replaceAll(JOINER, "")] : []));
    const untilSaid = (text: string) => until(text, () => said().find((one) => one.includes(text)), 30_000);
    const warn = (name: string) => w.warn({ id: name, message: `Alarm ${name}`, severity: "error", state: "active" });
    const safeCommits = async (): Promise<number> =>
      Number(/^valvomo_commit_seconds_count (\d+)/m.exec(await (await fetch(`${w.app.url()}/metrics`)).text())?.[1]);

    await w.start();
    await warn("before");
    await untilSaid("Alarm before");
    renameSync(path, `${path}.away`);
    // Nothing comes meanwhile: it looks by itself.
    expect(await untilSaid("Nothing can be stored")).toContain("the database’s file was removed or renamed");
    expect((await fetch(`${w.app.url()}/healthz`)).status).toBe(503);
    await Promise.all(["a", "b", "c"].map(warn));
    await until("it was tried", () => w.app.log.some(({ msg }) => msg === "broker connection lost"));
    renameSync(`${path}.away`, path);
    await untilSaid("Over: store");
    await Promise.all(["a", "b", "c"].map((name) => untilSaid(`Alarm ${name}`)));

    expect(await w.app.stop()).toBe(0);
    const copy = readFileSync(path);
    await w.start();
    const commits = await safeCommits();
    await warn("forgotten");
    await untilSaid("Alarm forgotten");
    // A card does not wait for the disk, and the broker keeps for us what is not safe there.
    await until("it is on the disk", async () => (await safeCommits()) > commits);
    writeFileSync(path, copy);
    await Promise.all(["d", "e"].map(warn));
    await untilSaid("another database was copied over ours");
    expect(await w.app.stop()).toBe(0);
    expect(readFileSync(path).equals(copy)).toBe(true);

    await w.start();
    await Promise.all(["d", "e"].map((name) => untilSaid(`Alarm ${name}`)));
    await w.app.stop();
    const database = openSqlite(path);
    onTestFinished(() => database.close());
    const alarms = await database.all("SELECT message, event_count AS count FROM alarms WHERE id > 0 ORDER BY message");
    const names = ["a", "b", "before", "c", "d", "e"];
    expect(alarms).toEqual(names.map((name) => ({ message: `Alarm ${name}`, count: 1 })));
  },
  90_000,
);

it.skipIf(!hasMosquitto)(
  "another program holds the database's lock: a press is answered, /status too, what is pressed in its last seconds is done, and nothing is lost",
  async () => {
    const { world: w } = await openMosquittoWorld({ TELEGRAM_ALARM_CHAT_IDS: String(ADMIN) });
    await w.start();
    const said = (): string =>
      w.telegram
        .messages(ADMIN)
        .map(({ text }) => text.replaceAll(JOINER, ""))
        .join("\n");
    const polls = () => w.telegram.calls.filter(({ method }) => method === "getUpdates");
    const press = async (): Promise<string | null> => {
      const query = w.telegram.press({ chatId: ADMIN, userId: ADMIN, label: "Acknowledge" });
      return (await w.telegram.waitFor(() => w.telegram.answers.get(query), 15_000)).text;
    };
    await w.warn({ id: "hot", message: "Coil hot", severity: "critical", state: "active" });
    await until("the card", () => said().includes("Coil hot"));

    const other = new DatabaseSync(w.app.databasePath, { timeout: 5_000 });
    onTestFinished(() => other.close());
    other.exec("BEGIN EXCLUSIVE");
    await w.warn({ id: "low", message: "Oil low", severity: "critical", state: "active" });
    expect(await press()).toContain("Not done: nothing can be stored now (another program holds its lock)");
    await until("the admin is told", () => said().includes("End the program that holds"));
    w.telegram.say({ chatId: ADMIN, userId: ADMIN, text: "/status" });
    await until("the status", () => said().includes("Store: nothing can be stored since"));
    other.exec("ROLLBACK");
    await until("it is over", () => said().includes("Over: store"), 60_000);
    await until("what waited is shown", () => said().includes("Oil low"), 30_000);

    other.exec("BEGIN EXCLUSIVE");
    const query = w.telegram.press({ chatId: ADMIN, userId: ADMIN, label: "Acknowledge" });
    await until("the press is taken", () => polls().every(({ status }) => status !== null));
    other.exec("ROLLBACK");
    const answer = await w.telegram.waitFor(() => w.telegram.answers.get(query), 15_000);
    expect(answer.text).toMatch(/^Acknowledged #/);
  },
  120_000,
);
