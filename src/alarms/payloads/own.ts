import { formatInstant } from "../../lib/time/time.ts";
import { decode } from "./decode.ts";
import type { AlarmEvent } from "../event.ts";
import type { Alarm, Severity } from "../types.ts";

/** Where our own events come from. No wildcard of MQTT matches a topic with a dollar, so no plant's warning is taken for one. */
export const OWN_TOPIC = "$valvomo";
/** What concerns those who run us and nobody else. */
export const ADMINS_TOPIC = `${OWN_TOPIC}/admins`;
/** What concerns whoever relies on us, in whichever chat. */
export const EVERYBODY_TOPIC = `${OWN_TOPIC}/everybody`;
/** What concerns those who get the alarms of one topic of the plant, which stands behind it. */
const ABOUT = `${OWN_TOPIC}/about/`;
const SOURCE = "Valvomo";
/** The source of test alarms: see drill.ts. */
export const DRILL_SOURCE = "Valvomo drill";

/** Which alarms a chat may see: all of them, as an admin's private chat may, or those that are not for admins alone. */
export type Scope = "everything" | "shared";

/** Whether an alarm is for admins only, such as that somebody guesses codes. Nobody can shelve it: that would hide what goes on. */
export const isForAdmins = ({ topic }: Pick<Alarm, "topic">): boolean => topic === ADMINS_TOPIC;

/** Whether an alarm may be seen and handled there. */
export const isInScope = (alarm: Pick<Alarm, "topic">, scope: Scope): boolean =>
  scope === "everything" || !isForAdmins(alarm);

/** What we have to say ourselves, in the words of a plant's message. */
export interface OwnMessage {
  /** One for each condition: what begins and ends it has the same. */
  readonly id: string;
  readonly message: string;
  /** What means that people would not be told of alarms is critical: that rings at all times, and takes the second path. */
  readonly severity: Severity;
  /** `null`: it happened, and nothing will tell that it is over. */
  readonly state: "active" | "cleared" | null;
  /** Whether only admins are told, as of all that is about settings. */
  readonly isForAdmins?: boolean;
  /** Whether every chat is told that gets any alarms. */
  readonly isForEverybody?: boolean;
  /** The plant's topic, or filter of topics, that it is about: whoever gets alarms from there is told. */
  readonly about?: string | null;
}

const topicOf = ({ isForAdmins = false, isForEverybody = false, about = null }: OwnMessage): string =>
  isForAdmins ? ADMINS_TOPIC : isForEverybody ? EVERYBODY_TOPIC : about === null ? OWN_TOPIC : `${ABOUT}${about}`;

/** Which topic of the plant an own alarm is about, by its own topic; `null`: none. */
export const aboutOf = (topic: string): string | null => (topic.startsWith(ABOUT) ? topic.slice(ABOUT.length) : null);

/** Our own trouble is an alarm like any other: it has a card, is acknowledged and cleared. */
export const ownEvent = (own: OwnMessage, receivedAt: number): AlarmEvent => eventOf(topicOf(own), own, receivedAt);

/** The end of an own alarm, under the topic by which this or an earlier version began it. */
export const ownEnd = ({ id, topic }: OwnTrouble, receivedAt: number): AlarmEvent =>
  eventOf(topic, { id, message: `Over: ${id}`, severity: "error", state: "cleared" }, receivedAt);

function eventOf(topic: string, { id, message, severity, state }: OwnMessage, receivedAt: number): AlarmEvent {
  const payload = Buffer.from(JSON.stringify({ id, message, severity, source: SOURCE, state }));
  return decode({ topic, payload, isRetained: false, receivedAt })[0];
}

/** An own alarm that is active. */
export interface OwnTrouble {
  readonly id: string;
  /** One of ours: who is told. */
  readonly topic: string;
}

/** A chat, or one thread of it. */
interface Spot {
  readonly chatId: number;
  readonly threadId: number | null;
}

/**
 * A chat, or one thread of it, cannot be reached, or can be again.
 * @param reason why it cannot; `null` when it can
 * @param isLoss whether alarms reach nobody any more whom they are for
 */
export function reachabilityEvent(
  { chatId, threadId }: Spot,
  reason: string | null,
  receivedAt: number,
  isLoss = false,
): AlarmEvent {
  const [id, name] =
    threadId === null
      ? [`chat ${chatId}`, `Chat ${chatId}`]
      : [`chat ${chatId} thread ${threadId}`, `Thread ${threadId} of chat ${chatId}`];
  return ownEvent(
    {
      id,
      message: `${name} gets no alarms${reason === null ? "" : `: ${reason}`}`,
      severity: isLoss ? "critical" : "error",
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

/** Something of ours failed over a message, which was stored as it came. The topic is as the plant wrote it. */
export const unreadMessage = (topic: string, error: unknown): OwnMessage => ({
  id: "unread messages",
  message:
    `Valvomo has a fault: it shows messages on ${topic} as they came, without severity and state (${String(error)}). ` +
    `Please report it with such a message; /why and the log say more.`,
  severity: "error",
  state: null,
  isForAdmins: true,
});

/** The broker kept nothing for us for a while, although it had promised to; times in `timeZone`. */
export function forgottenEvent(
  gap: { readonly from: number; readonly to: number; readonly isElsewhere: boolean },
  broker: string,
  timeZone: string,
): AlarmEvent {
  const [from, to] = [gap.from, gap.to].map((at) => formatInstant(at, timeZone, gap.to));
  const forgotten = `The broker forgot our session: warnings between ${from} and ${to} may be lost. Does it keep its store over a restart (persistence)?`;
  const unknown = `We moved to the broker ${broker}, and it did not know our session: warnings between ${from} and ${to} may be lost, unless they wait at the broker before it. Brokers of one cluster share sessions if they are set up to.`;
  return ownEvent(
    {
      id: "forgotten session",
      message: gap.isElsewhere ? unknown : forgotten,
      severity: "warning",
      state: null,
    },
    gap.to,
  );
}
