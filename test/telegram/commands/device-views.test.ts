import { describe, expect, it } from "vitest";
import { Devices } from "../../../src/devices/devices.ts";
import type { Device } from "../../../src/devices/types.ts";
import { INDENT, MAX_INDENTED } from "../../../src/telegram/cards/alarm-lines.ts";
import { devicesButtons, devicesView, liveButtons, liveView } from "../../../src/telegram/commands/device-views.ts";

const NOW = Date.UTC(2026, 10, 23, 3);
const MOMENT = { now: NOW, timeZone: "UTC" };
const ANYBODY = { userId: 7, username: null, isAdmin: false };
const UP = { isUp: true, since: NOW - 3_600_000 };

function deviceOf(data: object, desc: object = { Online: true }, name = "AMB", at = NOW): Device {
  const devices = new Devices({ onUnread: () => undefined });
  for (const [rest, content] of [
    ["Desc", desc],
    ["Json/Tx/Data", data],
  ] as const)
    devices.take({
      topic: `plants/${name}/TcIotCommunicator/${rest}`,
      payload: Buffer.from(JSON.stringify(content)),
      isRetained: false,
      receivedAt: at,
    });
  return devices.list()[0]!;
}

const live = (device: Device, page = 0, asker = ANYBODY) =>
  liveView({ device, presence: UP }, asker, { page, untilAt: null }, MOMENT).html;

describe("a device's card", () => {
  it("shows names, units, decimals and bounds, group by group", () => {
    const device = deviceOf({
      GroupName: "Line1",
      Values: { st: { fTemp: 61.54321, fHot: 130 }, bOn: true, s: "a<b>", nan: null },
      MetaData: {
        "st.fTemp": {
          "iot.DisplayName": "Pump temperature",
          "iot.Unit": "°C",
          "iot.MinValue": "0",
          "iot.MaxValue": "120",
          "iot.DecimalPrecision": "1",
        },
        "st.fHot": { "iot.MaxValue": "120" },
      },
    });
    expect(live(device).split("\n")).toEqual([
      "📟 <b>AMB</b> · 🟢 online since 02:00:00 UTC",
      "<b>Line1</b>",
      "Pump temperature: <b>61.5 °C</b> (0 to 120)",
      "⚠️ st.fHot: <b>130</b> (max 120)",
      "bOn: <b>on</b>",
      "s: <b>“a&lt;b&gt;”</b>",
      "nan: <b>no value</b>",
      "<i>Newest value 03:00:00 UTC</i>",
      "<i>Not kept up to date.</i>",
    ]);
  });

  it("shows a REAL without the digits that a double adds, and says how old an old value is", () => {
    const device = deviceOf({ Values: { f: 82.0999984741211 } }, { Online: true }, "AMB", NOW - 2 * 3_600_000);
    expect(live(device)).toContain("f: <b>82.1</b> (2 h ago)");
  });

  it("breaks what would be a command or a link", () => {
    const device = deviceOf({ Values: { "/close_1": 1, "x.example.com": 2 } }, { Online: true }, "evil.example.com");
    expect(live(device)).not.toMatch(/\/close_1|example\.com/);
  });

  it("shows nobody what is not for them", () => {
    const device = deviceOf({ Values: { open: 1, secret: 2 }, MetaData: { secret: { "iot.PermittedUsers": "anna" } } });
    expect(live(device)).not.toContain("secret");
    expect(live(device, 0, { ...ANYBODY, isAdmin: true })).toContain("secret");
  });

  it("of two hundred members is drawn in 30 ms, a page that fits into a message, with the way to the others", () => {
    const names = Array.from({ length: 200 }, (_, i) => `stMachine.stAxis${i}.${"f".repeat(150)}`);
    const device = deviceOf({
      Values: Object.fromEntries(names.map((name, i) => [name, i / 3])),
      MetaData: Object.fromEntries(
        names.map((name) => [name, { "iot.DisplayName": `<${"&".repeat(90)}`, "iot.Unit": "°C" }]),
      ),
    });
    const times = Array.from({ length: 20 }, (_, page) => {
      const startedAt = performance.now();
      const text = live(device, page);
      expect(text.length).toBeLessThan(4_096 * 2);
      return performance.now() - startedAt;
    });
    expect(times.toSorted((a, b) => a - b)[10]).toBeLessThan(30);
    const data = (page: number) => liveButtons(device, 200, page, false).flat();
    expect(data(0).map(({ text }) => text)).toEqual(["▶", "🔴 Live for an hour"]);
    expect(data(99).map(({ text }) => text)).toEqual(["◀", "🔴 Live for an hour"]);
    for (const button of data(5))
      expect(Buffer.byteLength("callback_data" in button ? button.callback_data : "")).toBeLessThan(64);
  });
});

describe("the list of devices", () => {
  it("tells who is there, and the newest values, in lines that a phone need not wrap", () => {
    const values = { a: 1, b: "w".repeat(40), "st.fSpeedOfTheRotorInTheHall": -123_456.25, d: 4, e: 5, f: 6 };
    const device = deviceOf({ Values: values }, { Online: true, Icon: "Fan" });
    const view = (isUp: boolean | null) =>
      devicesView([{ device, presence: { isUp, since: NOW - 60_000 } }], ANYBODY, 0, MOMENT).html.split("\n");
    expect(view(false)).toEqual([
      "<b>Devices</b>",
      "🌀 <b>AMB</b>",
      "     🔴 offline for 1 min",
      "     a 1",
      "     b “wwwwwwwwwwww…",
      "     st.fSpeedOfTheR… −123,456.3",
      "     +3 more",
    ]);
    expect(
      Math.max(
        ...view(false)
          .slice(2)
          .map(({ length }) => length),
      ),
    ).toBe(INDENT.length + MAX_INDENTED);
    expect(view(null)[2]).toBe("     ⚪ not heard from yet");
  });

  it("says what to look at where there is none", () => {
    expect(devicesView([], ANYBODY, 0, MOMENT).html).toContain("TWINCAT_MAIN_TOPICS");
  });

  it("has pages, and a button for each device", () => {
    const devices = Array.from({ length: 20 }, (_, i) => ({
      device: { ...deviceOf({ Values: { a: i } }, { Online: true }, `D${i}`), number: i + 1 },
      presence: UP,
    }));
    expect(devicesView(devices, ANYBODY, 2, MOMENT).html).toContain("3 of 3");
    const data = devicesButtons(devices, 2)
      .flat()
      .map((button) => ("callback_data" in button ? button.callback_data : ""));
    expect(data).toEqual(["device:17", "device:18", "device:19", "device:20", "devices:1"]);
  });
});
