/**
 * Where TwinCAT's IoT Communicator (TF6730) speaks and listens, below a main topic: Beckhoff publishes no layout; this is the one of
 * Home Assistant's integration (FACTS: B2).
 */

/** What all topics of a device begin with, and what comes behind: `plants/AMB/TcIotCommunicator/` and `Desc`. */
export interface DeviceTopic {
  /** Up to the last slash: the device's name among all; devices of two main topics may be called the same. */
  readonly root: string;
  /** The device's name, as its owner gave it. */
  readonly name: string;
  readonly rest: string;
}

/** The device's description; its sign of life and its last will. */
export const DESC = "Desc";
/** The device's values. */
export const DATA = "Json/Tx/Data";
/** Where the device takes values. */
export const RX_DATA = "Json/Rx/Data";

/** Topics may have 64 KiB, and many of them are kept. */
const MAX_TOPIC_LENGTH = 1_000;
const TOPIC = /^(?<root>(?:.*\/)?(?<name>[^/]+)\/TcIotCommunicator\/)(?<rest>[^]*)$/s;

/** The parts of a device's topic; `null`: it is not a topic of a device. */
export function readDeviceTopic(topic: string): DeviceTopic | null {
  if (topic.length > MAX_TOPIC_LENGTH) return null;
  const { root, name, rest } = TOPIC.exec(topic)?.groups ?? {};
  return root === undefined || name === undefined || rest === undefined ? null : { root, name, rest };
}

/** The filters by which descriptions and values of all devices below a main topic come. A main topic of `/` makes `//+/…`. */
export const deviceFilters = (mainTopic: string): readonly string[] =>
  [DESC, DATA].map((rest) => `${mainTopic}/+/TcIotCommunicator/${rest}`);

/** Where an app tells a device that it wants its values, by the app's client id. */
export const appTopic = (root: string, clientId: string, rest: "active" | "heartbeat"): string =>
  `${root}Communicator/${clientId}/${rest}`;
