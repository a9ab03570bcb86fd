import type { PlantMessage } from "../alarms/types.ts";
import { presenceOf } from "../alarms/state-word.ts";
import { readJson } from "../lib/lenient-json.ts";
import { textOf } from "../lib/text-of-bytes.ts";
import type { OnUnread } from "../unread.ts";
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
const DEVICE_MEMBERS = ["online"];
/** What some gateways say in place of online and offline. */
const SWITCHES: Readonly<Record<string, boolean>> = { on: true, off: false };
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

/** Members that tell whether somebody is there, of whatever gateway. */
const MEMBERS = ["online", "connected", "alive", "available", "status", "state", "presence", "value"];

/**
 * Creates the list.
 * @param options.offline topics of devices that were down when we were stopped: nobody says so anew until they are back
 * @param options.now epoch ms
 * @param options.onUnread what came of a presence and says nothing that is understood
 */
export function createPresences(options: {
  readonly bridges: readonly BridgeSetting[];
  readonly offline: readonly string[];
  readonly now: () => number;
  readonly onUnread: OnUnread;
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
        const isUp = readPresence(payload, MEMBERS);
        // An empty message takes back what the broker kept.
        if (isUp === null && payload.length > 0) options.onUnread(topic, payload);
        note(bridges, topic, bridge, isUp);
        return true;
      }
      const device = devices.get(topic) ?? (devices.size < MAX_DEVICES ? deviceOf(topic, options.now()) : null);
      if (!device) return false;
      const isOnline = readPresence(payload, DEVICE_MEMBERS);
      if (isOnline === null && payload.length > 0) options.onUnread(topic, payload);
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

/**
 * What a message says: a word, such as `online`, `0` or `OFF`, or one in a member of JSON.
 * @returns `null` if it does not say
 */
function readPresence(payload: Uint8Array, members: readonly string[]): boolean | null {
  const text = payload.length > MAX_PAYLOAD_BYTES ? null : textOf(payload);
  if (text === null) return null;
  const json = readJson(text)?.value;
  if (typeof json !== "object" || json === null) return saidBy(json ?? text);
  const said = new Map(Object.entries(json).map(([name, value]) => [name.toLowerCase(), saidBy(value)]));
  const known = members.map((name) => said.get(name) ?? null).filter((isUp) => isUp !== null);
  // Where they contradict each other, the worse is believed.
  return known.length === 0 ? null : known.every((isUp) => isUp);
}

function saidBy(value: unknown): boolean | null {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return null;
  const word = String(value).trim().toLowerCase();
  if (word.length > MAX_WORD) return null;
  return SWITCHES[word] ?? presenceOf(word);
}
