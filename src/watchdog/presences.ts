import type { PlantMessage } from "../alarms/types.ts";
import { presenceOf } from "../alarms/state-word.ts";
import { readJson } from "../lib/text/lenient-json.ts";
import { DATA, DESC, readDeviceTopic } from "../devices/topics.ts";
import { textOf } from "../lib/text/text-of-bytes.ts";
import type { OnUnread } from "../measurements/unread.ts";
import type { Device, Presence } from "./diagnose-plant.ts";
import { beat, intervalOf, NO_HEARTBEAT, type Heartbeat, type Sign } from "./heartbeat.ts";

/** Who says itself whether it is there: bridges, by the broker's word or a last will, and TwinCAT devices, by theirs. */
export interface Presences {
  /** Takes what a message says about a presence, live or retained. @returns whether it is no sign of life itself */
  take(message: PlantMessage): boolean;
  bridges(): readonly Presence[];
  devices(): readonly Device[];
  /** Since when what is behind has been able to reach us, as far as presences tell; epoch ms. */
  reachableSince(topic: string): number;
}

const DEVICE_MEMBERS = ["online"];
/** What some gateways say in place of online and offline. */
const SWITCHES: ReadonlyMap<string, boolean> = new Map([
  ["on", true],
  ["off", false],
]);
/** Far more than a description has. */
const MAX_PAYLOAD_BYTES = 64 * 1024;
const MAX_WORD = 32;
/** Many more than one broker has PLCs. */
const MAX_DEVICES = 1_000;
/** As Home Assistant's watchdog for TwinCAT has it: three intervals, within these bounds (FACTS: B4). */
const MISSED_BEATS = 3;
const [MIN_PATIENCE_MS, MAX_PATIENCE_MS] = [60_000, 600_000];
/** One gap may be that of a device that has just been restarted. */
const MIN_GAPS = 2;

const DEVICE = "device ";

/** A device, and when it gave signs of life. */
interface KnownDevice extends Omit<Device, "sign"> {
  /** Its live descriptions: what the broker kept of one says how it was, not that it lives. */
  readonly heartbeat: Heartbeat;
  /** The newest live description or values; epoch ms. `null`: none yet. */
  readonly heardAt: number | null;
  /** When we heard of it; epoch ms. */
  readonly knownSince: number;
}

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
  /** Since when anything can reach us; epoch ms. */
  readonly linkSince: () => number;
  /** Whether the plants file says how often a topic comes: then that is watched, and not what we make of it. */
  readonly isSet: (topic: string) => boolean;
  readonly now: () => number;
  readonly onUnread: OnUnread;
}): Presences {
  const startedAt = options.now();
  const bridges = new Map<string, Presence>(
    options.bridges.map(({ name, topic }) => [topic, { key: `bridge ${name}`, name, isUp: null, since: startedAt }]),
  );
  const devices = new Map<string, KnownDevice>();
  for (const topic of options.offline) {
    const device = deviceOf(topic, startedAt);
    if (device) devices.set(topic, device);
  }

  /** What is said again is known since it was said first. */
  function note<T extends Presence>(known: Map<string, T>, topic: string, before: T, isUp: boolean | null): void {
    if (isUp !== null && isUp !== before.isUp) known.set(topic, { ...before, isUp, since: options.now() });
  }

  /** What a device gives a sign of life by. */
  function heard(topic: string, { receivedAt }: PlantMessage, isDescription: boolean): void {
    const device = devices.get(topic);
    if (!device) return;
    const heartbeat = isDescription ? beat(device.heartbeat, receivedAt, options.linkSince()) : device.heartbeat;
    devices.set(topic, { ...device, heartbeat, heardAt: receivedAt });
  }

  const bridgesSince = (): number =>
    Math.max(...[...bridges.values()].filter(({ isUp }) => isUp).map(({ since }) => since));

  function signOf({ key, name, heartbeat, heardAt, knownSince }: KnownDevice): Sign {
    const lastAt = heardAt === null ? null : Math.min(heardAt, options.now());
    const waitingSince = Math.max(lastAt ?? knownSince, options.linkSince(), bridgesSince());
    const intervalMs = deviceIntervalOf(heartbeat);
    const patienceMs = intervalMs === null ? MAX_PATIENCE_MS : MISSED_BEATS * intervalMs;
    const silentFrom = waitingSince + Math.min(MAX_PATIENCE_MS, Math.max(MIN_PATIENCE_MS, patienceMs));
    return { key, name, lastAt, waitingSince, intervalMs, silentFrom };
  }

  return {
    take(message) {
      const { topic, payload } = message;
      const bridge = bridges.get(topic);
      if (bridge) {
        const isUp = readPresence(payload, MEMBERS);
        // An empty message takes back what the broker kept.
        if (isUp === null && payload.length > 0) options.onUnread(topic, payload);
        note(bridges, topic, bridge, isUp);
        return true;
      }
      const parts = readDeviceTopic(topic);
      if (parts?.rest === DATA && !message.isRetained) heard(parts.root + DESC, message, false);
      if (parts?.rest !== DESC) return false;
      const device = devices.get(topic) ?? (devices.size < MAX_DEVICES ? deviceOf(topic, options.now()) : null);
      if (!device) return false;
      const isOnline = readPresence(payload, DEVICE_MEMBERS);
      if (isOnline === null && payload.length > 0) options.onUnread(topic, payload);
      if (!devices.has(topic)) devices.set(topic, device);
      // “Online” that the broker kept is believed when the device says so again: it may have lost its power since, and left no will.
      if (isOnline === false || !message.isRetained) note(devices, topic, device, isOnline);
      if (isOnline === true && !message.isRetained) heard(topic, message, true);
      return isOnline === false;
    },
    bridges: () => [...bridges.values()],
    devices: () =>
      [...devices].map(([topic, device]) => ({ ...device, sign: options.isSet(topic) ? null : signOf(device) })),
    reachableSince: (topic) =>
      Math.max(
        bridgesSince(),
        ...[...devices.values()].filter(({ isUp, root }) => isUp && topic.startsWith(root)).map(({ since }) => since),
      ),
  };
}

function deviceOf(topic: string, since: number): KnownDevice | null {
  const parts = readDeviceTopic(topic);
  if (parts?.rest !== DESC) return null;
  const { root, name } = parts;
  const unheard = { heartbeat: NO_HEARTBEAT, heardAt: null, knownSince: since };
  return { key: `${DEVICE}${topic}`, name, root, isUp: null, since, ...unheard };
}

/** In ms; `null` while nobody can tell. */
const deviceIntervalOf = (heartbeat: Heartbeat): number | null =>
  intervalOf(heartbeat) ?? (heartbeat.gaps.length < MIN_GAPS ? null : Math.max(...heartbeat.gaps));

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
  return SWITCHES.get(word) ?? presenceOf(word);
}
