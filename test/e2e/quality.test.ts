import { expect, it } from "vitest";
import { ADMIN, GROUP, OTHER } from "../support/world.ts";
import { HOT, labelsOf, openScene } from "../support/scene.ts";

it("the quality of alarms is a picture with a verdict, whose buttons show each page in place, and all of it as a file", async () => {
  const plants = "shifts: ['06:00'] # as agreed\n";
  const s = await openScene({ plants });
  await s.warn(HOT);
  const card = await s.see(ADMIN, "Coil hot");
  await s.press(card, "Acknowledge");
  await s.warn({ ...HOT, state: "cleared" });

  const shared = await s.see(GROUP, "Coil hot");
  expect(await s.press(shared, "Nothing to do", OTHER)).toBe(
    "Only the person who acknowledged it can say so, and only once.",
  );
  expect(await s.press(card, "Useful")).toBe("Thank you: it counts in /quality.");
  await s.telegram.waitFor(() =>
    s.said(ADMIN).find((one) => one.messageId === card.messageId && !labelsOf(one).includes("Useful")),
  );
  s.say(ADMIN, "/quality 7d");
  const picture = await s.see(ADMIN, "figures are within their targets");
  expect(picture.photo).not.toBeNull();
  expect(picture.caption).toMatch(/figures are within their targets; \d (is|are) beyond the limit/);
  expect(picture.caption).toContain("Of use, say those who acknowledged: 1 of 1 (100 %).");
  expect(labelsOf(picture)).toContain("Ten worst");

  await s.press(picture, "Ten worst");
  await s.seeIn(picture, "AMB 1: Coil hot");
  // What if there were a rule?
  await s.press(picture, "1");
  const whatIf = await s.seeIn(picture, "· What if");
  expect(whatIf.caption).toContain(
    "AMB 1: Coil hot: 1 ring, 1 true alarm\n· Delay of 10 s: 1 of 1 rings fewer; 1 true alarm missed",
  );
  expect(whatIf.caption).toContain("· Hysteresis, another limit: not offered, it tells no values");
  await s.press(picture, "Make a rule: delay of 10 s…");
  const question = await s.see(ADMIN, "Change plants.yaml?");
  expect(question.text).toContain(
    " shifts: …\n+\n+alarms:\n+  - topic: lut/AMBsystem/warnings/chatbot\n+    source: AMB 1\n+    message: Coil hot\n+    delay: 10s\n",
  );
  await s.press(question, "Yes");
  await s.seeIn(question, "In plants.yaml. It counts from now on.");
  expect(s.readPlants()).toBe(
    `${plants}\nalarms:\n  - topic: lut/AMBsystem/warnings/chatbot\n    source: AMB 1\n    message: Coil hot\n    delay: 10s\n`,
  );
  await s.press(question, "Take it back");
  await s.seeIn(question, "Taken back out of plants.yaml");
  expect(s.readPlants()).toBe(plants);
  expect((await s.ask(ADMIN, "/audit 1h")).text).toMatch(/button ruleyes .* → written: topic: lut/);
  await s.press(picture, "« Ten worst");

  await s.press(picture, "Definitions");
  const definitions = await s.seeIn(picture, "a flood begins above 10 alarms");
  expect(definitions.caption).toContain("high priority");
  for (const page of ["Load", "Floods", "Nuisance", "Priorities", "Shelved", "Response", "Delivery", "Verdict"]) {
    await s.press(picture, page);
    await s.seeIn(picture, `· ${page}`);
  }
  await s.press(picture, "CSV");
  const file = await s.telegram.waitFor(() => s.said(ADMIN).find(({ document }) => document !== null));
  expect(Buffer.from(file.document?.bytes ?? []).toString()).toContain("most frequent,AMB 1: Coil hot,count,1");
  expect(Buffer.from(file.document?.bytes ?? []).toString()).toContain(
    "what if,AMB 1: Coil hot,delay of 10 s: rings,0",
  );

  expect((await s.ask(ADMIN, "/quality 3h")).text).toContain("Ask for a day at least");
});
