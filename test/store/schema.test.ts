import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { FIRST, HANDLING } from "../../src/store/schema-first.ts";
import { FINDING, FORGETTING, NEWEST } from "../../src/store/schema-newest.ts";
import { FEEDS, NUMBERS, PEOPLE } from "../../src/store/schema-people.ts";

it("a step that databases went through is never changed: what a change needs is a step of its own", () => {
  const steps = [FIRST, HANDLING, FEEDS, PEOPLE, NUMBERS, NEWEST, FORGETTING, FINDING];
  const hashOf = (step: readonly string[]): string =>
    createHash("sha256").update(step.join(";")).digest("hex").slice(0, 12);
  expect(steps.map(hashOf)).toEqual([
    "e99cb00c5063",
    "87446eb19583",
    "dec0836c0df2",
    "5cf4df419b77",
    "d8b141c302c3",
    "995e7315efc0",
    "2a9e4d15fb68",
    "bba182a34547",
  ]);
});
