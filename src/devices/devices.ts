import type { PlantMessage } from "../alarms/types.ts";
import type { OnUnread } from "../measurements/unread.ts";
import { readData, type Attributes, type DataMessage } from "./data.ts";
import { readDescription } from "./description.ts";
import { emojiOf } from "./icons.ts";
import { DATA, DESC, readDeviceTopic } from "./topics.ts";
import { NO_DEVICES, type Device, type Devices, type KeptDevices, type Member } from "./types.ts";

/** What came in one group, and what was said of it. */
interface Group {
  /** Of its newest message, by the PLC's clock. */
  sentAt: number | null;
  isLive: boolean;
  readonly members: Map<string, Member>;
  readonly attributes: Map<string, Partial<Attributes>>;
}

interface Known {
  readonly number: number;
  readonly root: string;
  readonly name: string;
  icon: string | null;
  permittedUsers: readonly string[] | null;
  readonly groups: Map<string, Group>;
  dataAt: number | null;
  /** Made anew when it is asked for after a change. */
  shown: Device | null;
}

/** Many more than one broker has PLCs. */
const MAX_DEVICES = 1_000;
const MAX_GROUPS = 100;
/** Of all devices together: 20 MB. */
const MAX_MEMBERS = 20_000;

const NO_ATTRIBUTES: Attributes = {
  displayName: null,
  unit: null,
  isReadOnly: null,
  min: null,
  max: null,
  decimals: null,
  permittedUsers: null,
};

/**
 * Creates them. What was kept of the last run is shown when something comes of it.
 * @param options.onValue takes each value that came just now
 * @param options.onUnread what came of a device and cannot be read
 */
export function createDevices(options: {
  readonly kept?: KeptDevices;
  readonly onValue?: (device: Pick<Device, "root" | "name" | "permittedUsers">, member: Member) => void;
  readonly onUnread: OnUnread;
}): Devices {
  const { onValue, onUnread } = options;
  const devices = new Map<string, Known>();
  let kept = options.kept ?? NO_DEVICES;
  let count = 0;
  let described = 0;
  let left = 0;

  function deviceOf(root: string, name: string): Known | null {
    const known = devices.get(root);
    if (known) return known;
    if (devices.size >= MAX_DEVICES) return null;
    const former = kept.devices.find((one) => one.root === root) ?? {
      number: kept.lastNumber + 1,
      icon: null,
      permittedUsers: null,
    };
    const made = { ...former, root, name, groups: new Map(), dataAt: null, shown: null };
    devices.set(root, made);
    keep(made);
    return made;
  }

  function keep({ number, root, icon, permittedUsers }: Known): void {
    const others = kept.devices.filter((one) => one.root !== root).slice(-MAX_DEVICES + 1);
    kept = {
      lastNumber: Math.max(kept.lastNumber, number),
      devices: [...others, { number, root, icon, permittedUsers }],
    };
  }

  function remove(root: string): void {
    for (const { members, attributes } of devices.get(root)?.groups.values() ?? []) {
      count -= members.size;
      described -= attributes.size;
    }
    devices.delete(root);
    if (kept.devices.some((one) => one.root === root))
      kept = { ...kept, devices: kept.devices.filter((one) => one.root !== root) };
  }

  function takeDescription(root: string, name: string, { topic, payload }: PlantMessage): void {
    const description = readDescription(payload);
    if (description === null) return onUnread(topic, payload);
    // Nobody describes it any more: it was taken out of the plant.
    if (description === "cleared") return remove(root);
    const device = deviceOf(root, name);
    if (!device) return;
    // A last will says neither; a whole description without a list permits everybody.
    const icon = description.icon ?? device.icon;
    const users = description.permittedUsers ?? (description.isOnline === true ? ["*"] : device.permittedUsers);
    if (icon === device.icon && String(users) === String(device.permittedUsers)) return;
    device.icon = icon;
    device.permittedUsers = users;
    keep(device);
    device.shown = null;
  }

  function takeData(root: string, name: string, { topic, payload, isRetained, receivedAt }: PlantMessage): void {
    if (payload.length === 0) return;
    const message = readData(payload);
    if (message === null || message.problems.length > 0) onUnread(topic, payload);
    const device = message && deviceOf(root, name);
    const group = device && groupOf(device, message.group);
    if (!message || !device || !group || (isRetained && isOld(message, group))) return;
    for (const [path, attributes] of message.attributes) describe(group, path, attributes);
    for (const path of new Set([...message.values.keys(), ...message.attributes.keys()])) {
      const member = put(group, message, path, isRetained ? null : receivedAt);
      if (member && !isRetained && message.values.has(path)) onValue?.(device, member);
    }
    group.sentAt = message.sentAt ?? group.sentAt;
    group.isLive ||= !isRetained;
    if (!isRetained) device.dataAt = receivedAt;
    device.shown = null;
  }

  function describe(group: Group, path: string, attributes: Partial<Attributes>): void {
    const before = group.attributes.get(path);
    if (!before && described >= 2 * MAX_MEMBERS) return;
    if (!before) described += 1;
    group.attributes.set(path, { ...before, ...attributes });
  }

  /** What a structure says of itself is no member, nor is what is described and never came. */
  function put(group: Group, message: DataMessage, path: string, at: number | null): Member | null {
    const before = group.members.get(path);
    const isSaid = message.values.has(path);
    if (!before && !isSaid) return null;
    if (!before && count >= MAX_MEMBERS) {
      left += 1;
      return null;
    }
    if (!before) count += 1;
    const member: Member = {
      ...NO_ATTRIBUTES,
      ...group.attributes.get(path),
      group: message.group,
      path,
      value: isSaid ? (message.values.get(path) ?? null) : (before?.value ?? null),
      at: isSaid ? at : (before?.at ?? null),
    };
    group.members.set(path, member);
    return member;
  }

  const memberList = ({ groups }: Known): readonly Member[] =>
    [...groups.values()].flatMap(({ members }) => [...members.values()]);

  function shown(device: Known): Device {
    const { number, root, name, icon, permittedUsers, dataAt } = device;
    device.shown ??= { number, root, name, icon: emojiOf(icon), permittedUsers, members: memberList(device), dataAt };
    return device.shown;
  }

  return {
    take(message) {
      const parts = readDeviceTopic(message.topic);
      if (parts?.rest === DESC) takeDescription(parts.root, parts.name, message);
      if (parts?.rest === DATA) takeData(parts.root, parts.name, message);
    },
    list: () =>
      [...devices.values()].map(shown).toSorted((a, b) => a.name.localeCompare(b.name) || (a.root < b.root ? -1 : 1)),
    get(root) {
      const device = devices.get(root);
      return device ? shown(device) : null;
    },
    numbered(number) {
      const device = [...devices.values()].find((one) => one.number === number);
      return device ? shown(device) : null;
    },
    kept: () => kept,
    left: () => left,
  };
}

/**
 * Whether what the broker kept is older than what came live: a whole snapshot is kept, and the changes since are not (FACTS: B1). Where
 * neither says when it was sent, what came live counts.
 */
function isOld({ sentAt }: DataMessage, group: Group): boolean {
  if (!group.isLive) return false;
  return sentAt === null || group.sentAt === null || sentAt <= group.sentAt;
}

function groupOf({ groups }: Known, name: string): Group | null {
  const known = groups.get(name);
  if (known) return known;
  if (groups.size >= MAX_GROUPS) return null;
  const made: Group = { sentAt: null, isLive: false, members: new Map(), attributes: new Map() };
  groups.set(name, made);
  return made;
}
