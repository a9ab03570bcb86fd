import type { PlantMessage } from "../alarms/types.ts";
import type { Device, Presence } from "./diagnose-plant.ts";

/** Who says itself whether it is there: bridges, by the broker's word or a last will, and TwinCAT devices, by theirs. */
export interface Presences {
  /** Takes what a message says about a presence, live or retained. @returns whether it is no sign of life itself */
  take(message: PlantMessage): boolean;
  bridges(): readonly Presence[];
  devices(): readonly Device[];
  /** Since when what is behind has been able to reach us, as far as presences tell; epoch ms. */
  reachableSince(topic: string): number;
}

/** A device's description, which is its sign of life and its last will: `{"Online": false}` (FACTS: B4). */
const DEVICE_TOPIC = /^(?<root>(?:.*\/)?(?<name>[^/]+)\/TcIotCommunicator\/)Desc$/s;
/** Far more than a description has. */
const MAX_PAYLOAD_BYTES = 64 * 1024;
const MAX_WORD = 32;
/** Many more than one broker has PLCs; their topics may have 64 KiB, and are to stay small. */
const MAX_DEVICES = 1_000;
const MAX_TOPIC_LENGTH = 1_000;

const DEVICE = "device ";

/** The topic of the device that a trouble is about; `null`: it is about something else. */
export const deviceTopicOf = (subject: string): string | null =>
  subject.startsWith(DEVICE) ? subject.slice(DEVICE.length) : null;

/** A bridge, and where it, or its last will, says whether it is there. */
export interface BridgeSetting {
  readonly name: string;
  readonly topic: string;
}

/** What mosquitto says of its bridges, and what last wills say, in any case. */
const UP = new Set(["1", "true", "online", "up", "connected", "alive"]);
const DOWN = new Set(["0", "false", "offline", "down", "disconnected", "dead", "lost"]);

/**
 * Creates the list.
 * @param options.offline topics of devices that were down when we were stopped: nobody says so anew until they are back
 * @param options.now epoch ms
 */
export function createPresences(options: {
  readonly bridges: readonly BridgeSetting[];
  readonly offline: readonly string[];
  readonly now: () => number;
}): Presences {
  const startedAt = options.now();
  const bridges = new Map<string, Presence>(
    options.bridges.map(({ name, topic }) => [topic, { key: `bridge ${name}`, name, isUp: null, since: startedAt }]),
  );
  const devices = new Map<string, Device>();
  for (const topic of options.offline) {
    const device = deviceOf(topic, startedAt);
    if (device) devices.set(topic, device);
  }

  /** What is said again is known since it was said first. */
  function note<T extends Presence>(known: Map<string, T>, topic: string, before: T, isUp: boolean | null): void {
    if (isUp !== null && isUp !== before.isUp) known.set(topic, { ...before, isUp, since: options.now() });
  }

  return {
    take({ topic, payload }) {
      const bridge = bridges.get(topic);
      if (bridge) {
        note(bridges, topic, bridge, readWord(payload));
        return true;
      }
      const device = devices.get(topic) ?? (devices.size < MAX_DEVICES ? deviceOf(topic, options.now()) : null);
      if (!device) return false;
      const isOnline = readOnline(payload);
      note(devices, topic, device, isOnline);
      return isOnline === false;
    },
    bridges: () => [...bridges.values()],
    devices: () => [...devices.values()],
    reachableSince: (topic) =>
      Math.max(
        ...[...bridges.values()].filter(({ isUp }) => isUp).map(({ since }) => since),
        ...[...devices.values()].filter(({ isUp, root }) => isUp && topic.startsWith(root)).map(({ since }) => since),
      ),
  };
}

function deviceOf(topic: string, since: number): Device | null {
  if (topic.length > MAX_TOPIC_LENGTH) return null;
  const { root, name } = DEVICE_TOPIC.exec(topic)?.groups ?? {};
  if (root === undefined || name === undefined) return null;
  return { key: `${DEVICE}${topic}`, name, root, isUp: null, since };
}

/** `null` if it does not say. */
function readWord(payload: Uint8Array): boolean | null {
  const word = Buffer.from(payload.subarray(0, MAX_WORD)).toString().trim().toLowerCase();
  return UP.has(word) ? true : DOWN.has(word) ? false : null;
}

/** `null` if it does not say. */
function readOnline(payload: Uint8Array): boolean | null {
  if (payload.byteLength > MAX_PAYLOAD_BYTES) return null;
  try {
    const content: unknown = JSON.parse(Buffer.from(payload).toString());
    const online = typeof content === "object" && content !== null && "Online" in content ? content.Online : null;
    return typeof online === "boolean" ? online : null;
  } catch {
    return null;
  }
}
