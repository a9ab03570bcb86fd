import { describe, expect, it } from "vitest";
import { decode } from "../../../src/alarms/payloads/decode.ts";
import { OWN_TOPIC } from "../../../src/alarms/payloads/own.ts";
import { acknowledgementMessages, isOwnAnswer } from "../../../src/alarms/payloads/plant-answer.ts";
import { NOW, TOPIC } from "../../support/alarms.ts";

const SLOT = "plants/AMB/TcIotCommunicator/Messages/7";
const OFF = { suffix: null };
const ON = { suffix: "/ack" };
const MAX_PAYLOAD_BYTES = 64 * 1024;
const wire = { Timestamp: "2026-11-23T00:00:00.123", Message: "Coil 82.1 °C", Type: "Error" };

const answers = (
  topic: string,
  settings: { suffix: string | null },
  slot: object | string | Uint8Array | null = null,
  name = "Åsa",
  isTakenBack = false,
) =>
  acknowledgementMessages(
    {
      isTakenBack,
      alarm: { id: 12, topic, message: "Coil 82.1 °C" },
      by: { userId: 5, name },
      at: NOW,
      slotPayload:
        slot === null || slot instanceof Uint8Array
          ? slot
          : Buffer.from(typeof slot === "string" ? slot : JSON.stringify(slot)),
    },
    settings,
  );

/** A message of so many bytes. */
function bigWire(bytes: number): string {
  const short = JSON.stringify({ ...wire, More: "" });
  return JSON.stringify({ ...wire, More: "x".repeat(bytes - Buffer.byteLength(short)) });
}

/** What is written back to the slot, as an object; `null` if nothing is. */
function writtenBack(slot: Parameters<typeof answers>[2], name?: string): unknown {
  const [answer, ...more] = answers(SLOT, OFF, slot, name);
  expect(more).toEqual([]);
  return answer ? JSON.parse(answer.payload) : null;
}

const decoded = (payload: string | Uint8Array) =>
  decode({ topic: SLOT, payload: Buffer.from(payload), isRetained: true, receivedAt: NOW })[0];

describe("an acknowledgement told to the plant", () => {
  it("goes to the alarm's topic with the suffix, and says which alarm, who and when", () => {
    expect(answers(TOPIC, ON)).toEqual([
      {
        topic: `${TOPIC}/ack`,
        payload: '{"alarm":12,"by":"Åsa","at":"2026-11-23T00:00:00.000Z","text":"Coil 82.1 °C"}',
        isRetained: false,
      },
    ]);
  });

  it("that was taken back is told the same way, is known for ours, and leaves the slot as the PLC wrote it", () => {
    const [told, ...more] = answers(TOPIC, ON, null, "Åsa", true);
    expect([told?.topic, more]).toEqual([`${TOPIC}/ack`, []]);
    expect(JSON.parse(told?.payload ?? "")).toMatchObject({ alarm: 12, by: "Åsa", takenBack: true });
    expect(isOwnAnswer({ topic: `${TOPIC}/ack`, payload: Buffer.from(told?.payload ?? "") }, ON)).toBe(true);
    expect(answers(SLOT, OFF, wire, "Åsa", true)).toEqual([
      { topic: SLOT, payload: JSON.stringify(wire), isRetained: true },
    ]);
    // What somebody acknowledged at the plant stays so.
    expect(answers(SLOT, OFF, { ...wire, sent: true, Acknowledgement: "On my way" }, "Åsa", true)).toEqual([]);
  });

  it("is not told if that is off, nor for our own troubles, nor on a topic that no broker takes", () => {
    expect(answers(TOPIC, OFF)).toEqual([]);
    expect(answers(OWN_TOPIC, ON)).toEqual([]);
    expect(answers("a/".repeat(200) + "a", ON)).toEqual([]);
    expect(answers("a/".repeat(199) + "a", ON)).toHaveLength(1);
    expect(answers("å".repeat(32_766), ON)).toEqual([]);
  });

  it.each(["x", "å", "🔥", '"', "\u2028"])("is known for ours however long the alarm's text is (%s)", (character) => {
    const alarm = { id: 12, topic: TOPIC, message: character.repeat(64_000) };
    const by = { userId: 5, name: "Å".repeat(40) };
    const [{ topic, payload } = { topic: "", payload: "" }] = acknowledgementMessages(
      { alarm, by, at: NOW, isTakenBack: false, slotPayload: null },
      ON,
    );
    expect(Array.from((JSON.parse(payload) as { text: string }).text)).toHaveLength(1_000);
    expect(Buffer.byteLength(payload)).toBeLessThan(MAX_PAYLOAD_BYTES);
    expect(isOwnAnswer({ topic, payload: Buffer.from(payload) }, ON)).toBe(true);
  });

  it("is known for ours when it comes back, so that it is no alarm", () => {
    const [{ payload } = { payload: "" }] = answers(TOPIC, ON);
    const isOwn = (topic: string, settings: Parameters<typeof isOwnAnswer>[1] = ON, text = payload) =>
      isOwnAnswer({ topic, payload: Buffer.from(text) }, settings);
    expect(isOwn(`${TOPIC}/ack`)).toBe(true);
    expect([isOwn(TOPIC), isOwn(`${TOPIC}/ack/pump`), isOwn(`${TOPIC}/ack`, OFF)]).toEqual([false, false, false]);
    // What a plant says there is a warning as any other.
    for (const warning of [
      "CRITICAL: no answer",
      '{"text":"Coil hot"}',
      '{"alarm":1,"by":"PLC","at":"now","text":"Hot"}',
      "",
    ]) {
      expect(isOwn(`${TOPIC}/ack`, ON, warning)).toBe(false);
    }
  });
});

