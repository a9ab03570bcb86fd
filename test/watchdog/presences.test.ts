import { describe, expect, it } from "vitest";
import { Presences } from "../../src/watchdog/presences.ts";

/** What a gateway's word, or a device's description, makes of it; and whether it was told as not understood. */
function take(payload: string | Uint8Array, topic = "gw/state"): { isUp: boolean | null; isUnread: boolean } {
  let isUnread = false;
  const presences = new Presences({
    bridges: [{ name: "gateway", topic: "gw/state" }],
    offline: [],
    linkSince: () => 0,
    isSet: () => false,
    now: () => 0,
    onUnread: () => (isUnread = true),
  });
  presences.take({ topic, payload: Buffer.from(payload as string), isRetained: false, receivedAt: 0 });
  const [presence] = topic === "gw/state" ? presences.bridges() : presences.devices();
  return { isUp: presence?.isUp ?? null, isUnread };
}

describe("a presence", () => {
  it.each([
    ["1", true],
    ["0\0", false],
    ["0\0\0\0\0", false],
    ["OFF", false],
    ["Online\r\n", true],
    ['"offline"', false],
    ["false", false],
    ['{"state":"offline"}', false],
    ["{'State': 'OFFLINE'}", false],
    ['{"online":false,"ts":1763900000}', false],
    ['{"connected":"0"}\0\0', false],
    ['{"status":"connected","value":1}', true],
    // Where it says both, the worse is believed.
    ['{"online":true,"state":"offline"}', false],
    [Buffer.from("offline", "utf16le"), false],
    [Buffer.from("\uFEFFoffline"), false],
  ])("is read from %j", (payload, isUp) => {
    expect(take(payload)).toEqual({ isUp, isUnread: false });
  });

  it.each([
    ["gone fishing"],
    ["constructor"],
    ['{"state":"rebooting"}'],
    ['{"state":'],
    [Buffer.from([0x1f, 0x8b, 8, 0])],
    ["x".repeat(70_000)],
  ])("that says nothing which is understood changes nothing, and is told", (payload) => {
    expect(take(payload)).toEqual({ isUp: null, isUnread: true });
  });

  it("that was taken back says nothing, and is no riddle", () => {
    expect(take("")).toEqual({ isUp: null, isUnread: false });
  });

  it.each([
    ['{"Online":false}', false],
    ['{"Timestamp":"2026-11-23T05:00:00","Online":true,"Icon":"x"}\0\0\0', true],
    ['{"Online":"false"}', false],
    ['{"online":0}', false],
  ])("of a device is what its description says, padded or not: %j", (payload, isUp) => {
    expect(take(payload, "plants/AMB/TcIotCommunicator/Desc")).toEqual({ isUp, isUnread: false });
  });
});
