import { DatabaseSync } from "node:sqlite";
import { onTestFinished } from "vitest";
import { startBroker } from "../../src/demo/broker.ts";
import type { Role } from "../../src/people/role.ts";
import { openPeople } from "../../src/store/people/people.ts";
import { migrate } from "../../src/store/schema.ts";
import { openSqlite } from "../../src/store/sqlite/sqlite.ts";
import { until } from "../support/until.ts";
import { ADMIN, createWorld, GROUP, type World } from "../support/world.ts";

/** Who does something: by role, and which of the many with that role. */
export interface Somebody {
  readonly role: Role | null;
  readonly index: number;
}

/** The real program with a crowd of each role, so that no one person's budget is used up, and some alarms in a group. */
export interface Program extends World {
  readonly crowd: number;
  readonly idOf: (who: Somebody) => number;
  /** The rows that a query finds in the program's database. */
  readonly rows: (sql: string) => readonly Readonly<Record<string, unknown>>[];
  /** Resolves when the program has taken all updates so far; fails if it takes none any more. */
  settled(): Promise<void>;
}

const ROLES = [null, "viewer", "operator"] as const;
/** How many alarms there are, in the group and on its board. */
export const ALARMS = 8;

/** Starts it, until the end of the test. */
export async function openProgram(crowd: number): Promise<Program> {
  const idOf = ({ role, index }: Somebody): number =>
    role === "admin" ? ADMIN : 1_000_000 * (1 + ROLES.indexOf(role)) + (index % crowd);
  const everybody = ROLES.flatMap((role) => Array.from({ length: crowd }, (_, index) => ({ role, index })));
  const broker = await startBroker();
  onTestFinished(() => broker.stop());
  const world = await createWorld(broker.url, { TELEGRAM_ALARM_CHAT_IDS: String(GROUP), FLOOD_RATE: "3/10m" });
  onTestFinished(() => world.remove());
  const { telegram, app } = world;
  const people = everybody.map((who) => ({ id: idOf(who), firstName: nameOf(who) }));
  for (const person of people) telegram.addPrivateChat(person);
  telegram.addGroup({ id: GROUP, title: "Hall 6", members: [{ id: ADMIN, firstName: "Aino" }, ...people] });

  const store = openSqlite(app.databasePath);
  await migrate(store);
  const members = await openPeople(store, { adminIds: [], now: Date.now });
  for (const who of everybody) {
    if (who.role === null) continue;
    await members.setRole(await members.meet({ userId: idOf(who), name: nameOf(who) }), who.role);
  }
  await store.close();

  await world.start();
  const database = new DatabaseSync(app.databasePath, { readOnly: true });
  onTestFinished(() => database.close());
  for (let i = 0; i < ALARMS; i++) {
    await world.warn({ id: `a${i}`, message: `Coil ${i} hot`, severity: "error", state: "active", field: 1 });
  }
  const board = () => telegram.messages(GROUP).find(({ text }) => text.includes(`${ALARMS} alarms`));
  await telegram.waitFor(board, 15_000);

  async function settled(): Promise<void> {
    const queryId = telegram.forge({ chatId: ADMIN, messageId: 1, data: "board:0:0" });
    await until("a known person is answered", () => telegram.answers.has(queryId));
  }

  return {
    ...world,
    crowd,
    idOf,
    rows: (sql) => database.prepare(sql).all(),
    settled,
  };
}

const nameOf = ({ role, index }: Somebody): string => `${role ?? "stranger"} ${index}`;
