import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode } from "../../src/alarms/payloads/decode.ts";
import { acknowledge } from "../../src/alarms/lifecycle/handling.ts";
import { advance } from "../../src/alarms/lifecycle/lifecycle.ts";
import { acknowledgementMessages } from "../../src/alarms/payloads/plant-answer.ts";
import type { AlarmEvent } from "../../src/alarms/event.ts";
import { MAX_PAYLOAD_BYTES, type PlantMessage } from "../../src/alarms/plant-message.ts";
import { SEVERITIES, type Alarm } from "../../src/alarms/types.ts";
import { parseHtml } from "../../src/demo/telegram/state/html.ts";
import { cardCaption, cardView, outdatedView, shortCardView } from "../../src/telegram/cards/card-view.ts";
import { ringView, followUpView } from "../../src/telegram/cards/ring-view.ts";
import { rejoined } from "../../src/telegram/api/unlinked.ts";
import { toPlain, type Html } from "../../src/telegram/api/render.ts";
import { NOW } from "../support/alarms.ts";
import { RULES } from "../support/rules.ts";
import { bytesOf, check, expectCleanPrototypes, inTime, jsonLike, repeated, text } from "./cases.ts";

const OURS = ["message", "text", "severity", "source", "state", "value", "unit", "limit", "field", "timestamp", "id"];
const TWINCAT = ["Message", "Timestamp", "Type", "Acknowledgement", "sent"];

const topic = fc.oneof(
  fc.constantFrom(
    "lut/AMBsystem/warnings",
    "p/AMB/TcIotCommunicator/Messages/7",
    "/TcIotCommunicator/Messages/255",
    "",
  ),
  text,
  text.map((device) => `${device}/TcIotCommunicator/Messages/1`),
);
const payload = fc.oneof(
  { weight: 3, arbitrary: bytesOf(jsonLike(OURS)) },
  { weight: 2, arbitrary: bytesOf(jsonLike(TWINCAT)) },
  { weight: 2, arbitrary: bytesOf(text) },
  fc.integer({ min: 0, max: MAX_PAYLOAD_BYTES }).map((size) => Buffer.alloc(size, "82.1 °C ")),
);
const message: fc.Arbitrary<PlantMessage> = fc.record(
  {
    topic,
    payload,
    isRetained: fc.boolean(),
    receivedAt: fc.integer({ min: 0, max: 4e12 }),
    cutFrom: fc.integer({ min: MAX_PAYLOAD_BYTES + 1, max: 2 ** 28 }),
  },
  { requiredKeys: ["topic", "payload", "isRetained", "receivedAt"] },
);

/** Line breaks and tabs are the only controls that are left, and nothing reorders what stands around. */
const UNSAFE = /(?![\n\t])\p{Cc}|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

function expectSafe(shown: string | null): void {
  if (shown === null) return;
  expect(shown.isWellFormed()).toBe(true);
  expect(shown).not.toMatch(UNSAFE);
}

/** As Telegram takes it: markup that it understands, and no longer than it may be once that is read. */
function expectShowable(view: Html, limit = 4_096): void {
  const { text: shown } = parseHtml(view.html);
  expect(shown.length).toBeLessThanOrEqual(limit);
  expect(shown.isWellFormed()).toBe(true);
  // Without markup, what stands as code is kept from being linked by signs that nobody sees.
  expect(rejoined(toPlain(view))).toBe(rejoined(shown));
}

