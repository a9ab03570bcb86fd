import { describe, expect, it, onTestFinished } from "vitest";
import { PROGRAM_DATABASES } from "../support/databases.ts";
import { hasMosquitto } from "../support/mosquitto.ts";
import { createProof, type Proof } from "../support/proof.ts";
import { until } from "../support/until.ts";
import { ADMIN } from "../support/world.ts";

async function startWith(settings: Readonly<Record<string, string>>): Promise<Proof> {
  const proof = await createProof({ settings });
  onTestFinished(() => proof.remove());
  await proof.start();
  return proof;
}

/** Machines `from` … `to - 1` say that they stopped; resolves when the broker has it. */
async function publish({ warn }: Proof, from: number, to: number): Promise<void> {
  const says = (i: number) => ({ id: `machine-${i}`, message: `Machine ${i} stopped.`, timestamp: Date.now() });
  await Promise.all(Array.from({ length: to - from }, (_, i) => warn(says(from + i))));
}

/** Waits until each of so many machines has a card, and sees that none has two and none counts twice. */
async function expectToldOnce(proof: Proof, count: number): Promise<void> {
  await proof.telegram.waitFor(() => new Set(proof.machines()).size === count, 15_000);
  expect(proof.machines()).toHaveLength(count);
  expect(proof.cards().filter(({ text }) => text.includes("2×"))).toEqual([]);
}

/** How often the program has said this so far. */
const said = ({ app }: Proof, message: string) => app.log.filter(({ msg }) => msg === message).length;

/** Seconds since midnight of `hh:mm:ss`. */
const secondsOf = (time: string): number => time.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);

describe.skipIf(!hasMosquitto).each(PROGRAM_DATABASES)("all that the broker keeps is told, on %s", (_, settings) => {
  const start = async () => startWith(await settings());

  it("when the broker restarts with its store: what was not acknowledged comes again, and what it took meanwhile", async () => {
    const proof = await start();
    const pubacks = proof.watchPubacks();
    await publish(proof, 0, 20);
    await expectToldOnce(proof, 20);
    // One that was held would take the place of one of the next: the broker has 20 on their way at the most.
    await until("the broker knows", () => pubacks() === 20);
    // No acknowledgement reaches the broker, so it has to hand out all of these once more.
    proof.proxy.hold("toServer");
    await publish(proof, 20, 40);
    await expectToldOnce(proof, 40);
    proof.proxy.cut();
    await publish(proof, 40, 60);
    await proof.mosquitto.stop();
    proof.proxy.restore();
    await until("the link is seen to be down", () => said(proof, "broker connection lost") === 1);
    proof.telegram.say({ chatId: ADMIN, text: "/status" });
    const status = await proof.telegram.waitFor(
      () => proof.telegram.messages(ADMIN).find(({ text }) => text.includes("Valvomo:")),
      10_000,
    );
    expect(status.text).toMatch(/^❌ Broker: 127\.0\.0\.1:\d+ not connected since .*: .+/);
    await proof.mosquitto.start();
    await expectToldOnce(proof, 60);
    expect(await proof.count("events")).toBe(60);
  });

  it("when the broker restarts without its store: it is asked again for all that is subscribed", async () => {
    const proof = await start();
    await publish(proof, 0, 20);
    await expectToldOnce(proof, 20);
    await proof.mosquitto.stop();
    proof.mosquitto.forget();
    await proof.mosquitto.start();
    await until("subscribed again", () => said(proof, "subscribed") === 2);
    await publish(proof, 20, 40);
    await expectToldOnce(proof, 40);
  });

  // A cut of 60 s differs from one of some failed attempts in nothing that either side could notice: the client tries once
  // a second, and both sides wait for 1.5 × the keepalive of 20 s before they give a silent link up.
  it("when the network is cut: again and again it connects in vain, then it has all", async () => {
    const proof = await start();
    await publish(proof, 0, 20);
    proof.proxy.cut();
    const before = proof.proxy.connections();
    await publish(proof, 20, 40);
    await until("it has tried twice", () => proof.proxy.connections() >= before + 2);
    proof.proxy.restore();
    await expectToldOnce(proof, 40);
  });

  it("when the network swallows all without a word: what was sent into the void comes again", async () => {
    const proof = await start();
    await publish(proof, 0, 20);
    await expectToldOnce(proof, 20);
    let lost = 0;
    proof.proxy.blackhole();
    proof.proxy.watch("toClient", (chunk) => (lost += chunk.length));
    await publish(proof, 20, 40);
    await until("the broker has sent something", () => lost > 0);
    expect(proof.machines()).toHaveLength(20);
    proof.proxy.restore();
    await expectToldOnce(proof, 40);
  });

  it("when the bot is down for a while: killed, or stopped in order", async () => {
    const proof = await start();
    await proof.app.kill();
    await publish(proof, 0, 100);
    await proof.start();
    await expectToldOnce(proof, 100);
    expect(await proof.app.stop()).toBe(0);
    await publish(proof, 100, 200);
    await proof.start();
    await expectToldOnce(proof, 200);
  });

  it("when the broker restarts without its store: what may be lost is said, with the time", async () => {
    const proof = await start();
    await proof.mosquitto.stop();
    await until("the link is seen to be down", () => said(proof, "broker connection lost") === 1);
    proof.mosquitto.forget();
    // The time that is told has whole seconds.
    const downAt = Date.now();
    await until("a second has passed", () => Math.floor(Date.now() / 1_000) > Math.floor(downAt / 1_000) + 1);
    await proof.mosquitto.start();
    const card = await proof.telegram.waitFor(
      () => proof.cards().find(({ text }) => /forgot our session/.test(text)),
      10_000,
    );
    const [, from = "", to = ""] =
      /between (\d\d:\d\d:\d\d)\D.* and (\d\d:\d\d:\d\d)\D.* may be lost/.exec(card.text) ?? [];
    // From when it was there last: that it is there again says nothing of what was lost.
    expect((secondsOf(to) - secondsOf(from) + 86_400) % 86_400).toBeGreaterThanOrEqual(1);
  });
});
