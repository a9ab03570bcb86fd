import { describe, expect, it } from "vitest";
import { destinationsOf, type Route } from "../../../src/alarms/cards/route.ts";
import type { Destination } from "../../../src/alarms/types.ts";

const chat = (chatId: number, threadId: number | null = null): Destination => ({
  chatId,
  threadId,
  name: `c${chatId}`,
});
const route = (to: readonly Destination[], more: Partial<Route> = {}): Route => ({
  severity: "info",
  sources: [],
  topics: [],
  to,
  ...more,
});
const alarm = { peakSeverity: "error", source: "AMB coil 1", topic: "lut/AMB/warnings" } as const;

describe("destinationsOf", () => {
  it.each<[string, Partial<Route>, boolean]>([
    ["nothing asked", {}, true],
    ["a lower severity", { severity: "warning" }, true],
    ["its severity", { severity: "error" }, true],
    ["a higher severity", { severity: "critical" }, false],
    ["its source", { sources: ["Pump", "amb *"] }, true],
    ["another source", { sources: ["Pump*"] }, false],
    ["its topic", { topics: ["x", "lut/#"] }, true],
    ["another topic", { topics: ["lut/+"] }, false],
    ["its source, but another topic", { sources: ["AMB*"], topics: ["x"] }, false],
  ])("%s", (_, more, isTaken) => {
    expect(destinationsOf(alarm, [route([chat(1)], more)])).toEqual(isTaken ? [chat(1)] : []);
  });

  it("names nobody without routes", () => expect(destinationsOf(alarm, [])).toEqual([]));

  it("names a chat once, in the thread of the first route that takes the alarm", () => {
    const routes = [
      route([chat(9)], { severity: "critical" }),
      route([chat(1, 7), chat(2)]),
      route([chat(3), chat(1), chat(9, 4)]),
    ];
    expect(destinationsOf(alarm, routes)).toEqual([chat(1, 7), chat(2), chat(3), chat(9, 4)]);
  });

  it("takes a source that is not known as an empty one", () => {
    const taken = (glob: string) => destinationsOf({ ...alarm, source: null }, [route([chat(1)], { sources: [glob] })]);
    expect(["*", "", "a*"].map((glob) => taken(glob).length)).toEqual([1, 1, 0]);
  });
});
