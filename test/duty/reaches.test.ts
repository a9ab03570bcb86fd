import { assert, integer, property } from "fast-check";
import { expect, it } from "vitest";
import { advance } from "../../src/alarms/lifecycle/lifecycle.ts";
import { Recipients } from "../../src/dispatch/recipients.ts";
import { createRota } from "../../src/duty/rota.ts";
import { readingAt } from "../../src/lib/time/wall-clock.ts";
import { weekdayOf } from "../../src/lib/time/weekday.ts";
import { parsePlants } from "../../src/plants/parse-plants.ts";
import { eventOf } from "../support/alarms.ts";
import { RULES } from "../support/rules.ts";

const [ADMIN, ANNA, BEN] = [11, 21, 22];
const ZONE = "Europe/Helsinki";
const HOUR = 3_600_000;
const FILE = `
chats: { anna: ${ANNA}, ben: ${BEN} }
routes: [{ to: duty }]
duty:
  zone: ${ZONE}
  start: "2026-03-23"
  week:
    - { days: mon-sat, from: "06:00", to: "18:00", who: [anna, ben] }
    - { from: "18:00", to: "06:00", who: ben }
`;
const START = Date.UTC(2026, 2, 23);

/** Who it is, said by hand from the clock on the wall. Sunday's days are nobody's. */
function expectedAt(at: number): number {
  const reading = readingAt(at, ZONE);
  const hour = new Date(reading).getUTCHours();
  if (hour < 6 || hour >= 18) return BEN;
  if (weekdayOf(reading) === 7) return ADMIN;
  return Math.floor((reading - START) / (7 * 24 * HOUR)) % 2 === 0 ? ANNA : BEN;
}

it("an alarm reaches exactly who is on duty when it comes, and the admins while nobody is, on any minute of eight weeks", () => {
  let now = 0;
  const plants = parsePlants(FILE, "plants.yaml");
  const duty = createRota({
    plants,
    changes: () => [],
    calendar: () => null,
    timeZone: "UTC",
    isRemoved: () => false,
    now: () => now,
  });
  const recipients = new Recipients({
    alarmChatIds: () => [-7],
    adminIds: () => [ADMIN],
    isRemoved: () => false,
    routes: duty.routes,
    escalations: duty.escalations,
    rota: duty.people,
    drilled: () => null,
    currentId: (chatId) => chatId,
  });
  assert(
    // Both nights on which clocks change are among the weeks that are asked for.
    property(integer({ min: 0, max: 8 * 7 * 24 * 60 - 1 }), integer({ min: 0, max: 1 }), (minute, half) => {
      now = START + minute * 60_000 + half * 30 * 7 * 24 * HOUR;
      const event = eventOf({ id: "a", message: "Hot", severity: "error", state: "active" }, { at: now });
      const told = recipients.destinationsOf({ ...advance(null, event, 1, RULES), id: 1 });
      expect(told.map(({ chatId }) => chatId)).toEqual([expectedAt(now)]);
      expect(recipients.chatIds().toSorted((a, b) => a - b)).toEqual([-7, ADMIN, ANNA, BEN]);
    }),
    { numRuns: 300 },
  );
});
