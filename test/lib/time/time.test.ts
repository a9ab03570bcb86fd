import { expect, it } from "vitest";
import { formatAge, formatSecond } from "../../../src/lib/time/time.ts";

const NOW = Date.UTC(2026, 10, 23, 3);
const [HOUR, DAY] = [3_600_000, 86_400_000];

it("tells an age, and of what is months old the date, in the zone of who asks", () => {
  expect(formatAge(NOW - 90_000, "UTC", NOW)).toBe("1 min ago");
  expect(formatAge(NOW - 59 * DAY - HOUR, "UTC", NOW)).toBe("59 d 1 h ago");
  expect(formatAge(NOW - 5_381 * DAY + 20 * HOUR, "UTC", NOW)).toBe("on 2012-02-29");
  expect(formatAge(NOW - 5_381 * DAY + 20 * HOUR, "Europe/Helsinki", NOW)).toBe("on 2012-03-01");
});

it("writes an instant to the second", () => {
  expect(formatSecond(NOW + 7_000, "Europe/Helsinki")).toBe("2026-11-23 05:00:07");
});
