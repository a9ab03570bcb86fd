import { toIso, type SimulatedMessage } from "./message.ts";

/** What a TwinCAT program may say of a member (FACTS: B1); all values are texts on the wire. */
interface SimulatedAttributes {
  readonly displayName: string;
  readonly unit: string;
  readonly isReadOnly: boolean;
  readonly min: number;
  readonly max: number;
  readonly decimals: number;
}

/** A member with what is said of it; nested ones have dots. */
export interface SimulatedMember extends SimulatedAttributes {
  readonly path: string;
}

/** The kinds of `SendMessageEx`. */
type MessageType = "Info" | "Warning" | "Error" | "Critical";

/** The PLC sends whole buffers of this many bytes, what it does not need being NUL (FACTS: F4). */
const BUFFER_BYTES = 512;
/** So many messages a device keeps, then it takes the oldest slot again (FACTS: B1). */
const SLOTS = 255;

/** Messages of the TwinCAT IoT Communicator (FACTS: B2 to B5), as the function block of one device sends them. */
export interface TwincatMessages {
  /** The topic where values are written. */
  readonly rxTopic: string;
  /** The filter of the topics where phone apps say that they are there. */
  readonly activeFilter: string;
  /** @param at epoch ms */
  desc(at: number): SimulatedMessage;
  /** What the broker says when the device is gone. */
  readonly will: SimulatedMessage;
  /** All members with what is said of them, retained. @param at epoch ms */
  snapshot(at: number, values: ReadonlyMap<string, number>): SimulatedMessage;
  /** Members that changed, not retained. @param at epoch ms */
  onChange(at: number, values: ReadonlyMap<string, number>): SimulatedMessage;
  /** A message in the next slot of the ring, retained. @param at epoch ms */
  message(at: number, type: MessageType, text: string): SimulatedMessage;
}

/** Makes the messages of one device. @param mainTopic may have levels of its own */
export function createTwincatMessages(options: {
  readonly mainTopic: string;
  readonly device: string;
  readonly group: string;
  readonly members: readonly SimulatedMember[];
}): TwincatMessages {
  const { mainTopic, device, group, members } = options;
  const root = `${mainTopic}/${device}/TcIotCommunicator`;
  const metaData = Object.fromEntries(members.map((member) => [member.path, attributesOf(member)]));
  let slot = 0;

  function data(at: number, values: ReadonlyMap<string, number>, more: object, retain: boolean): SimulatedMessage {
    const content = { Timestamp: stamp(at), GroupName: group, Values: nested(values), ...more };
    return message(`${root}/Json/Tx/Data`, content, retain);
  }

  return {
    rxTopic: `${root}/Json/Rx/Data`,
    activeFilter: `${root}/Communicator/+/active`,
    will: message(`${root}/Desc`, { Online: false }, true),
    desc: (at) =>
      message(`${root}/Desc`, { Timestamp: stamp(at), Online: true, Icon: "Machine", PermittedUsers: "*" }, true),
    snapshot: (at, values) => data(at, values, { MetaData: metaData, ForceUpdate: false }, true),
    onChange: (at, values) => data(at, values, {}, false),
    message(at, type, text) {
      slot = (slot % SLOTS) + 1;
      return message(`${root}/Messages/${slot}`, { Timestamp: stamp(at), Message: text, Type: type }, true);
    },
  };
}

/** The sample of the vendor has milliseconds and no zone; this PLC's clock shows UTC. */
const stamp = (at: number): string => toIso(at).replace("Z", "");

function attributesOf({
  displayName,
  unit,
  isReadOnly,
  min,
  max,
  decimals,
}: SimulatedAttributes): Record<string, string> {
  return {
    "iot.DisplayName": displayName,
    "iot.Unit": unit,
    "iot.ReadOnly": String(isReadOnly),
    "iot.MinValue": String(min),
    "iot.MaxValue": String(max),
    "iot.DecimalPrecision": String(decimals),
  };
}

/** Members of a struct, and of those within it. */
interface Tree {
  [name: string]: number | Tree;
}

/** Members of a struct as an object in an object. */
function nested(values: ReadonlyMap<string, number>): object {
  const root: Tree = {};
  for (const [path, value] of values) {
    const names = path.split(".");
    const last = names.pop() ?? path;
    const parent = names.reduce<Tree>((object, name) => {
      const held = object[name];
      return typeof held === "object" ? held : (object[name] = {});
    }, root);
    parent[last] = value;
  }
  return root;
}

/** As it leaves the PLC: ° as the single byte 0xB0, and the rest of the buffer NUL. */
function message(topic: string, content: object, retain: boolean): SimulatedMessage {
  const text = Buffer.from(JSON.stringify(content), "latin1");
  const payload = Buffer.alloc(Math.ceil((text.length + 1) / BUFFER_BYTES) * BUFFER_BYTES);
  text.copy(payload);
  return { topic, payload, qos: 1, retain };
}
