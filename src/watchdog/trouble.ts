import type { OwnMessage } from "../alarms/payloads/own.ts";
import { shorten } from "../alarms/text.ts";

/** A cause of silence, as people are told of it. */
export interface Trouble extends Pick<OwnMessage, "severity" | "isForEverybody" | "about"> {
  /** The same for as long as the trouble lasts, and when it comes again. */
  readonly id: string;
  readonly message: string;
}

/** A trouble that stops the alarms of a whole plant: everybody is told of it at all times. */
export const STOPS_ALARMS = { severity: "critical", isForEverybody: true } as const;

/** Begins the id of each trouble: our own alarms with other ids are not ours to end. */
const PREFIX = "silence: ";
/** Topics may have 64 KiB; a card has room for a line. */
const MAX_NAME = 100;

/** The id of the trouble with a subject: `broker`, `bridge north`, the key of a monitor. */
export const troubleId = (subject: string): string => `${PREFIX}${subject}`;

/** The subject of such an id; `null`: the id is of another own alarm. */
export const subjectOf = (id: string): string | null => (id.startsWith(PREFIX) ? id.slice(PREFIX.length) : null);

/** A name as it stands in a sentence. */
export const quoted = (name: string): string => `“${shorten(name, MAX_NAME)}”`;
