import { expect, it } from "vitest";
import { HOT, openScene } from "../support/scene.ts";
import { until } from "../support/until.ts";
import { ADMIN, GROUP } from "../support/world.ts";

const DESC = "plants/AMB/TcIotCommunicator/Desc";
const PATIENCE_MS = 25_000;

const plants = (more: string): string => `chats: { hall: ${GROUP} }\nroutes: [{ to: hall }]\n${more}\n`;

it("an escalation that changes holds for alarms that are active, also if it changed while the program was down", async () => {
  const s = await openScene({ plants: plants("escalation: { error: { remind: 5h }, warning: { remind: off } }") });
  await s.warn(HOT);
  await s.warn({ ...HOT, id: "mild", message: "Mild", severity: "warning" });
  const card = await s.see(GROUP, "Coil hot");
  expect(card.text).toContain("⏭ Reminder at");
  expect((await s.see(GROUP, "Mild")).text).not.toContain("⏭");
  s.writePlants(plants("escalation: { error: { remind: 1s }, warning: { remind: off } }"));
  expect((await s.see(GROUP, "⏰ Nobody has acknowledged this", PATIENCE_MS)).text).toContain("Coil hot");
  await s.app.stop();
  s.writePlants(plants("escalation: { error: { remind: 1s }, warning: { remind: 2s } }"));
  await s.start();
  await s.telegram.waitFor(
    () => s.said(GROUP).some(({ text }) => text.includes("Mild") && text.includes("⏰ Nobody")),
    PATIENCE_MS,
  );
}, 60_000);

it("an alarm that its rule holds back comes when the rule is taken out, though the program died meanwhile", async () => {
  const s = await openScene({ plants: plants('alarms: [{ topic: "#", delay: 1h }]') });
  await s.warn(HOT);
  await s.app.kill();
  await s.start();
  expect((await s.ask(ADMIN, "/alarm 1")).text).toContain("HELD BACK");
  s.writePlants(plants(""));
  await s.see(GROUP, "Coil hot", PATIENCE_MS);
}, 60_000);

it("a heartbeat that is added is listened to and watched, and no more once it is taken out", async () => {
  const s = await openScene({ plants: plants("") });
  const status = async () => (await s.ask(ADMIN, "/status")).text;
  expect(await status()).not.toContain("Live values");
  s.writePlants(plants('heartbeats: [{ topic: "plants/+/TcIotCommunicator/Desc", every: 1h, name: "AMB" }]'));
  await until("the file is read", () => s.app.log.some(({ msg }) => msg === "the plants file was read again"));
  await until("it is listened to", async () => (await status()).includes("Live values: plants/+/"));
  await s.warn({ Online: true }, DESC);
  await s.warn({ Online: false }, DESC);
  const card = await s.see(ADMIN, "The device “AMB” is offline", PATIENCE_MS);
  s.writePlants(plants("heartbeats: []"));
  await s.seeIn(card, "✅ CLEARED", PATIENCE_MS);
  expect(await status()).not.toContain("Live values");
}, 60_000);

it("a wrong file is an alarm with its lines, which ends when a right one is there at the next start", async () => {
  const s = await openScene({ plants: plants("") });
  s.writePlants(plants("shifts: ['06:00', '25:00']\nheartbeat: []"));
  const card = await s.see(ADMIN, "stays in force", PATIENCE_MS);
  expect(card.text).toMatch(
    /plants\.\u2060?yaml line 3: shifts › 2: is not a time of day.*\n.*line 4: heartbeat: is not a key/,
  );
  await s.warn(HOT);
  await s.see(GROUP, "Coil hot");
  await s.app.stop();
  s.writePlants(plants("shifts: ['06:00']"));
  await s.start();
  await s.seeIn(card, "✅ CLEARED", PATIENCE_MS);
}, 60_000);
