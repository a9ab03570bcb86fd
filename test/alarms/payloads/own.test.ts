import { describe, expect, it } from "vitest";
import { dueAt, elapse, nextStep } from "../../../src/alarms/lifecycle/elapse.ts";
import { NO_ESCALATION, type AlarmRules } from "../../../src/alarms/lifecycle/escalation-plan.ts";
import { shelve } from "../../../src/alarms/lifecycle/handling.ts";
import { advance } from "../../../src/alarms/lifecycle/lifecycle.ts";
import { isInScope, ownEvent } from "../../../src/alarms/payloads/own.ts";
import type { Alarm } from "../../../src/alarms/types.ts";
import { NOW } from "../../support/alarms.ts";
import { chatOf, RULES } from "../../support/rules.ts";

const MINUTE = 60_000;
const BORIS = { userId: 12, name: "Boris", chatId: 12 };
/** Nobody acknowledges it, so hall 7 is told. */
const PASSED_ON: AlarmRules = {
  ...RULES,
  escalations: {
    ...RULES.escalations,
    critical: {
      ...NO_ESCALATION,
      remindAfterMs: null,
      steps: [{ afterMs: 5 * MINUTE, to: chatOf(-7) }],
      ownerAfterMs: null,
    },
  },
};

const own = (isForAdmins: boolean): Alarm =>
  advance(
    null,
    ownEvent({ id: "guesses", message: "Guesses", severity: "critical", state: "active", isForAdmins }, NOW),
    1,
    RULES,
  );

describe("an alarm for admins alone", () => {
  it("is in the scope of their chats only, and any other in that of all", () => {
    expect([own(true), own(false)].map((alarm) => isInScope(alarm, "shared"))).toEqual([false, true]);
    expect([own(true), own(false)].map((alarm) => isInScope(alarm, "everything"))).toEqual([true, true]);
  });

  it.each([null, NOW + 4 * 60 * MINUTE])("cannot be shelved (until %s), as any other can", (untilAt) => {
    const until = { untilAt, reason: null };
    const [mine, shared] = [own(true), own(false)];
    expect(shelve(mine, BORIS, NOW, until)).toBe(mine);
    expect(shelve(shared, BORIS, NOW, until).handling.shelf).toMatchObject({ by: "Boris" });
  });

  it.each([null, NOW + 7 * 24 * 60 * MINUTE])(
    "rings at once if it lies on the shelf from before (until %s)",
    (untilAt) => {
      const shelf = {
        by: "Boris",
        userId: 12,
        at: NOW,
        severity: "error",
        untilAt,
        reason: null,
        isAnnounced: false,
      } as const;
      const alarm = { ...own(true), handling: { ...own(true).handling, shelf } };
      expect(dueAt(alarm, RULES)).toBe(NOW);
      expect(elapse(alarm, NOW, RULES)).toMatchObject({
        alarm: { handling: { shelf: null } },
        notification: { ring: "unshelved", ringsIn: null },
      });
    },
  );

  it("is passed on to nobody else, and says so", () => {
    expect(nextStep(own(false), PASSED_ON.escalations)?.to?.chatId).toBe(-7);
    expect(nextStep(own(true), PASSED_ON.escalations)).toEqual({ at: NOW + 5 * MINUTE, to: null });
    expect(elapse(own(true), NOW + 5 * MINUTE, PASSED_ON)?.notification).toMatchObject({
      ring: "reminder",
      ringsIn: null,
    });
  });
});
