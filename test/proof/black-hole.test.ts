import { setTimeout } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { startBroker } from "../../src/demo/broker.ts";
import { ADMIN, GROUP, openProxiedWorld } from "../support/world.ts";

it("after ten seconds of a black hole before Telegram, which leaves connections dead, the worst card and answers come within seconds", async () => {
  const broker = await startBroker();
  onTestFinished(() => broker.stop());
  const { world, link } = await openProxiedWorld(broker.url);
  const { telegram } = world;
  await world.start();
  const cards = (chatId: number) => telegram.messages(chatId).filter(({ text }) => text.includes("Machine "));

  link.blackhole();
  for (let i = 0; i < 5; i++) await world.warn({ id: `w${i}`, message: `Machine ${i}.`, severity: "warning" });
  await setTimeout(1_000);
  await world.warn({ id: "hot", message: "Machine hot.", severity: "critical" });
  await setTimeout(9_000);
  link.forget();
  const mendedAt = Date.now();
  telegram.say({ chatId: ADMIN, text: "/alarms" });
  for (const chatId of [ADMIN, GROUP]) {
    await telegram.waitFor(() => cards(chatId).length === 6, 15_000);
    const at = cards(chatId).findIndex(({ text }) => text.includes("CRITICAL"));
    // One of the others may have been on its way already.
    expect(at).toBeLessThanOrEqual(1);
    expect((cards(chatId)[at]?.sentAt ?? Infinity) - mendedAt).toBeLessThanOrEqual(10_000);
  }
  const answer = await telegram.waitFor(
    () => telegram.messages(ADMIN).find(({ text }) => text.includes("6 active")),
    15_000,
  );
  expect(answer.sentAt - mendedAt).toBeLessThanOrEqual(15_000);
}, 60_000);
