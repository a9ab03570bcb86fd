import { describe, expect, it } from "vitest";
import { createFormerClock } from "../../../src/lib/time/former-clock.ts";
import { clampToNow } from "../../../src/alarms/lifecycle/clamp-to-now.ts";
import type { ToldEvent } from "../../../src/alarms/event.ts";
import type { Alarm } from "../../../src/alarms/types.ts";
import { advance } from "../../../src/alarms/lifecycle/lifecycle.ts";
import { eventOf, NOW } from "../../support/alarms.ts";
import { RULES } from "../../support/rules.ts";

const HOUR = 3_600_000;
const SHELF = { by: "Anna", userId: 1, severity: "error", reason: null, isAnnounced: false } as const;
const raised = (at: number): Alarm => advance(null, eventOf({ id: "a", message: "Hot" }, { at }), 1, RULES);

const TOLD = (at: number): ToldEvent => ({
  alarmKey: "key",
  topic: "t",
  receivedAt: at,
  occurredAt: null,
  message: "Hot",
  severity: "error",
  source: null,
  state: "active",
  id: "a",
  name: null,
  remark: null,
  value: null,
  unit: null,
  limit: null,
  field: null,
});

/** Every instant that an alarm can have, at `at`. */
function stamped(at: number): Alarm {
  const alarm = raised(at);
  return {
    ...alarm,
    clearedAt: at,
    acknowledgedAt: at,
    toldAt: at,
    heardAt: at,
    secondPathAt: at,
    handling: {
      ...alarm.handling,
      steppedAt: at,
      owner: { userId: 1, chatId: 1, remindedAt: at },
      shelf: { ...SHELF, at, untilAt: at + HOUR },
      formerEndAt: at,
      late: { state: "active", severity: "error", at: NOW, receivedAt: at },
      closing: { by: "Anna", userId: 1, at, reason: null },
      reopening: { by: "Anna", userId: 1, at },
      starts: [at],
      chatter: { since: at, count: 3, lastAt: at, clearedAt: at, endedAt: at },
      heldBack: { by: "delay", event: TOLD(at), startedAt: at, receivedAt: at, peakSeverity: "error", count: 1 },
      heldEnd: { at: NOW, receivedAt: at },
      untold: { brief: 1, within: 0, hovering: 0, since: at, lastAt: at },
    },
  };
}

/** Nobody knows how far it was ahead. */
const UNKNOWN = createFormerClock(() => NOW);

describe("an alarm noted by a clock that was ahead", () => {
  it("is of when that clock was ours, in each of its instants, where it is known how far it was ahead", () => {
    const formerClock = createFormerClock(() => NOW, { aheadMs: 9_000 * HOUR, since: NOW });
    expect(clampToNow(stamped(NOW + 8_999 * HOUR), NOW, formerClock)).toEqual(stamped(NOW - HOUR));
    expect(clampToNow(stamped(NOW + 9_001 * HOUR), NOW, formerClock)).toEqual(stamped(NOW));
  });

  it("is as if it had been noted now, in each of its instants, where it is not", () => {
    expect(clampToNow(stamped(NOW + 9_000 * HOUR), NOW, UNKNOWN)).toEqual(stamped(NOW));
  });

  it("is itself if nothing lies ahead", () => {
    const alarm = stamped(NOW - HOUR);
    expect(clampToNow(alarm, NOW, UNKNOWN)).toBe(alarm);
  });

  it("is put aside for no longer, and until it clears if that was wanted", () => {
    const alarm = stamped(NOW);
    const shelf = { ...SHELF, at: NOW + HOUR, untilAt: null };
    const after = clampToNow({ ...alarm, handling: { ...alarm.handling, shelf } }, NOW, UNKNOWN);
    expect(after.handling.shelf).toEqual({ ...shelf, at: NOW });
  });

  it("keeps what the plant's own clock says, which may be ahead", () => {
    const alarm = { ...raised(NOW), startedAt: NOW + HOUR, lastAt: NOW + HOUR };
    expect(clampToNow(alarm, NOW, UNKNOWN)).toBe(alarm);
  });
});
