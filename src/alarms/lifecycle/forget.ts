import { jointNames } from "./two-people.ts";
import type { Note } from "../handling-parts.ts";
import type { Alarm } from "../types.ts";

/** The alarm without somebody's name: a pseudonym stands wherever it stood. What they took in hand others are reminded of. */
export function withoutPerson(alarm: Alarm, userId: number, pseudonym: string): Alarm {
  const { owner, seenBy, takenBack, shelf, closing, reopening, note, rise } = alarm.handling;
  const isOwner = owner?.userId === userId;
  const seen = seenBy.map((one) => (one.userId === userId ? { ...one, name: pseudonym, userId: 0 } : one));
  const isOneOfTwo = alarm.acknowledgedAt !== null && seenBy.length > 1;
  const acknowledgedBy = isOneOfTwo ? jointNames(seen) : isOwner ? pseudonym : alarm.acknowledgedBy;
  return {
    ...alarm,
    acknowledgedBy,
    handling: {
      ...alarm.handling,
      // A private chat has the id of its person.
      owner: isOwner ? { ...owner, userId: 0, chatId: owner.chatId === userId ? 0 : owner.chatId } : owner,
      seenBy: seen,
      takenBack: takenBack?.userId === userId ? { userId: 0, by: pseudonym } : takenBack,
      shelf: shelf?.userId === userId ? { ...shelf, by: pseudonym, userId: 0 } : shelf,
      closing: closing?.userId === userId ? { ...closing, by: pseudonym, userId: 0 } : closing,
      reopening: reopening?.userId === userId ? { ...reopening, by: pseudonym, userId: 0 } : reopening,
      rise: rise?.former?.userId === userId ? { ...rise, former: { ...rise.former, by: pseudonym, userId: 0 } } : rise,
      note: note && noteWithout(note, userId, pseudonym),
    },
  };
}

function noteWithout(note: Note, userId: number, pseudonym: string): Note {
  const written = note.userId === userId ? { ...note, by: pseudonym, userId: 0 } : note;
  return written.photoBy?.userId === userId ? { ...written, photoBy: { by: pseudonym, userId: 0 } } : written;
}
