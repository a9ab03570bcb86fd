import * as fc from "fast-check";
import { expect, it } from "vitest";
import { daysLater, instantNear, readingAt } from "../../../src/lib/time/wall-clock.ts";

const [MINUTE, DAY] = [60_000, 86_400_000];

it("moves many instants as it would each one, also where clocks change by half an hour, or a day is left out", () => {
  const zones = [
    "Europe/Helsinki",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "UTC",
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.integer({ min: Date.UTC(2011, 0) / MINUTE, max: Date.UTC(2027, 0) / MINUTE }),
      fc.constantFrom(1, 7),
      (zone, minute, days) => {
        // Ten days in steps of 23 minutes.
        const times = Float64Array.from({ length: 626 }, (_, i) => (minute + i * 23) * MINUTE);
        const exactly = times.map((at) => instantNear(readingAt(at, zone) + days * DAY, zone));
        expect(daysLater(times, days, zone)).toEqual(exactly);
      },
    ),
    { numRuns: 60 },
  );
});
