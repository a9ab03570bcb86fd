import { describe, expect, it } from "vitest";
import { Devices } from "../../src/devices/devices.ts";
import type { Device, KeptDevices } from "../../src/devices/types.ts";

const ROOT = "plants/hall 6/Building 12.3/TcIotCommunicator/";

function setUp(kept?: KeptDevices) {
  const unread: string[] = [];
  const came: [string, unknown][] = [];
  const devices = new Devices({
    ...(kept && { kept }),
    onUnread: (topic) => unread.push(topic),
    onValue: (_, { path, value }) => came.push([path, value]),
  });
  let at = 1_000;
  const take = (rest: string, content: unknown, isRetained = false, root = ROOT) =>
    devices.take({
      topic: `${root}${rest}`,
      payload: Buffer.from(typeof content === "string" ? content : JSON.stringify(content)),
      isRetained,
      receivedAt: at++,
    });
  const data = (content: unknown, isRetained = false, root = ROOT) => take("Json/Tx/Data", content, isRetained, root);
  const values = () => Object.fromEntries(members().map(({ group, path, value }) => [`${group}:${path}`, value]));
  const members = (): Device["members"] => devices.get(ROOT)?.members ?? [];
  return { devices, unread, came, take, data, values, members };
}

const stamp = (second: number): string => `2026-02-19T08:46:${String(second).padStart(2, "0")}.000`;

describe("devices", () => {
  it("are found by their topics, whatever is in these", () => {
    const { devices, take } = setUp();
    take("Desc", { Online: true, Icon: "Fan", PermittedUsers: "*" });
    take("Desc", { Online: true }, false, "//D/TcIotCommunicator/");
    expect(devices.list().map(({ name, root, icon }) => [name, root, icon])).toEqual([
      ["Building 12.3", ROOT, "🌀"],
      ["D", "//D/TcIotCommunicator/", "📟"],
    ]);
  });

  it("merge what changed into what they know, and keep what is said of a member", () => {
    const { data, values, members } = setUp();
    data({ GroupName: "L", Values: { st: { a: 1, b: true } }, MetaData: { "st.a": { "iot.Unit": "°C" } } });
    data({ GroupName: "L", Values: { "st.a": 2 } });
    data({ GroupName: "L", Values: {}, MetaData: { "st.a": { "iot.MaxValue": "9" } } });
    expect(values()).toEqual({ "L:st.a": 2, "L:st.b": true });
    expect(members()[0]).toMatchObject({ unit: "°C", max: 9, value: 2, at: 1_001 });
  });

  it("know what is said of a member before its value comes", () => {
    const { data, members } = setUp();
    data({ Values: {}, MetaData: { a: { "iot.Unit": "V" } } });
    expect(members()).toEqual([]);
    data({ Values: { a: 5 } });
    expect(members()).toMatchObject([{ path: "a", unit: "V", value: 5 }]);
  });

  it("tell groups apart, and devices that share paths", () => {
    const { data, values, devices } = setUp();
    data({ GroupName: "A", Values: { x: 1 } });
    data({ GroupName: "B", Values: { x: 2 } });
    data({ GroupName: "A", Values: { x: 3 } }, false, "plants/other/TcIotCommunicator/");
    expect(values()).toEqual({ "A:x": 1, "B:x": 2 });
    expect(devices.list()).toHaveLength(2);
  });

  it("do not take back by what the broker kept what moved on since", () => {
    const { data, values, members, came } = setUp();
    data({ Timestamp: stamp(1), Values: { x: 1 } }, true);
    expect([values(), members()[0]?.at, came]).toEqual([{ ":x": 1 }, null, []]);
    data({ Timestamp: stamp(5), Values: { x: 5 } });
    data({ Timestamp: stamp(1), Values: { x: 1 } }, true);
    data({ Values: { x: 0 } }, true);
    expect(values()).toEqual({ ":x": 5 });
    // It went on while we were away.
    data({ Timestamp: stamp(9), Values: { x: 9 } }, true);
    expect([values(), came]).toEqual([{ ":x": 9 }, [["x", 5]]]);
  });

  it("are forgotten when nobody describes them any more", () => {
    const { take, data, devices } = setUp();
    take("Desc", { Online: true });
    data({ Values: { x: 1 } });
    take("Desc", "");
    expect([devices.list(), devices.kept().devices, devices.kept().lastNumber]).toEqual([[], [], 1]);
  });

  it("that left nothing but a last will are known from the last run, by the same number", () => {
    const first = setUp();
    first.take("Desc", { Online: true }, false, "a/b/TcIotCommunicator/");
    first.take("Desc", { Online: true, Icon: "Fan", PermittedUsers: "anna" });
    const next = setUp(first.devices.kept());
    expect(next.devices.list()).toEqual([]);
    next.take("Desc", { Online: false }, true);
    expect(next.devices.list()).toMatchObject([{ number: 2, icon: "🌀", permittedUsers: ["anna"] }]);
    expect(next.devices.numbered(2)?.root).toBe(ROOT);
  });

  it("permit nobody before they have said whom, and everybody when they say that they are there and no more", () => {
    const { data, take, devices } = setUp();
    data({ Values: { x: 1 } });
    expect(devices.get(ROOT)?.permittedUsers).toBeNull();
    take("Desc", { Online: false }, true);
    expect(devices.get(ROOT)?.permittedUsers).toBeNull();
    take("Desc", { Online: true });
    expect(devices.get(ROOT)?.permittedUsers).toEqual(["*"]);
  });

  it("tell of what cannot be read, and go on", () => {
    const { data, take, unread, values } = setUp();
    data("\u001f\u008b\u0008");
    data({ Values: [1] });
    take("Desc", "nonsense");
    take("Json/Tx/Other", "nonsense");
    data({ Values: { x: 1 } });
    expect([unread.length, values()]).toEqual([3, { ":x": 1 }]);
  });

  it("are bounded in number, groups and members, whoever sends them", () => {
    const { data, devices } = setUp();
    for (let i = 0; i < 1_100; i++) data({ Values: { x: i } }, false, `p/${i}/TcIotCommunicator/`);
    for (let i = 0; i < 120; i++) data({ GroupName: `g${i}`, Values: { x: 1 } }, false, "p/1/TcIotCommunicator/");
    expect([devices.list().length, devices.get("p/1/TcIotCommunicator/")?.members.length]).toEqual([1_000, 100]);
    const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`m${i}`, i]));
    for (let i = 0; i < 12; i++) data({ Values: many }, false, `p/${i}/TcIotCommunicator/`);
    const count = devices.list().reduce((sum, { members }) => sum + members.length, 0);
    expect([count, devices.left() > 0]).toEqual([20_000, true]);
  });
});
