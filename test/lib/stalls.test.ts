import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { createStalls, type Stalls } from "../../src/lib/stalls.ts";
import { collectingLog } from "../support/log.ts";

let said: () => object[];
let stalls: Stalls;
beforeEach(() => {
  const { log, lines } = collectingLog();
  said = () => lines().map((line) => ({ ...line, time: "" }));
  stalls = createStalls(log);
});
const held = (all: Readonly<Record<string, number>>) => new Map(Object.entries(all));
function pass(seconds: number): void {
  for (let i = 0; i < seconds; i++) stalls.note(3, held({}));
}

describe("a second in which the main thread stood still", () => {
  it("is told with the handler that took at least half of it, the innermost of several", () => {
    stalls.note(214.4, held({ "the outer one": 206, "the inner one": 205, "a quick one": 20 }));
    expect(said()).toEqual([
      {
        level: 40,
        time: "",
        ms: 214,
        by: "the inner one",
        times: 1,
        msg: "the main thread was held up by one handler",
      },
    ]);
  });

  it("is told with all that was under way, the longest first, where none took half of it", () => {
    stalls.note(214, held({ "/plot": 0, "messages of the plant": 90 }));
    expect(said()).toEqual([
      {
        level: 40,
        time: "",
        ms: 214,
        underWay: ["messages of the plant", "/plot"],
        times: 1,
        msg: "the main thread stood still",
      },
    ]);
  });

  it("is not told below 100 ms", () => {
    stalls.note(99, held({ a: 99 }));
    stalls.end();
    expect(said()).toEqual([]);
  });

  it("is told at once, and what follows once a minute by its worst, with how often", () => {
    stalls.note(120, held({ a: 120 }));
    stalls.note(300, held({ b: 300 }));
    stalls.note(150, held({ c: 150 }));
    pass(57);
    expect(said()).toHaveLength(1);
    pass(1);
    expect(said().slice(1)).toMatchObject([{ ms: 300, by: "b", times: 2 }]);
    pass(600);
    expect(said()).toHaveLength(2);
  });

  it("is told at the end of the program, if it was not", () => {
    stalls.note(120, held({ a: 120 }));
    stalls.note(130, held({ b: 130 }));
    stalls.end();
    stalls.end();
    expect(said()).toMatchObject([{ by: "a" }, { by: "b" }]);
  });
});

it("docs/monitoring.md shows both lines as they are", () => {
  stalls.note(214, held({ "a commit to the disk": 200 }));
  stalls.note(131, held({ "/plot": 0, "messages of the plant": 0 }));
  stalls.note(120, held({}));
  stalls.note(110, held({}));
  stalls.end();
  const page = readFileSync(join(import.meta.dirname, "../../docs/monitoring.md"), "utf8");
  const shown = /```json stall\n([^`]+)\n```/.exec(page)?.[1]?.split("\n") ?? [];
  expect(shown.map((line) => ({ ...(JSON.parse(line) as object), time: "" }))).toEqual(said());
});
