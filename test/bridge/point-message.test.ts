import { describe, expect, it } from "vitest";
import { readPoint, shownTopic } from "../../src/bridge/point-message.ts";

const TOPIC = "remote/thingspeak/266256/publish";
const cells = (given: Record<number, string>) => Array.from({ length: 12 }, (_, i) => given[i] ?? "");

describe("a point message", () => {
  it("is one field, or many, with an old key or without one", () => {
    for (const end of ["", "/7ZKGQP2HCLMD9E3T"]) {
      expect(readPoint(`${TOPIC}/fields/field4${end}`, "1.5388")).toEqual({
        value: {
          channelId: 266_256,
          cells: cells({ 3: "1.5388" }),
          createdAt: null,
        },
      });
      expect(readPoint(`${TOPIC}${end}`, "field1=100&field2=50")).toEqual({
        value: {
          channelId: 266_256,
          cells: cells({ 0: "100", 1: "50" }),
          createdAt: null,
        },
      });
    }
  });

  it("may say when, where and how it is", () => {
    const text = "field1=-3e2&lat=61.06&long=28.09&elevation=105&status=on+line&created_at=2026-11-26T05:00:00+02:00";
    expect(readPoint(TOPIC, text)).toEqual({
      value: {
        channelId: 266_256,
        cells: cells({ 0: "-3e2", 8: "61.06", 9: "28.09", 10: "105", 11: "on+line" }),
        createdAt: Date.UTC(2026, 10, 26, 3),
      },
    });
  });

  it.each([
    [`${TOPIC}/fields/field9`, "1", "there is no field9: 1 to 8"],
    [`${TOPIC}/fields/field1`, "on", "field1 is not a number: “on”"],
    [`${TOPIC}/fields/field1`, "", "it has no value"],
    [TOPIC, "field1=1&temp=2", "“temp” is not a field: field1 to field8, status, lat, long, elevation"],
    [TOPIC, "field1=1&created_at=soon", "created_at is not a date: “soon”"],
    [TOPIC, "82.1", "“82.1” is not a field"],
    ["remote/thingspeak/x/publish", "field1=1", "the topic names no channel"],
    [`${TOPIC}/fields/field1/KEY/more`, "1", "the topic names no channel"],
  ])("%s with “%s” is refused: %s", (topic, text, problem) => {
    expect(readPoint(topic, text)).toEqual({ problem: expect.stringContaining(problem) as string });
  });

  it("is shown without what may be a key", () => {
    expect(shownTopic(`${TOPIC}/7ZKGQP2HCLMD9E3T`)).toBe(TOPIC);
    expect(shownTopic(`${TOPIC}/fields/field4/7ZKGQP2HCLMD9E3T`)).toBe(`${TOPIC}/fields/field4`);
    expect(shownTopic("bulkWrite/5")).toBe("bulkWrite/5");
  });
});
