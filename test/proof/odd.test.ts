import { describe, expect, it, onTestFinished } from "vitest";
import mqtt from "mqtt";
import { TOPIC } from "../support/alarms.ts";
import { hasMosquitto } from "../support/mosquitto.ts";
import { createProof, type Proof } from "../support/proof.ts";
import { until } from "../support/until.ts";
import { ADMIN, GROUP, OTHER } from "../support/world.ts";

async function create(settings: Readonly<Record<string, string>> = {}): Promise<Proof> {
  const proof = await createProof({ settings });
  onTestFinished(() => proof.remove());
  return proof;
}

async function start(settings?: Readonly<Record<string, string>>): Promise<Proof> {
  const proof = await create(settings);
  await proof.start();
  return proof;
}

/** Publishes a message that the broker keeps on a topic below the plant's. */
async function retain({ mosquitto }: Proof, topic: string, message: object): Promise<void> {
  const plant = await mqtt.connectAsync(mosquitto.url);
  await plant.publishAsync(`${TOPIC}/${topic}`, JSON.stringify(message), { qos: 1, retain: true });
  await plant.endAsync();
}

describe.skipIf(!hasMosquitto)("odd things", () => {
  it("a group becomes a supergroup in mid-burst: each card is in one of the two, and changes go on in the new one", async () => {
    const proof = await start({ TELEGRAM_ALARM_CHAT_IDS: String(GROUP) });
    const SUPERGROUP = -1_000_000_001_009;
    const machine = (i: number) => ({ id: `machine-${i}`, message: `Machine ${i} stopped.`, state: "active" });
    const told = proof.machines;
    const publishing = Promise.all(Array.from({ length: 100 }, (_, i) => proof.warn(machine(i))));
    await proof.telegram.waitFor(() => told(GROUP).length >= 30, 10_000);
    proof.telegram.migrate(GROUP, SUPERGROUP);
    await publishing;
    await proof.telegram.waitFor(() => told(GROUP).length + told(SUPERGROUP).length === 100, 10_000);
    const inNew = told(SUPERGROUP);
    expect(new Set([...told(GROUP), ...inNew]).size).toBe(100);
    expect(inNew.length).toBeGreaterThan(20);

    // Numbers of messages begin anew there: an edit by an old number would hit a stranger.
    const moved = told(GROUP)[20] ?? "";
    await proof.warn({ ...machine(Number(moved.split(" ")[1])), state: "cleared" });
    await proof.telegram.waitFor(() => told(SUPERGROUP).includes(moved), 10_000);
    expect(told(SUPERGROUP).slice(0, inNew.length)).toEqual(inNew);
  });

  it("a button is pressed while the program is down: it works after the restart, in every chat's card", async () => {
    const proof = await start({ TELEGRAM_ALARM_CHAT_IDS: `${ADMIN},${GROUP}` });
    await proof.warn({ id: "coil", message: "Coil hot", state: "active" });
    const chats = [ADMIN, GROUP];
    await proof.telegram.waitFor(() => chats.every((chatId) => proof.cards(chatId).length === 1), 10_000);
    await until("both cards are noted", async () => (await proof.count("decisions")) >= 2);
    await proof.app.kill();
    const { telegram } = proof;
    const press = telegram.press({ chatId: GROUP, userId: OTHER, label: "Acknowledge" });
    await proof.start();
    await telegram.waitFor(() => telegram.answers.get(press), 10_000);
    const isAcknowledged = (chatId: number) => proof.cards(chatId)[0]?.text.includes("Acknowledged by Boris");
    await telegram.waitFor(() => chats.every(isAcknowledged), 10_000);
    expect(chats.map((chatId) => proof.cards(chatId).length)).toEqual([1, 1]);
  });

  it("the broker hands out again what it keeps since three days: nothing rings, whatever became of it", async () => {
    const proof = await create();
    const threeDaysAgo = Date.now() - 3 * 24 * 3_600_000;
    const old = { state: "active", severity: "critical", timestamp: threeDaysAgo };
    const slow = { id: "slow", message: "Rotor slow", ...old };
    await retain(proof, "hot", { id: "hot", message: "Coil hot", ...old });
    await retain(proof, "slow", slow);
    await proof.start();
    // Nobody knows since when it stood there: it is told together, and rings nobody.
    const told = () => proof.telegram.messages(ADMIN).filter(({ text }) => text.includes("What stood at the broker"));
    const board = await proof.telegram.waitFor(() => told()[0], 10_000);
    expect(board).toMatchObject({ isSilent: true });
    for (const words of ["Coil hot", "Rotor slow"]) expect(board.text).toContain(words);
    await proof.warn({ ...slow, state: "cleared", timestamp: Date.now() }, `${TOPIC}/slow`);
    await proof.telegram.waitFor(() => told()[0]?.text.includes("1 active, 1 came and went"), 10_000);
    const before = proof.telegram.messages(ADMIN).length;
    const stored = await proof.count("events");

    // A new run subscribes anew, and so gets all that is retained.
    await proof.app.stop();
    const pubacks = proof.watchPubacks();
    await proof.start();
    await until("both came again", () => pubacks() === 2);
    await proof.warn({ id: "new", message: "Pump leaks" });
    await proof.telegram.waitFor(() => proof.cards().length === 1, 10_000);
    expect(proof.telegram.messages(ADMIN)).toHaveLength(before + 1);
    expect(told()[0]?.text).toContain("1 active, 1 came and went");
    expect(await proof.count("events")).toBe(stored + 1);
  });

  it("two are raised within a millisecond: two machines are two cards, and one machine counts twice", async () => {
    const proof = await start();
    const timestamp = Date.now();
    const raise = (id: string, value: number) => proof.warn({ id, message: `${id} hot`, value, unit: "°C", timestamp });
    await Promise.all([raise("Coil", 81), raise("Rotor", 82), raise("Coil", 83)]);
    // Without a time of its own, the same text is not taken for a copy either.
    await Promise.all([proof.warn("Pump leaks"), proof.warn("Pump leaks")]);
    const cardOf = (name: string) => proof.cards().filter(({ text }) => text.includes(name));
    const isTwice = (name: string) => cardOf(name)[0]?.text.includes("2×");
    await proof.telegram.waitFor(() => isTwice("Coil") && isTwice("Pump") && cardOf("Rotor").length === 1, 10_000);
    expect(cardOf("Coil")[0]?.text).toContain("83 °C");
    expect(cardOf("Rotor")[0]?.text).not.toContain("2×");
    expect(proof.cards()).toHaveLength(3);
  });

  it("an alarm came and went while the program was away, three days ago: what is retained of it does not ring", async () => {
    const proof = await create();
    await proof.start();
    await proof.app.stop();
    const raisedAt = Date.now() - 3 * 24 * 3_600_000;
    const slow = { id: "slow", message: "Rotor slow", state: "active", severity: "critical", timestamp: raisedAt };
    await retain(proof, "slow", slow);
    await proof.warn({ ...slow, state: "cleared", timestamp: raisedAt + 60_000 }, `${TOPIC}/slow`);
    const pubacks = proof.watchPubacks();
    await proof.start();
    await until("both came from the queue, and one again as retained", () => pubacks() === 3);
    await proof.warn({ id: "new", message: "Pump leaks" });
    const cardsOf = (name: string) => proof.cards().filter(({ text }) => text.includes(name));
    await proof.telegram.waitFor(() => cardsOf("Pump leaks").length === 1, 10_000);
    expect(cardsOf("Rotor slow")).toHaveLength(1);
    expect(cardsOf("Rotor slow")[0]?.text).toContain("CLEARED");
  });
});
