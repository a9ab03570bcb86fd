import { beforeEach, describe, expect, it } from "vitest";
import { createLiveFields, type LiveField, type LiveFields } from "../../src/measurements/live-fields.ts";

const NOW = Date.UTC(2026, 10, 23, 3);
const FIELDS: readonly LiveField[] = [
  { field: 2, topic: "channels/9/publish/+", value: null },
  { field: 1, topic: "plant/coil", value: null },
  { field: 3, topic: null, value: null },
];

let fields = FIELDS;
let values: [number, number, number][] = [];
/** The topics of what could not be read. */
let unread: string[] = [];
let live: LiveFields;
beforeEach(() => {
  fields = FIELDS;
  values = [];
  unread = [];
  live = createLiveFields({
    fields: () => fields,
    onValue: (field, at, value) => void values.push([field, at - NOW, value]),
    onUnread: (topic) => void unread.push(topic),
  });
});

const send = (topic: string, text: string, receivedAt = NOW, isRetained = false): void =>
  live.take({ topic, payload: Buffer.from(text), isRetained, receivedAt });

describe("the values of fields", () => {
  it("come on the topics of the plants file as it is now", () => {
    expect(live.topics()).toEqual(["channels/9/publish/+", "plant/coil"]);
    fields = [];
    expect(live.topics()).toEqual([]);
    send("plant/coil", "1");
    expect(values).toEqual([]);
  });

  it("are those that came, at the time at which they came, and none that a broker kept", () => {
    send("plant/coil", "58.5");
    send("plant/coil", "word", NOW + 10_000);
    send("channels/9/publish/KEY", "field1=1&field2=70", NOW + 15_000);
    send("plant/other", "1", NOW + 15_000);
    send("plant/coil", "99", NOW + 20_000, true);
    expect(values).toEqual([
      [1, 0, 58.5],
      [2, 15_000, 70],
    ]);
  });

  it("that cannot be read are told by their topic, but not what is about another field, or about none", () => {
    fields = [
      { field: 1, topic: "plant/coil", value: null },
      { field: 2, topic: "plant/all", value: null },
      { field: 3, topic: "plant/all", value: "speed" },
    ];
    for (const text of ["20.1 °C", "ON", "NaN", ""]) send("plant/coil", text);
    for (const text of ["field2=5", '{"speed":"3000 rpm"}', '{"field2":null}']) send("plant/all", text);
    expect(unread).toEqual([]);
    send("plant/coil", "ERR");
    send("plant/all", '{"other":5}');
    send("plant/all", '{"field2":{"x":1}}');
    // Neither of what nobody recorded, nor of what the broker kept.
    send("elsewhere", "ERR");
    send("plant/coil", "ERR", NOW, true);
    expect(unread).toEqual(["plant/coil", "plant/all", "plant/all"]);
  });
});
