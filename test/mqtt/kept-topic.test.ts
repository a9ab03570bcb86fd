import { describe, expect, it } from "vitest";
import { keptTopic } from "../../src/mqtt/kept-topic.ts";

describe("the topic under which a message is known", () => {
  it.each(["plant", "lut/AMBsystem/warnings/chatbot", `${"a".repeat(999)}b`])("is its own", (topic) => {
    expect(keptTopic(topic)).toBe(topic);
  });

  it.each([
    ["letters", "a"],
    ["signs of three bytes", "温"],
    ["signs of four bytes", "🌡"],
  ])("is bounded where it is long, and no other's: of %s", (_, sign) => {
    const [one, other] = [`plant/${sign.repeat(10_000)}/1`, `plant/${sign.repeat(10_000)}/2`];
    const beginning = `plant/${sign.repeat(100)}`;
    expect(keptTopic(one).slice(0, beginning.length)).toBe(beginning);
    expect(Buffer.byteLength(keptTopic(one))).toBeLessThanOrEqual(1_000);
    expect(keptTopic(one)).toBe(keptTopic(one));
    expect(keptTopic(one)).not.toBe(keptTopic(other));
    expect(keptTopic(keptTopic(one))).toBe(keptTopic(one));
  });
});
