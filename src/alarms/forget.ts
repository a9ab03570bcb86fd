import type { Alarm } from "./types.ts";

/**
 * The alarm without somebody's name: a pseudonym stands wherever it stood. Nobody is its owner then, if he was.
 * @param person.names all that he was called when he did something to it
 */
export function withoutPerson(
  alarm: Alarm,
  person: { readonly userId: number; readonly names: ReadonlySet<string> },
  pseudonym: string,
): Alarm {
  const renamed = (name: string): string => (person.names.has(name) ? pseudonym : name);
  const { owner, shelf, note } = alarm.course;
  return {
    ...alarm,
    acknowledgedBy: alarm.acknowledgedBy === null ? null : renamed(alarm.acknowledgedBy),
    course: {
      ...alarm.course,
      owner: owner?.userId === person.userId ? null : owner,
      shelf: shelf?.userId === person.userId ? { ...shelf, by: pseudonym, userId: 0 } : shelf,
      note: note && { ...note, by: renamed(note.by) },
    },
  };
}
