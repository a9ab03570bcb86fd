import { describe, expect, it } from "vitest";
import type { Process, TakeOver } from "../../src/lease/types.ts";
import { processLines, takeOverMessage } from "../../src/lease/words.ts";

const NOW = Date.UTC(2026, 10, 26, 12);
const ME = { host: "b", pid: 8 };
const takeOver = (changes: Partial<TakeOver>): TakeOver => ({
  at: NOW,
  from: { host: "a", pid: 7 },
  heardAt: NOW - 3_100,
  isHandedOver: false,
  wasAlone: false,
  ...changes,
});
const one = (id: string, changes: Partial<Process> = {}): Process => ({
  id,
  host: id,
  pid: 7,
  version: "0.2.0",
  schema: 7,
  isActive: false,
  seenAt: NOW,
  isHeard: true,
  isReplaced: false,
  ...changes,
});

describe("what the admins are told of a take-over", () => {
  it("is who took over from whom, and why", () => {
    expect(takeOverMessage(ME, takeOver({}), "Europe/Helsinki")).toMatchObject({
      message: expect.stringMatching(
        /process 8 on b is active now, in the place of process 7 on a, which fell silent at .*13:59:56/,
      ),
      severity: "warning",
      isForAdmins: true,
    });
    expect(takeOverMessage(ME, takeOver({ isHandedOver: true }), "UTC")).toMatchObject({
      message: expect.stringContaining("which was stopped and handed over"),
      severity: "info",
    });
  });

  it.each([
    ["a first start", { from: null, heardAt: null }],
    ["a start anew of one that was alone", { wasAlone: true }],
    ["the same in a new container, which has a name of its own", { wasAlone: true, isHandedOver: true }],
  ])("is nothing at %s", (_, changes) => {
    expect(takeOverMessage(ME, takeOver(changes), "UTC")).toBeNull();
  });
});

describe("what /status says of the processes", () => {
  const lines = (...processes: readonly Process[]) =>
    processLines({ processes: () => processes, takenOver: () => takeOver({}) }, "UTC", NOW).map(
      ({ level, name, detail }) => `${level} ${name}: ${detail}`,
    );

  it("is who is active since when, who stands by, who cannot, who fell silent, and the last take-over", () => {
    const found = lines(
      one("me", { isActive: true }),
      one("former", { isActive: true }),
      one("ready"),
      one("old", { schema: 6 }),
      one("gone", { isHeard: false, seenAt: NOW - 60_000 }),
      one("replaced", { isHeard: false, isReplaced: true }),
    );
    expect(found).toEqual([
      expect.stringMatching(/^ok Active: process 7 on me, 0\.2\.0, since .*12:00/),
      "ok Standby: process 7 on ready, 0.2.0",
      expect.stringMatching(/^warning Standby: process 7 on old, .*cannot take over, as it is older than the database/),
      expect.stringMatching(/^warning Process: process 7 on gone, 0\.2\.0: silent since .*11:59/),
      expect.stringMatching(/^ok Last take-over: .*, from process 7 on a: silent for 3 s$/),
    ]);
  });

  it("is nothing where there can be but one", () => {
    expect(lines()).toEqual([]);
  });
});
