import type { PlantMessage } from "../alarms/plant-message.ts";
import { DATA, DESC, readDeviceTopic } from "../devices/topics.ts";
import type { BrokerBridge } from "../plants/plants.ts";
import type { OnUnread } from "../measurements/unread.ts";
import type { DeviceFacts, Presence } from "./plant-facts.ts";
import { readPresence } from "./read-presence.ts";
import { recordBeat, intervalOf, NO_HEARTBEAT, type Heartbeat, type Observation } from "./heartbeat.ts";

const DEVICE_MEMBERS = ["online"];
/** Many more than one broker has PLCs. */
const MAX_DEVICES = 1_000;
/** As Home Assistant's watchdog for TwinCAT has it: three intervals, within these bounds (FACTS: B4). */
const MISSED_BEATS = 3;
const [MIN_PATIENCE_MS, MAX_PATIENCE_MS] = [60_000, 600_000];
/** One gap may be that of a device that has just been restarted. */
const MIN_GAPS = 2;

const DEVICE = "device ";

/** A device, and when it gave signs of life. */
interface KnownDevice extends Omit<DeviceFacts, "observation"> {
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

/** Members that tell whether somebody is there, of whatever gateway. */
const MEMBERS = ["online", "connected", "alive", "available", "status", "state", "presence", "value"];

interface PresencesOptions {
  readonly bridges: readonly BrokerBridge[];
  /** Topics of devices that were down when we were stopped: nobody says so anew until they are back. */
  readonly offline: readonly string[];
  /** Since when anything can reach us; epoch ms. */
  readonly linkSince: () => number;
  /** Whether the plants file says how often a topic comes: then that is watched, and not what we make of it. */
  readonly isSet: (topic: string) => boolean;
  /** Epoch ms. */
  readonly now: () => number;
  /** What came of a presence and says nothing that is understood. */
  readonly onUnread: OnUnread;
}

/** Who says itself whether it is there: bridges, by the broker's word or a last will, and TwinCAT devices, by theirs. */
export class Presences {
  readonly #options: PresencesOptions;
  readonly #bridges: Map<string, Presence>;
  readonly #devices = new Map<string, KnownDevice>();

  constructor(options: PresencesOptions) {
    const startedAt = options.now();
    this.#options = options;
    this.#bridges = new Map(
      options.bridges.map(({ name, topic }) => [topic, { key: `bridge ${name}`, name, isUp: null, since: startedAt }]),
    );
    for (const topic of options.offline) {
      const device = deviceOf(topic, startedAt);
      if (device) this.#devices.set(topic, device);
    }
  }

  /** Takes what a message says about a presence, live or retained. @returns whether it is no sign of life itself */
  take(message: PlantMessage): boolean {
    const { topic } = message;
    const bridge = this.#bridges.get(topic);
    if (bridge) {
      this.#note(this.#bridges, topic, bridge, this.#read(message, MEMBERS));
      return true;
    }
    const parts = readDeviceTopic(topic);
    if (parts?.rest === DATA && !message.isRetained) this.#hear(parts.root + DESC, message, false);
    return parts?.rest === DESC && this.#takeDescription(message);
  }

  bridges(): readonly Presence[] {
    return [...this.#bridges.values()];
  }

  devices(): readonly DeviceFacts[] {
    return [...this.#devices].map(([topic, device]) => ({
      ...device,
      observation: this.#options.isSet(topic) ? null : this.#observe(device),
    }));
  }

  /** Since when what is behind has been able to reach us, as far as presences tell; epoch ms. */
  reachableSince(topic: string): number {
    const above = [...this.#devices.values()].filter(({ isUp, root }) => isUp && topic.startsWith(root));
    return Math.max(this.#bridgesSince(), ...above.map(({ since }) => since));
  }

  /** @returns whether it says that the device is not there */
  #takeDescription(message: PlantMessage): boolean {
    const { topic, isRetained } = message;
    const device = this.#devices.get(topic) ?? this.#newDevice(topic);
    if (!device) return false;
    const isOnline = this.#read(message, DEVICE_MEMBERS);
    if (!this.#devices.has(topic)) this.#devices.set(topic, device);
    // “Online” that the broker kept is believed when the device says so again: it may have lost its power since, and left no will.
    if (isOnline === false || !isRetained) this.#note(this.#devices, topic, device, isOnline);
    if (isOnline === true && !isRetained) this.#hear(topic, message, true);
    return isOnline === false;
  }

  #newDevice(topic: string): KnownDevice | null {
    return this.#devices.size < MAX_DEVICES ? deviceOf(topic, this.#options.now()) : null;
  }

  /** Whether it is there, by a message; `null`: that does not say. */
  #read({ topic, payload }: PlantMessage, members: readonly string[]): boolean | null {
    const isUp = readPresence(payload, members);
    // An empty message takes back what the broker kept.
    if (isUp === null && payload.length > 0) this.#options.onUnread(topic, payload);
    return isUp;
  }

  /** What is said again is known since it was said first. */
  #note<T extends Presence>(known: Map<string, T>, topic: string, before: T, isUp: boolean | null): void {
    if (isUp !== null && isUp !== before.isUp) known.set(topic, { ...before, isUp, since: this.#options.now() });
  }

  /** What a device gives a sign of life by. */
  #hear(topic: string, { receivedAt }: PlantMessage, isDescription: boolean): void {
    const device = this.#devices.get(topic);
    if (!device) return;
    const { linkSince } = this.#options;
    const heartbeat = isDescription ? recordBeat(device.heartbeat, receivedAt, linkSince()) : device.heartbeat;
    this.#devices.set(topic, { ...device, heartbeat, heardAt: receivedAt });
  }

  #bridgesSince(): number {
    return Math.max(
      ...this.bridges()
        .filter(({ isUp }) => isUp)
        .map(({ since }) => since),
    );
  }

  #observe({ key, name, heartbeat, heardAt, knownSince }: KnownDevice): Observation {
    const lastAt = heardAt === null ? null : Math.min(heardAt, this.#options.now());
    const waitingSince = Math.max(lastAt ?? knownSince, this.#options.linkSince(), this.#bridgesSince());
    const intervalMs = deviceIntervalOf(heartbeat);
    const patienceMs = intervalMs === null ? MAX_PATIENCE_MS : MISSED_BEATS * intervalMs;
    const silentFrom = waitingSince + Math.min(MAX_PATIENCE_MS, Math.max(MIN_PATIENCE_MS, patienceMs));
    return { key, name, lastAt, waitingSince, intervalMs, silentFrom };
  }
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
