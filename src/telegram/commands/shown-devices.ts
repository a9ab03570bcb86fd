import type { Clock } from "../../lib/time/clock.ts";
import type { Devices } from "../../devices/devices.ts";
import type { Device, DevicePresence, Member } from "../../devices/types.ts";
import { isPermitted, type Asker } from "../../devices/permitted.ts";
import type { AskerIn } from "../plots/asker.ts";
import {
  liveButtons,
  liveView,
  MEMBERS_PER_PAGE,
  nameOfMember,
  plotRows,
  visibleMembers,
  type ShownDevice,
} from "./device-views.ts";
import { pageOf, realPage } from "./pages.ts";
import type { LiveContent, LiveView } from "./live-cards.ts";
import type { ChatMessage } from "../api/chat-message.ts";
import type { Moment } from "../../lib/time/time.ts";

/** What is known of devices, and who may see it. */
export interface ShownDevicesOptions {
  readonly devices: Pick<Devices, "list" | "get" | "numbered" | "kept">;
  /** Whether they are there, as the watchdog knows; by root. */
  readonly presences: () => readonly DevicePresence[];
  /** See `TwinCat`. */
  readonly numberOf: (device: Pick<Device, "root">, member: Pick<Member, "group" | "path">) => number | null;
  readonly askerIn: AskerIn;
  readonly timeZoneOf: (chatId: number) => string;
  readonly clock: Clock;
}

/** The devices as people may see them. */
export class ShownDevices {
  readonly #options: ShownDevicesOptions;

  constructor(options: ShownDevicesOptions) {
    this.#options = options;
  }

  /** The devices that somebody may see. */
  visible(asker: Asker): readonly ShownDevice[] {
    const { devices, presences } = this.#options;
    const known = new Map(presences().map((presence) => [presence.root, presence]));
    return devices
      .list()
      .filter(({ permittedUsers }) => isPermitted(permittedUsers, asker))
      .map((device) => ({ device, presence: known.get(device.root) ?? null }));
  }

  #presenceOf({ root }: Device): DevicePresence | null {
    return this.#options.presences().find((one) => one.root === root) ?? null;
  }

  /** What a device's card says to who asked; `null`: nothing that they may see; `later`: it has not described itself since the start. */
  contentOf(
    { chatId }: Pick<ChatMessage, "chatId">,
    view: LiveView,
    untilAt: number | null,
  ): LiveContent | "later" | null {
    const { devices, numberOf, askerIn } = this.#options;
    const asker = askerIn(chatId, view);
    const device = devices.numbered(view.device);
    if (device === null && devices.kept().devices.some(({ number }) => number === view.device)) return "later";
    if (device === null || !isPermitted(device.permittedUsers, asker)) return null;
    const members = visibleMembers(device, asker);
    const page = realPage(view.page, members.length, MEMBERS_PER_PAGE);
    const plots = pageOf(members, page, MEMBERS_PER_PAGE).flatMap((member) => {
      const number = numberOf(device, member);
      return number === null ? [] : [{ number, name: nameOfMember(member) }];
    });
    return {
      text: liveView({ device, presence: this.#presenceOf(device) }, asker, { page, untilAt }, this.momentIn(chatId)),
      buttons: [
        ...plotRows(plots, this.#options.clock.now()),
        ...liveButtons(device, members.length, page, untilAt !== null),
      ],
    };
  }

  /** By which clocks a chat reads. */
  momentIn(chatId: number): Moment {
    return { now: this.#options.clock.now(), timeZone: this.#options.timeZoneOf(chatId) };
  }
}
