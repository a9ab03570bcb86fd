import { FIRST_MEMBER } from "../devices/member-book.ts";
import type { Member } from "../devices/types.ts";
import { TooManyEntries } from "../lib/errors.ts";
import type { Recorder } from "../recorder/recorder.ts";
import type { SeriesKey } from "../recorder/series-names.ts";
import type { StoredMember } from "../store/members.ts";
import { MAX_ENTRIES, type LatestValue, type Source } from "../measurements/source.ts";

/** The series of a member of a device. */
export const memberSeries = (root: string, { group, path }: Pick<Member, "group" | "path">): SeriesKey => ({
  device: `twincat ${root}`,
  member: `${group}\t${path}`,
});

/** What a source can tell of members of devices besides reading them. */
export interface MemberSource {
  /** The newest value of the member of a number; `null`: there is none. */
  readonly latestOf: (number: number) => Promise<LatestValue | null>;
}

/**
 * A source that also reads the members of devices, by their numbers, from what was recorded. They are not among the channel's
 * fields: a device may have hundreds.
 */
export function withMembers<T extends Pick<Source, "read" | "hasBefore">>(
  source: T,
  options: {
    readonly recorder: Pick<Recorder, "read" | "latest" | "beginsAt">;
    readonly numbered: (number: number) => StoredMember | null;
  },
): T & MemberSource {
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
    async latestOf(number) {
      const member = numbered(number);
      const entry = member && (await recorder.latest(memberSeries(member.root, member)));
      return entry && { value: String(entry.value), at: entry.at };
    },
  };
}
