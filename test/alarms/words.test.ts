import { describe, expect, it } from "vitest";
import { severityOf, severitySaid, worstOf } from "../../src/alarms/severity.ts";
import { presenceOfWord, stateOf, stateOfWord } from "../../src/alarms/state-word.ts";
import type { Severity } from "../../src/alarms/types.ts";

const none = new Map<string, Severity>();

describe("a severity", () => {
  it.each<[unknown, Severity | null]>([
    ["MAJOR", "error"],
    ["HIGH", "error"],
    ["Low", "warning"],
    ["minor", "warning"],
    ["emerg", "critical"],
    ["alert", "critical"],
    ["panic", "critical"],
    ["severe", "critical"],
    ["indeterminate", "error"],
    ["notice", "info"],
    [" Warnung ", "warning"],
    ["Störung", "error"],
    ["Hälytys", "error"],
    ["kritisk", "critical"],
    [0, "critical"],
    [3, "error"],
    ["4", "warning"],
    [6, "info"],
    [8, null],
    [500, null],
    ["Sev1", null],
    ["constructor", null],
    [true, null],
    [null, null],
    [{}, null],
    [["info", "critical"], "critical"],
  ])("said as %j is %s", (said, severity) => expect(severitySaid(said, none)).toBe(severity));

  it("is what the site says that its words mean", () => {
    const own = new Map<string, Severity>([
      ["sev1", "critical"],
      ["major", "critical"],
      ["500", "warning"],
    ]);
    expect(["SEV1", "major", 500, "warn"].map((said) => severitySaid(said, own))).toEqual([
      "critical",
      "critical",
      "warning",
      "warning",
    ]);
  });

  it("is not a number where people write it", () => expect(severityOf("3")).toBeNull());

  it("is the worst of several", () => {
    expect(worstOf(["info", null, "error", "warning"])).toBe("error");
    expect(worstOf([null])).toBeNull();
  });
});

describe("a state", () => {
  it.each([
    "CLEARED",
    "resolved",
    "ok",
    "Normal",
    "inactive",
    "RTN",
    "0",
    0,
    false,
    "CLEARED_UNACK",
    "Cleared Ack",
    "return to normal",
    "online",
    "OFF",
    "rtn-unack",
  ])("said as %j is over", (said) => expect(stateOf(said)).toBe("cleared"));
  it.each(["active", "ALARM", 1, "1", true, "ACTIVE_UNACK", "UNACK_ALM", "firing", "offline", "In alarm"])(
    "said as %j is active",
    (said) => expect(stateOf(said)).toBe("active"),
  );
  it.each(["maybe", "ACK", "latched", 2, -1, {}, [], "not ok", "ok cleared active"])(
    "said as %j is not known",
    (said) => expect(stateOf(said)).toBe("unclear"),
  );
  it.each([null, undefined, ""])("said as %j is not said", (said) => expect(stateOf(said)).toBeNull());

  it("is a whole text only where nothing else stands there", () => {
    expect(["OK", " Offline\n", "1", "Pump OK", "OK: pump 3", ""].map(stateOfWord)).toEqual([
      "cleared",
      "active",
      "active",
      null,
      null,
      null,
    ]);
  });

  it("of somebody who may be there or not is told in pairs of words", () => {
    expect(["online", "1", "Connected", "offline", "0", "LOST", "maybe", ""].map(presenceOfWord)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
      null,
      null,
    ]);
  });
});
