import { formatInstant } from "../time.ts";
import { decode } from "./decode.ts";
import type { AlarmEvent, Severity } from "./types.ts";

/** Where our own events come from. No wildcard of MQTT matches a topic with a dollar, so no plant's warning is taken for one. */
export const OWN_TOPIC = "$valvomo";
/** What concerns those who run us and nobody else. */
export const ADMINS_TOPIC = `${OWN_TOPIC}/admins`;
const SOURCE = "Valvomo";

/** What we have to say ourselves, in the words of a plant's message. */
export interface OwnMessage {
  /** One for each condition: what begins and ends it has the same. */
  readonly id: string;
  readonly message: string;
  readonly severity: Severity;
  /** `null`: it happened, and nothing will tell that it is over. */
  readonly state: "active" | "cleared" | null;
  /** Whether only admins are told; left out: whoever gets alarms as well. */
  readonly isForAdmins?: boolean;
}

/** Our own trouble is an alarm like any other: it has a card, is acknowledged and cleared. */
export function ownEvent(own: OwnMessage, receivedAt: number): AlarmEvent {
  const { id, message, severity, state } = own;
  const payload = Buffer.from(JSON.stringify({ id, message, severity, source: SOURCE, state }));
  const topic = own.isForAdmins === true ? ADMINS_TOPIC : OWN_TOPIC;
  return decode({ topic, payload, isRetained: false, receivedAt });
}

/** A chat, or one thread of it. */
interface Spot {
  readonly chatId: number;
  readonly threadId: number | null;
}

/**
 * A chat, or one thread of it, cannot be reached, or can be again.
 * @param reason why it cannot; `null` when it can
 */
export function reachabilityEvent({ chatId, threadId }: Spot, reason: string | null, receivedAt: number): AlarmEvent {
  const [id, name] =
    threadId === null
      ? [`chat ${chatId}`, `Chat ${chatId}`]
      : [`chat ${chatId} thread ${threadId}`, `Thread ${threadId} of chat ${chatId}`];
  return ownEvent(
    {
      id,
      message: `${name} gets no alarms${reason === null ? "" : `: ${reason}`}`,
      severity: "error",
      state: reason === null ? "cleared" : "active",
    },
    receivedAt,
  );
}

/** What such a trouble is about, by its id; `null`: it is another one. */
export function spotOf(id: string): Spot | null {
  const [, chatId, threadId] = /^chat (-?\d+)(?: thread (\d+))?$/.exec(id) ?? [];
  return chatId === undefined ? null : { chatId: Number(chatId), threadId: threadId ? Number(threadId) : null };
}

/** The broker kept nothing for us for a while, although it had promised to; times in `timeZone`. */
export function forgottenEvent(gap: { readonly from: number; readonly to: number }, timeZone: string): AlarmEvent {
  const [from, to] = [gap.from, gap.to].map((at) => formatInstant(at, timeZone, gap.to));
  return ownEvent(
    {
      id: "forgotten session",
      message:
        `The broker forgot our session: warnings between ${from} and ${to} may be lost. ` +
        `Does it keep its store over a restart (persistence)?`,
      severity: "warning",
      state: null,
    },
    gap.to,
  );
}
