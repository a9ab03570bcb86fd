import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../../src/lib/errors.ts";
import { parsePlants } from "../../src/plants/parse-plants.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/plants-file.md"), "utf8");

/** The keys in the table below a heading. */
function keysBelow(heading: string): readonly string[] {
  const section = page.split(/\n## /).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  return [...section.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1] ?? "");
}

/** The keys that the parser names when it finds one that it does not know. */
function keysKnown(file: string): readonly string[] {
  try {
    parsePlants(file, "plants.yaml");
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const known = error.problems.map((problem) => /is not a key that I know; here I know (.*)\.$/.exec(problem)?.[1]);
    return known.find((names) => names !== undefined)?.split(", ") ?? [];
  }
  return [];
}

const sections: readonly (readonly [heading: string, file: string])[] = [
  ["The file", "nonsense: 1"],
  ["Each of `chats`", "chats: { hall: { nonsense: 1 } }"],
  ["Each of `routes`", "routes: [{ nonsense: 1 }]"],
  ["`escalation`", "escalation: { nonsense: 1 }"],
  ["Each entry of `escalation`", "escalation: { critical: { nonsense: 1 } }"],
  ["Each of `then`", "escalation: { critical: { then: [{ nonsense: 1 }] } }"],
  ["`duty`", "duty: { nonsense: 1 }"],
  ["Each of `week`", "duty: { week: [{ nonsense: 1 }] }"],
  ["Each of `alarms`", "alarms: [{ nonsense: 1 }]"],
  ["`chatter`", "alarms: [{ topic: a, chatter: { nonsense: 1 } }]"],
  ["Each of `heartbeats`", "heartbeats: [{ nonsense: 1 }]"],
  ["Each of `bridges`", "bridges: [{ nonsense: 1 }]"],
  ["Each of `devices`", "devices: [{ nonsense: 1 }]"],
  ["Each of `channels`", "channels: [{ nonsense: 1 }]"],
  ["`file`", "file: { nonsense: 1 }"],
  ["Each of `fields`", "fields: [{ nonsense: 1 }]"],
  ["Each of `limits`", "fields: [{ field: 1, limits: [{ nonsense: 1 }] }]"],
];

describe("the page of the plants file", () => {
  it.each(sections)("has every key that the parser knows, and no other: %s", (heading, file) => {
    const known = keysKnown(file);
    expect(known.length).toBeGreaterThan(1);
    expect(keysBelow(heading).toSorted()).toEqual(known.toSorted());
  });

  it("has no section that the parser does not have", () => {
    const headings = [...page.matchAll(/^## (.*)$/gm)].map((match) => match[1] ?? "");
    expect(headings).toEqual(sections.map(([heading]) => heading));
  });
});
