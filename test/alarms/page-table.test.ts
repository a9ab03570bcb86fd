import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { AlarmEvent } from "../../src/alarms/event.ts";
import { eventOf } from "../support/alarms.ts";

const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "messages.md"), "utf8");
const table = /\n\| for example \| is \|[^\n]*\n[^\n]*\n((?:\|[^\n]*\n)+)/.exec(page)?.[1] ?? "";
const rows = table
  .trimEnd()
  .split("\n")
  .map((line) => /^\| `(.*)` \| (\w+) \| ([\w ]+) \| (.*) \|$/.exec(line)?.slice(1) ?? []) as [
  string,
  string,
  string,
  string,
][];

/** What an event says of a state, as the table has it. */
function stateWords({ isTopicEnd, severity, state }: AlarmEvent): string {
  if (isTopicEnd) return "the end of its topic";
  if (state !== null) return state;
  return severity === "info" ? "an event" : "says no state";
}

describe("the table of docs/messages.md", () => {
  it("has rows, all of which can be read", () => {
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.filter(({ length }) => length !== 4)).toEqual([]);
  });

  it.each(rows)("%s is %s, %s", (payload, severity, state, text) => {
    const event = eventOf(payload);
    expect([event.severity, stateWords(event), event.message]).toEqual([severity, state, text]);
  });
});
