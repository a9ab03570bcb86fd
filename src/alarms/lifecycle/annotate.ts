import type { Note } from "../handling-parts.ts";
import type { Alarm, Person } from "../types.ts";

/** The alarm after somebody wrote something to it. From whoever shelved or closed it without a reason, the note is the reason. */
export function annotate(alarm: Alarm, by: Person, note: { readonly text: string; readonly hasPhoto: boolean }): Alarm {
  const { shelf, closing } = alarm.handling;
  const isReasonOf = (done: typeof shelf | typeof closing): boolean =>
    done !== null && done.reason === null && done.userId === by.userId && note.text !== "";
  return {
    ...alarm,
    handling: {
      ...alarm.handling,
      shelf: shelf && isReasonOf(shelf) ? { ...shelf, reason: note.text } : shelf,
      closing: closing && isReasonOf(closing) ? { ...closing, reason: note.text } : closing,
      note: newNote(alarm.handling.note, by, note),
    },
    version: alarm.version + 1,
  };
}

/** A photo without words takes the place of none. */
function newNote(before: Note | null, by: Person, note: Pick<Note, "text" | "hasPhoto">): Note {
  const added = { by: by.name, userId: by.userId };
  if (before === null || before.text === "" || note.text !== "") return { ...added, ...note };
  const { photoBy: _, ...kept } = before;
  return { ...kept, hasPhoto: true, ...(before.userId === by.userId ? {} : { photoBy: added }) };
}
