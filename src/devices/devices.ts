import type { PlantMessage } from "../alarms/plant-message.ts";
import type { OnUnread } from "../measurements/unread.ts";
import { readData } from "./data.ts";
import { readDescription } from "./description.ts";
import { emojiOf } from "./icons.ts";
import { MemberRoom, membersIn, type Groups } from "./member-room.ts";
import { DATA, DESC, readDeviceTopic } from "./topics.ts";
import { NO_DEVICES, type Device, type KeptDevices, type Member } from "./types.ts";

interface NumberedDevice {
  readonly number: number;
  readonly root: string;
  readonly name: string;
  icon: string | null;
  permittedUsers: readonly string[] | null;
  readonly groups: Groups;
  dataAt: number | null;
  /** Made anew when it is asked for after a change. */
  shown: Device | null;
}

/** Many more than one broker has PLCs. */
const MAX_DEVICES = 1_000;

interface DevicesOptions {
  /** What was kept of the last run; it is shown when something comes of it. */
  readonly kept?: KeptDevices;
  /** Takes each value that came just now. */
  readonly onValue?: (device: Pick<Device, "root" | "name" | "permittedUsers">, member: Member) => void;
  /** What came of a device and cannot be read. */
  readonly onUnread: OnUnread;
}

/** All devices below the main topics, in memory; what the broker keeps brings them back after a start. */
export class Devices {
  readonly #options: DevicesOptions;
  readonly #devices = new Map<string, NumberedDevice>();
  readonly #room = new MemberRoom();
  #kept: KeptDevices;

  constructor(options: DevicesOptions) {
    this.#options = options;
    this.#kept = options.kept ?? NO_DEVICES;
  }

  /** Takes any message from the live link; quick. */
  take(message: PlantMessage): void {
    const parts = readDeviceTopic(message.topic);
    if (parts?.rest === DESC) this.#takeDescription(parts.root, parts.name, message);
    if (parts?.rest === DATA) this.#takeData(parts.root, parts.name, message);
  }

  /** By name. */
  list(): readonly Device[] {
    const all = [...this.#devices.values()].map(shown);
    return all.toSorted((a, b) => a.name.localeCompare(b.name) || (a.root < b.root ? -1 : 1));
  }

  get(root: string): Device | null {
    const device = this.#devices.get(root);
    return device ? shown(device) : null;
  }

  numbered(number: number): Device | null {
    const device = [...this.#devices.values()].find((one) => one.number === number);
    return device ? shown(device) : null;
  }

  /** For the next run; the same object while nothing changed. */
  kept(): KeptDevices {
    return this.#kept;
  }

  /** Members that did not fit, since the start. */
  left(): number {
    return this.#room.left;
  }

  #takeDescription(root: string, name: string, { topic, payload }: PlantMessage): void {
    const description = readDescription(payload);
    if (description === null) return this.#options.onUnread(topic, payload);
    // Nobody describes it any more: it was taken out of the plant.
    if (description === "cleared") return this.#remove(root);
    const device = this.#deviceOf(root, name);
    if (!device) return;
    // A last will says neither; a whole description without a list permits everybody.
    const icon = description.icon ?? device.icon;
    const users = description.permittedUsers ?? (description.isOnline === true ? ["*"] : device.permittedUsers);
    if (icon === device.icon && String(users) === String(device.permittedUsers)) return;
    device.icon = icon;
    device.permittedUsers = users;
    this.#keep(device);
    device.shown = null;
  }

  #takeData(root: string, name: string, { topic, payload, isRetained, receivedAt }: PlantMessage): void {
    if (payload.length === 0) return;
    const { onUnread, onValue } = this.#options;
    const message = readData(payload);
    if (message === null || message.problems.length > 0) onUnread(topic, payload);
    const device = message && this.#deviceOf(root, name);
    if (!message || !device) return;
    const came = this.#room.put(device.groups, message, isRetained ? null : receivedAt);
    if (came === null) return;
    if (!isRetained) device.dataAt = receivedAt;
    device.shown = null;
    if (isRetained) return;
    for (const { member, isValue } of came) if (isValue) onValue?.(device, member);
  }

  #deviceOf(root: string, name: string): NumberedDevice | null {
    const known = this.#devices.get(root);
    if (known) return known;
    if (this.#devices.size >= MAX_DEVICES) return null;
    const former = this.#kept.devices.find((one) => one.root === root) ?? {
      number: this.#kept.lastNumber + 1,
      icon: null,
      permittedUsers: null,
    };
    const made: NumberedDevice = { ...former, root, name, groups: new Map(), dataAt: null, shown: null };
    this.#devices.set(root, made);
    this.#keep(made);
    return made;
  }

  #keep({ number, root, icon, permittedUsers }: NumberedDevice): void {
    const { lastNumber, devices } = this.#kept;
    const others = devices.filter((one) => one.root !== root).slice(-MAX_DEVICES + 1);
    this.#kept = {
      lastNumber: Math.max(lastNumber, number),
      devices: [...others, { number, root, icon, permittedUsers }],
    };
  }

  #remove(root: string): void {
    const device = this.#devices.get(root);
    if (device) this.#room.remove(device.groups);
    this.#devices.delete(root);
    if (this.#kept.devices.some((one) => one.root === root))
      this.#kept = { ...this.#kept, devices: this.#kept.devices.filter((one) => one.root !== root) };
  }
}

function shown(device: NumberedDevice): Device {
  const { number, root, name, icon, permittedUsers, dataAt, groups } = device;
  device.shown ??= { number, root, name, icon: emojiOf(icon), permittedUsers, members: membersIn(groups), dataAt };
  return device.shown;
}
