import { expect, it } from "vitest";
import { HOT, openScene } from "../support/scene.ts";
import { GROUP } from "../support/world.ts";

const PLANTS = `chats: { hall: ${GROUP} }
routes: [{ to: hall }]
alarms: [{ topic: "#", message: "coil *", delay: 1s }]
`;

it("an alarm that is over before its delay is told nobody but who asks; one that stays is", async () => {
  const s = await openScene({ plants: PLANTS });
  const brief = { ...HOT, id: "brief", message: "Coil flickers" };
  await s.warn(brief);
  await s.warn({ ...brief, state: "cleared" });
  await s.warn(HOT);
  expect((await s.see(GROUP, "Coil hot")).text).toContain("ERROR");
  const why = await s.ask(GROUP, "/why 1");
  expect(why.text).toContain("its rule in the plants file has kept it from coming");
  expect(why.text).toContain("1× it was over before its delay");
  expect(s.said(GROUP).filter(({ text }) => text.includes("Coil flickers"))).toEqual([]);
}, 20_000);