describe("any message from the plant", () => {
  it("is an event whose parts are what they are said to be", () => {
    check(message, (given) => {
      const events = decode(given, { plcTimeZone: "Europe/Helsinki" });
      expect(decode(given, { plcTimeZone: "Europe/Helsinki" })).toEqual(events);
      expect(events.length).toBeLessThanOrEqual(101);
      for (const event of events) expectEvent(event, given);
    });
    expectCleanPrototypes();
  });

  function expectEvent(event: AlarmEvent, given: PlantMessage): void {
    expect(event.message.length).toBeGreaterThan(0);
    for (const shown of [event.message, event.source, event.unit, event.id, event.remark]) expectSafe(shown);
    expect(SEVERITIES).toContain(event.severity);
    expect([null, "active", "cleared", "unclear"]).toContain(event.state);
    for (const number of [event.value, event.limit]) if (number !== null) expect(number).toSatisfy(Number.isFinite);
    expect([null, 1, 2, 3, 4, 5, 6, 7, 8]).toContain(event.field);
    const at = event.occurredAt;
    if (at !== null) {
      expect(at).toSatisfy(Number.isInteger);
      expect(at).toBeLessThanOrEqual(given.receivedAt + 600_000);
    }
    expect(event.alarmKey).toMatch(/^[\w-]{43}$/);
    if (event.dedupeKey !== null) expect(event.dedupeKey).toMatch(/^(?:[\da-z]{8}-)?[\w-]{43}$/);
    // Nothing grows on the way: a thousandfold would be an attack on memory.
    expect(event.message.length).toBeLessThanOrEqual(given.payload.byteLength + 2_000);
  }

  it("is an alarm that every chat can be shown, whatever becomes of it", () => {
    const context = {
      timeZone: "Europe/Helsinki",
      now: NOW,
      next: null,
      orphaned: "unrouted" as const,
      lateAfterMs: 1,
    };
    check(fc.array(message, { minLength: 1, maxLength: 3 }), (messages) => {
      const by = { userId: 1, name: "<i>Aino", chatId: 1 };
      const [alarm] = messages
        .flatMap((given) => decode(given))
        .reduce<readonly Alarm[]>((before, event) => [advance(before[0] ?? null, event, 1, RULES)], [])
        .map((after) => acknowledge(after, by, NOW));
      if (!alarm) throw new Error("no alarm");
      for (const view of [cardView(alarm, context), shortCardView(alarm), outdatedView(alarm)]) expectShowable(view);
      expectShowable(cardCaption(alarm, context), 1_024);
      expectShowable(followUpView(alarm, "cleared", context));
      expectShowable(ringView(alarm, "owner", { timeZone: "UTC", now: NOW }) ?? shortCardView(alarm));
    });
  });

  it("can be acknowledged: what the plant is told of it is a message that a broker takes", () => {
    check(message, (given) => {
      const [event] = decode(given);
      const by = { userId: 1, name: "Aino", chatId: 1 };
      const answers = acknowledgementMessages(
        {
          alarm: { id: 1, topic: event.topic, message: event.message },
          by,
          at: NOW,
          isTakenBack: false,
          slotPayload: given.payload,
        },
        { suffix: "/ack" },
      );
      for (const answer of answers) {
        expect(answer.topic).not.toMatch(/[+#\0]|^\$/);
        expect(answer.topic.isWellFormed()).toBe(true);
        expect(Buffer.byteLength(answer.topic)).toBeLessThanOrEqual(65_535);
        expect(JSON.parse(answer.payload)).toBeTypeOf("object");
      }
    });
  });
});

describe("64 KiB of one pattern", () => {
  const LENGTH = MAX_PAYLOAD_BYTES;
  it.each([
    ["as a payload", (pattern: string) => ({ topic: "a", payload: Buffer.from(pattern).subarray(0, LENGTH) })],
    ["as a topic", (pattern: string) => ({ topic: pattern.slice(0, LENGTH), payload: Buffer.from("x") })],
    [
      "as the message of a slot",
      (pattern: string) => ({
        topic: `${pattern.slice(0, 1_000)}/TcIotCommunicator/Messages/1`,
        payload: Buffer.from(
          JSON.stringify({ Message: pattern.slice(0, LENGTH / 6), Timestamp: pattern.slice(0, 200) }),
        ),
      }),
    ],
    [
      "as the message of our JSON",
      (pattern: string) => ({
        topic: "a",
        payload: Buffer.from(JSON.stringify({ message: pattern.slice(0, LENGTH / 6), value: pattern.slice(0, 200) })),
      }),
    ],
  ])("%s is read in the time that its length needs", (_, make) => {
    check(repeated(LENGTH), (pattern) => {
      const given = { ...make(pattern), isRetained: false, receivedAt: NOW };
      inTime(() => decode(given));
    });
  });
});
