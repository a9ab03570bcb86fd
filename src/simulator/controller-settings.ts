/** What a controller sends at all; each alarm goes one way only. */
export const SENT_KINDS = ["points", "bulk", "warnings", "twincat"] as const;
export type SentKind = (typeof SENT_KINDS)[number];

/** How a controller is programmed. */
export interface ControllerSettings {
  readonly machine: string;
  readonly send: ReadonlySet<SentKind>;
  /** ThingSpeak's number, for the topics of points. */
  readonly channelId: number;
  /** What stands at the end of the topics of points; `null`: nothing, as ThingSpeak has it today. */
  readonly writeKey: string | null;
  readonly warningTopic: string;
  readonly bulkTopic: string;
  /** Between two samples for ThingSpeak, ms; whole seconds. */
  readonly everyMs: number;
  /** What one bulk message covers, ms; a multiple of `everyMs`. */
  readonly bulkEveryMs: number;
}
