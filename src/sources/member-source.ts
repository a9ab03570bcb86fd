import { FIRST_MEMBER } from "../devices/member-book.ts";
import type { Member } from "../devices/types.ts";
import { TooManyEntries } from "../errors.ts";
import type { Recorder } from "../recorder/recorder.ts";
import type { StoredMember } from "../store/members.ts";
import { MAX_ENTRIES, type Source } from "./source.ts";

type SeriesKey = Parameters<Recorder["record"]>[0];

/** The series of a member of a device. */
export const memberSeries = (root: string, { group, path }: Pick<Member, "group" | "path">): SeriesKey => ({
  device: `twincat ${root}`,
  member: `${group}\t${path}`,
});

/**
 * A source that also reads the members of devices, by their numbers, from what was recorded. They are not among the channel's
 * fields: a device may have hundreds.
 */
export function withMembers<T extends Pick<Source, "read" | "hasBefore">>(
  source: T,
  options: {
    readonly recorder: Pick<Recorder, "read" | "beginsAt">;
    readonly numbered: (number: number) => StoredMember | null;
  },
): T {
  const { recorder, numbered } = options;
  return {
    ...source,
    async read(query) {
      if (query.field < FIRST_MEMBER) return source.read(query);
      const { startAt, endAt } = query;
      const member = numbered(query.field);
      if (member === null) return { times: new Float64Array(), values: new Float64Array() };
      const found = await recorder.read(memberSeries(member.root, member), startAt, endAt);
      if (found.times.length > MAX_ENTRIES) throw new TooManyEntries(MAX_ENTRIES, { startAt, endAt });
      return found;
    },
    async hasBefore(query) {
      if (query.field < FIRST_MEMBER) return source.hasBefore(query);
      const member = numbered(query.field);
      const beginsAt = member && (await recorder.beginsAt(memberSeries(member.root, member)));
      return beginsAt !== null && beginsAt < query.at;
    },
  };
}
