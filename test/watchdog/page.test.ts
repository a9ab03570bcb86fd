import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { diagnose } from "../../src/watchdog/diagnose.ts";
import { bridge, field, fine, link, topic } from "./facts.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/silence.md"), "utf8");
const MINUTES_A_SIGN = 0.5;

/** The timelines that the page draws: what is found, and the rows, each a name and its signs. */
const timelines = [...page.matchAll(/```timeline ([^\n]+)\n([^]*?)```/g)].map(([, found = "", drawn = ""]) => {
  const rows = drawn
    .trim()
    .split("\n")
    .map((row) => /^(\w+)(?: (\w+))?\s+([•·▔▁]+)$/.exec(row) ?? []);
  return { found, rows: rows.map(([, kind = "", name = "", signs = ""]) => ({ kind, name, signs })) };
});

/** For how many minutes the last signs of a row have been the same. */
const minutesOf = (signs: string): number => (/(.)\1*$/.exec(signs)?.[0].length ?? 0) * MINUTES_A_SIGN;
/** How many minutes ago the newest message of a row came. */
const newestOf = (signs: string): number => (signs.endsWith("•") ? 0 : minutesOf(signs));

function factsOf(rows: (typeof timelines)[number]["rows"]) {
  const of = (kind: string) => rows.filter((row) => row.kind === kind);
  const isUp = (signs: string): boolean => signs.endsWith("▔");
  const fields = of("field").map(({ name, signs }) => field(Number(name), newestOf(signs)));
  const broker = of("broker")[0];
  return {
    ...fine,
    ...(broker && !isUp(broker.signs) ? { link: link("down", minutesOf(broker.signs)) } : {}),
    bridges: of("bridge").map(({ name, signs }) => bridge(name, isUp(signs), minutesOf(signs))),
    topics: of("topic").map(({ name, signs }) => topic(name, newestOf(signs))),
    ...(fields.length > 0 ? { fields } : {}),
  };
}

describe("the timelines of docs/silence.md", () => {
  it("are five", () => expect(timelines).toHaveLength(5));

  it.each(timelines)("have the cause that they name: $found", ({ found, rows }) => {
    expect(rows.filter(({ signs }) => signs.length !== 16)).toEqual([]);
    expect(diagnose(factsOf(rows)).troubles.map(({ id }) => id)).toEqual([`silence: ${found}`]);
  });
});
