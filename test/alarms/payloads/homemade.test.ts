import { describe, expect, it } from "vitest";
import { decode } from "../../../src/alarms/payloads/decode.ts";
import { eventOf, NOW, TOPIC } from "../../support/alarms.ts";

describe("a warning that somebody made at home", () => {
  it.each<[object, object]>([
    [
      { msg: "Pump stopped", machine: "pump 7", level: "critical" },
      { message: "Pump stopped", source: "pump 7", severity: "critical", remark: null },
    ],
    [
      { description: "Pump stopped", device: "pump 7", priority: "high" },
      { message: "Pump stopped", source: "pump 7", severity: "error", remark: null },
    ],
    [
      { msg: "x", priority: "P1" },
      { severity: "critical", remark: null },
    ],
    [
      { msg: "x", priority: "normal" },
      { severity: "warning", state: null, remark: null },
    ],
    [
      { level: "critical", data: { msg: "x" } },
      { severity: "critical", remark: null },
    ],
    [{ type: "info", data: { msg: "x" } }, { severity: "warning" }],
    [{ id: "oil", message: "Oil is fine", level: "OK" }, { state: "cleared" }],
  ])("%j says what it plainly means", (payload, read) => expect(eventOf(payload)).toMatchObject(read));

  it.each<[object, string]>([
    [{ msg: "x", level: 2 }, "Level “2” is not known, so it counts as error."],
    [{ msg: "x", level: 60 }, "Level “60” is not known, so it counts as error."],
    [{ msg: "x", level: "red" }, "Level “red” is not known, so it counts as error."],
    [{ msg: "x", priority: 1 }, "Priority “1” is not known, so it counts as error."],
    [{ priority: 5, device: "pump 7" }, "Priority “5” is not known, so it counts as error."],
    [{ priority: 5, data: { msg: "x" } }, "Priority “5” is not known, so it counts as error."],
    [{ msg: "x", severity: "Sev9", level: "info" }, "Severity “Sev9” is not known, so it counts as error."],
    [{ msg: "x", lvl: 3 }, "Not understood: lvl (level would be)."],
    [{ msg: "x", Prio: "A" }, "Not understood: prio (priority would be)."],
    [{ msg: "x", severty: "dreadful" }, "Not understood: severty (severity would be)."],
  ])("%j is no less than an error, and says what is not understood", (payload, remark) => {
    expect(eventOf(payload)).toMatchObject({ severity: "error", remark });
  });

  it("is as bad as the word under a name that is not read, and never milder than a warning", () => {
    const severities = ["critical", "warning", "info"].map((lvl) => eventOf({ msg: "x", lvl }).severity);
    expect(severities).toEqual(["critical", "warning", "warning"]);
  });

  it("names all that is not understood in one line, with the names that would be", () => {
    expect(eventOf({ msg: "x", lvl: 3, dev: "pump 7" }).remark).toBe(
      "Not understood: lvl (level would be), dev (device would be).",
    );
    expect(eventOf({ desc: "Pump stopped" }).remark).toBe("Not understood: desc (description would be).");
    expect(eventOf({ msg: "x", severity: "error", device: "pump 7", lvl: 3, dev: "p7", desc: "y" }).remark).toBeNull();
  });

  it("has numbers where the site says what they mean", () => {
    const payload = Buffer.from('{"msg":"x","level":2}');
    const [event] = decode(
      { topic: TOPIC, payload, isRetained: false, receivedAt: NOW },
      { severities: new Map([["2", "critical"]]) },
    );
    expect(event).toMatchObject({ severity: "critical", remark: null });
  });
});

describe("a line of a log", () => {
  it.each<[object, string]>([
    [{ MESSAGE: "Started", PRIORITY: "6", SYSLOG_IDENTIFIER: "systemd" }, "info"],
    [{ MESSAGE: "Disk full", PRIORITY: "2", SYSLOG_IDENTIFIER: "kernel" }, "critical"],
    [{ level: 60, time: NOW, pid: 1, hostname: "plc", msg: "Gone" }, "critical"],
    [{ level: 30, time: NOW, pid: 1, hostname: "plc", msg: "Ready" }, "info"],
    [{ level: "info", message: "MQTT publish", namespace: "z2m:mqtt" }, "info"],
  ])("%j has the numbers of its kind", (payload, severity) => {
    expect(eventOf(payload)).toMatchObject({ severity, remark: null });
  });
});

describe("what devices send of themselves", () => {
  it.each([
    { Time: "2026-11-22T14:03:07", ENERGY: { Total: 3.1, Power: 12, Factor: 0.9 } },
    {
      Time: "2026-11-22T14:03:07",
      Uptime: "0T01:00:10",
      Vcc: 3.2,
      Heap: 27,
      Sleep: 50,
      Wifi: { AP: 1, RSSI: 66, Signal: -67 },
    },
    { ZbReceived: { "0x8F20": { Device: "0x8F20", Power: 1, LinkQuality: 120 } } },
    { id: 0, source: "init", output: false, apower: 0, voltage: 231.2, temperature: { tC: 41.2, tF: 106.2 } },
    {
      src: "shellyplus1-a8",
      dst: "plant/events",
      method: "NotifyStatus",
      params: { ts: 1.7e9, "switch:0": { id: 0, output: true } },
    },
    {
      battery: 87,
      linkquality: 120,
      voltage: 3000,
      level: 254,
      action: "brightness_move_up",
      device: { friendlyName: "knob" },
    },
    { temperature: 21.4, humidity: 40, pressure: 1003, uptime: 17, mac: "a8:03:2a", dev: "esp-7" },
    { level: 87.5, unit: "%", tank: 3 },
    { level: "low", device: "tank 3" },
    { name: "Coil", device_class: "temperature", dev: { ids: ["a"] }, stat_t: "plant/coil" },
    { Values: { nTemp: 21.4, bOk: true }, ForceUpdate: false, Timestamp: "2026-11-22T14:03:07.123" },
    { _msgid: "a1b2", topic: "pump", payload: 12.5, qos: 0, retain: false },
    { devices: 3, levels: 4, messages: 12, sources: 2 },
  ])("%j is a warning of what it says, and nothing of it is not understood", (payload) => {
    expect(eventOf(payload)).toMatchObject({ severity: "warning", remark: null });
  });
});