describe("an acknowledgement written back to a slot", () => {
  it("is the slot's message as the phone app acknowledges it, retained, whatever the suffix", () => {
    const marked = { ...wire, sent: false, Acknowledgement: "Åsa" };
    expect(answers(SLOT, OFF, wire)).toEqual([{ topic: SLOT, payload: JSON.stringify(marked), isRetained: true }]);
    expect(answers(SLOT, ON, wire).map(({ topic }) => topic)).toEqual([`${SLOT}/ack`, SLOT]);
  });

  it("keeps all that the PLC wrote, and adds no Type where there was none", () => {
    const odd = { Message: "Hot", sent: true, Acknowledgement: "", More: { deep: [1, null] } };
    expect(writtenBack(odd)).toEqual({ ...odd, sent: false, Acknowledgement: "Åsa" });
    expect(writtenBack(`\uFEFF${JSON.stringify(wire)}`)).toEqual({ ...wire, sent: false, Acknowledgement: "Åsa" });
  });

  it.each([wire, { Message: "Untimed" }, { Message: 42, Timestamp: "now" }])(
    "is known again when it comes back: the same message, acknowledged (%j)",
    (content) => {
      const before = decoded(JSON.stringify(content));
      const [answer] = answers(SLOT, OFF, content);
      const after = decoded(answer?.payload ?? "");
      expect(before.slot?.acknowledgedBy).toBeNull();
      expect(after.slot).toEqual({ ...before.slot, acknowledgedBy: { userId: 0, name: "IoT Communicator: “Åsa”" } });
      expect(after.alarmKey).toBe(before.alarmKey);
    },
  );

  it("of a PLC's code page, in a buffer that is longer, is written in signs that every code page has", () => {
    const inBuffer = Buffer.concat([Buffer.from(JSON.stringify(wire), "latin1"), Buffer.alloc(300)]);
    const [answer] = answers(SLOT, OFF, inBuffer);
    expect(answer?.payload).toBe(
      '{"Timestamp":"2026-11-23T00:00:00.123","Message":"Coil 82.1 \\u00b0C","Type":"Error","sent":false,"Acknowledgement":"\\u00c5sa"}',
    );
    expect(decoded(answer?.payload ?? "").slot).toMatchObject({ messageKey: decoded(inBuffer).slot?.messageKey });
  });

  it.each([
    ["nothing that is still the alarm's", null],
    ["nothing", ""],
    ["an emptied slot", '""'],
    ["null", "null"],
    ["a list", "[1]"],
    ["plain text", "Hot"],
    ["an object without a Message", { Timestamp: wire.Timestamp }],
    ["a Message that is not text", { Message: { text: "Hot" } }],
    ["broken JSON", '{"Message":"Hot"'],
    ["what is in two bytes a character", Buffer.from(JSON.stringify(wire), "utf16le")],
    ["what is in another code page than Latin", Buffer.from('{"Message":"costs 5 \x80"}', "latin1")],
    ["more than is read", bigWire(MAX_PAYLOAD_BYTES + 1)],
    ["a message that becomes more than is read", bigWire(MAX_PAYLOAD_BYTES)],
    ["a message that somebody at the plant acknowledged", { ...wire, Acknowledgement: "Valve replaced" }],
  ])("is not written over %s", (_, slot) => {
    expect(writtenBack(slot)).toBeNull();
  });

  it("is not written by somebody whose name cannot be shown, since it would not be known again", () => {
    expect(writtenBack(wire, "\u202E")).toBeNull();
  });

  it("is not written on a topic that is no slot", () => {
    expect(answers(TOPIC, OFF, wire)).toEqual([]);
    expect(answers(SLOT.replace("/7", "/256"), OFF, wire)).toEqual([]);
  });
});
