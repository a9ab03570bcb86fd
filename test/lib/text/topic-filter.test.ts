import { describe, expect, it } from "vitest";
import { isTopicFilter, matchesFilter } from "../../../src/lib/text/topic-filter.ts";

describe("topic filters", () => {
  it.each([
    ["a/b", "a/b", true],
    ["a/b", "a/b/c", false],
    ["a/+", "a/b", true],
    ["a/+", "a", false],
    ["a/+/c", "a//c", true],
    ["a/#", "a", true],
    ["a/#", "a/b/c", true],
    ["#", "a/b", true],
    ["+/b", "/b", true],
    ["+", "/b", false],
    ["#", "$SYS/broker", false],
    ["$SYS/#", "$SYS/broker", true],
  ])("%s takes %s: %s (MQTT 3.1.1, 4.7)", (filter, topic, isTaken) => {
    expect(matchesFilter(filter, topic)).toBe(isTaken);
  });

  it.each(["", "a#", "#/a", "a+/b", "a\0b"])("%j is none", (filter) => expect(isTopicFilter(filter)).toBe(false));
});
