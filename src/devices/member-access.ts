import type { Severity } from "../alarms/types.ts";
import type { MeasuredLimit, Measurement } from "../measurements/measurement.ts";
import type { StoredMember } from "../store/members.ts";
import type { MemberBook } from "./member-book.ts";
import { isPermitted, type Asker } from "./permitted.ts";
import type { Devices } from "./devices.ts";

/** The recorded members of devices, as somebody may see them: plotted, told and exported like fields of a channel. */
export interface MemberAccess {
  /** Those that a text may mean. */
  like(text: string, asker: Asker): readonly Measurement[];
  /** The first of all. */
  first(count: number, asker: Asker): readonly Measurement[];
  /** Whether somebody may see all of some fields; those of a channel, everybody may. */
  maySee(numbers: readonly number[], asker: Asker): boolean;
}

/** More are not offered. */
const MAX_OFFERED = 1_000;

/** Those that a text may mean, and all that its writer may see. */
export const membersFor = (access: Pick<MemberAccess, "like" | "first">, text: string, asker: Asker) => ({
  like: access.like(text, asker),
  all: () => access.first(MAX_OFFERED, asker),
});

/** What is known of devices. */
export interface DeviceKnowledge {
  readonly devices: Pick<Devices, "get">;
  /** How bad it is where a value passes a limit that a device brings along, by the device's name. */
  readonly severityOf: (device: string) => Severity;
}

/** What a device permits now counts; of one that has not been heard since the start, whether everybody might see it. */
export function createMemberAccess(
  book: Pick<MemberBook, "like" | "first" | "numbered">,
  knowledge: DeviceKnowledge,
): MemberAccess {
  const { devices } = knowledge;

  function permits(stored: StoredMember, asker: Asker): boolean {
    const device = devices.get(stored.root);
    const member = device?.members.find(({ group, path }) => group === stored.group && path === stored.path);
    if (device && !isPermitted(device.permittedUsers, asker)) return false;
    if (!member) return stored.isOpen || asker.isAdmin;
    return member.permittedUsers === null || isPermitted(member.permittedUsers, asker);
  }

  const visibleTo = (asker: Asker) => (stored: StoredMember) => permits(stored, asker);
  return {
    like: (text, asker) => book.like(text, visibleTo(asker)).map((member) => measured(member, knowledge)),
    first: (count, asker) => book.first(count, visibleTo(asker)).map((member) => measured(member, knowledge)),
    maySee: (numbers, asker) =>
      numbers.every((number) => {
        const stored = book.numbered(number);
        return stored === null || permits(stored, asker);
      }),
  };
}

/**
 * A member as plots know it, with the limits that its device brings along in the PLC's program (FACTS: B1), as far as it has said them
 * since the start.
 */
export function measured(member: StoredMember, { devices, severityOf }: DeviceKnowledge): Measurement {
  const device = devices.get(member.root);
  const known = device?.members.find(({ group, path }) => group === member.group && path === member.path);
  const limitOf = (side: MeasuredLimit["side"], value: number | null): MeasuredLimit[] =>
    device && value !== null ? [{ value, side, severity: severityOf(device.name) }] : [];
  return { ...member, limits: known ? [...limitOf("below", known.min), ...limitOf("above", known.max)] : [] };
}
