import { describe, expect, it } from "vitest";
import { decode } from "../../src/alarms/payloads/decode.ts";
import { machineIn, originOfAlarm, tellingPart } from "../../src/alarms/origin.ts";

describe("where an alarm comes from", () => {
  it.each([
    ["pump-7: bearing 82.1 °C", "pump-7"],
    ["Pump 7: bearing hot", "Pump 7"],
    ["[P-101] seal leaks", "P-101"],
    ["AMB - rotor touches", "AMB"],
    ["M12/axis: following error", "M12/axis"],
    ["Temperature too high: 82 °C", null],
    ["Coil - hot", null],
    ["ERROR 17: drive tripped", null],
    ["Code 17: drive tripped", null],
    ["12:30: started", null],
    ["pump-7 hot", null],
    ["pump-7:", null],
  ])("begins with a machine or not: %s", (message, machine) => {
    expect(machineIn(message)).toBe(machine);
  });

  it.each([
    ["lut/AMBsystem/warnings/chatbot", "AMBsystem"],
    ["lut/AMBsystem/warnings/pump-7", "pump-7"],
    ["plant/pump/7/alarm", "pump/7"],
    ["hall6/Alarms/", "hall6"],
    ["tele/boiler/STATE", "boiler"],
    ["warnings/chatbot", null],
  ])("tells by its topic: %s", (topic, name) => {
    expect(tellingPart(topic)).toBe(name);
  });

  it("is what the plant says, else the machine in the text, else the site's name, else the topic's", () => {
    const handling = { label: "AMB rig" };
    const topic = "lut/AMBsystem/warnings/chatbot";
    const said = { source: "AMB 1", topic, message: "P-7: hot", handling };
    expect(originOfAlarm(said).name).toBe("AMB 1");
    expect(originOfAlarm({ ...said, source: null }).name).toBe("P-7");
    expect(originOfAlarm({ ...said, source: null, message: "hot" }).name).toBe("AMB rig");
    expect(originOfAlarm({ ...said, source: null, message: "hot", handling: { label: null } }).name).toBe("AMBsystem");
    expect(originOfAlarm({ source: null, topic: "data", message: "hot", handling: { label: null } })).toEqual({
      name: "data",
      isTopic: true,
    });
  });

  it("has the first name whose filter takes its topic, and is the same alarm with and without it", () => {
    const names = new Map([
      ["hall6/pump/#", "Feed pump"],
      ["hall6/#", "Hall 6"],
    ]);
    const message = { payload: Buffer.from("hot"), isRetained: false, receivedAt: 0 };
    const labelOf = (topic: string) => decode({ ...message, topic }, { names })[0].label;
    expect(["hall6/pump/1", "hall6/fan", "hall7/fan"].map(labelOf)).toEqual(["Feed pump", "Hall 6", undefined]);
    const [named, plain] = [{ names }, {}].map((options) => decode({ ...message, topic: "hall6/fan" }, options)[0]);
    expect(named?.alarmKey).toBe(plain?.alarmKey);
  });
});
