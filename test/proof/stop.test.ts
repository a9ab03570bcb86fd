import { setTimeout } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { startBroker } from "../../src/demo/broker.ts";
import { ADMIN, GROUP, openProxiedWorld } from "../support/world.ts";

/** What service managers wait for, by deploy/valvomo.service and fly.toml. */
const STOP_MS = 20_000;

it("SIGTERM while Telegram takes ten seconds a call ends within its time, and the next run repeats neither cards nor answers", async () => {
  const broker = await startBroker();
  onTestFinished(() => broker.stop());
  const { world, link } = await openProxiedWorld(broker.url);
  const { telegram, app } = world;
  await world.start();
  const said = (chatId: number, text: string) =>
    telegram.messages(chatId).filter((message) => message.from === "bot" && message.text.includes(text));

  telegram.say({ chatId: GROUP, userId: ADMIN, text: "/status" });
  await telegram.waitFor(() => said(GROUP, "Valvomo: ").length === 1, 10_000);
  // Its own call is answered, too.
  await setTimeout(1_000);
  link.hold("toClient");
  const heldAt = Date.now();
  for (let i = 0; i < 3; i++) await world.warn({ id: `w${i}`, message: `Machine ${i}.`, severity: "error" });
  // Telegram has it, and nobody here knows.
  await telegram.waitFor(() => [ADMIN, GROUP].every((chatId) => said(chatId, "Machine ").length === 1), 10_000);

  const begunAt = Date.now();
  const stopped = app.stop();
  await setTimeout(heldAt + 10_000 - Date.now());
  link.restore();
  expect(await stopped).toBe(0);
  expect(Date.now() - begunAt).toBeLessThanOrEqual(STOP_MS);
  expect(app.log.map(({ msg }) => msg)).not.toContain("stopping anyway");

  await world.start();
  await telegram.waitFor(() => [ADMIN, GROUP].every((chatId) => said(chatId, "Machine ").length === 3), 10_000);
  await world.warn({ id: "last", message: "Machine last.", severity: "error" });
  await telegram.waitFor(() => [ADMIN, GROUP].every((chatId) => said(chatId, "Machine last.").length === 1), 10_000);
  for (const chatId of [ADMIN, GROUP])
    for (let i = 0; i < 3; i++) expect(said(chatId, `Machine ${i}.`)).toHaveLength(1);
  expect(said(GROUP, "Valvomo: ")).toHaveLength(1);
}, 60_000);
