import { setTimeout as delay } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { createProof, type Proof } from "../support/proof.ts";
import { ADMIN } from "../support/world.ts";

let proof: Proof;
afterEach(() => proof.remove());

it("frozen for longer than any silence is borne: nobody is told that the plant is silent, and an alarm of that time is counted once", async () => {
  proof = await createProof({ settings: { MQTT_LIVE_TOPICS: "live/#" } });
  await proof.start();
  const said = (): string[] => proof.telegram.messages(ADMIN).map(({ text }) => text);
  const topics = ["live/a", "live/b", "live/c"];
  let isPlantOn = true;
  const plant = (async () => {
    while (isPlantOn) {
      await Promise.all(topics.map((topic) => proof.warn("1", topic)));
      await delay(2_000);
    }
  })();
  await delay(30_000);
  const pid = proof.app.pid ?? 0;
  process.kill(pid, "SIGSTOP");
  await delay(40_000);
  await proof.warn({ id: "hot", message: "Machine 1.", severity: "critical", state: "active" });
  await delay(45_000);
  process.kill(pid, "SIGCONT");
  await delay(40_000);
  isPlantOn = false;
  await plant;
  expect(said().filter((text) => /silent|Nothing comes|cannot be reached/.test(text))).toEqual([]);
  expect(proof.machines()).toEqual(["Machine 1"]);
  expect(said().find((text) => text.includes("Machine 1"))).not.toContain("2×");
  expect(proof.app.log.map(({ msg }) => msg)).toContainEqual(expect.stringMatching(/^did not run for a while/));
}, 240_000);
