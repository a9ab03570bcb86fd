import type { Alarm } from "../alarms/types.ts";
import type { Logger } from "../lib/log.ts";
import type { Plotter } from "./plotter.ts";
import { viewOf } from "./view.ts";

/** The trend that an alarm brings: the last two hours of its field, in the message of its card. */
export interface AlarmPictures {
  /** Whether a message was given a picture in this run. */
  has(chatId: number, messageId: number): boolean;
  /** The picture that waits to be put into a message. */
  waiting(chatId: number, messageId: number): Uint8Array | null;
  /** Notes that it was put there (`isPlaced`), or cannot be. */
  settle(chatId: number, messageId: number, isPlaced: boolean): void;
  /**
   * A message shows this alarm now: its picture is drawn, unless it has it. One is for the alarm as it came, another for how it
   * ended. Returns at once; when the picture is there, `onReady` is called.
   */
  want(alarm: Alarm, chatId: number, messageId: number): void;
}

/** What was drawn for a message last, and the picture until it is settled. */
interface Known {
  readonly stage: string;
  hasPicture: boolean;
  picture: Uint8Array | null;
}

const BEFORE_MS = 2 * 3_600_000;
/** What came down again is seen to stay there. */
const AFTER_MS = 600_000;
/** In a flood of alarms nobody looks at trends, and drawing has to keep up. */
const MAX_WAITING = 20;
/** Messages of which is known that they have their picture. */
const MAX_KNOWN = 1_000;

/** Draws the trends of alarms one after the other, and leaves out those of a flood. */
export function createAlarmPictures(options: {
  readonly plotter: Plotter;
  /** Whether everybody may see a field: a card goes to many. */
  readonly isOpen: (field: number) => boolean;
  readonly timeZoneOf: (chatId: number) => string;
  readonly now: () => number;
  readonly onReady: (alarmId: number, chatId: number) => void;
  readonly log: Logger;
}): AlarmPictures {
  const { plotter, isOpen, timeZoneOf, now, onReady, log } = options;
  /** By message. */
  const known = new Map<string, Known>();
  /** Chats of one zone share a drawing. */
  const drawings = new Map<string, Promise<Uint8Array>>();

  async function draw(alarm: Alarm, timeZone: string): Promise<Uint8Array> {
    const endAt = alarm.state === "cleared" ? Math.min(now(), (alarm.clearedAt ?? now()) + AFTER_MS) : now();
    const startAt = Math.min(alarm.startedAt, endAt) - BEFORE_MS;
    const goesOn = alarm.state === "cleared" ? {} : { goesOn: "end" as const };
    const view = viewOf([alarm.field ?? 1], { startAt, endAt, ...goesOn });
    const limits = alarm.limit === null ? [] : [limitOf(alarm, alarm.limit)];
    return (await plotter.plot({ ...view, limits: "all" }, timeZone, { limits })).png;
  }

  function drawOnce(alarm: Alarm, stage: string, timeZone: string): Promise<Uint8Array> {
    const key = `${alarm.id} ${stage} ${timeZone}`;
    const drawing = drawings.get(key) ?? draw(alarm, timeZone).finally(() => drawings.delete(key));
    drawings.set(key, drawing);
    return drawing;
  }

  async function put(alarm: Alarm, chatId: number, stage: string, message: Known): Promise<void> {
    try {
      message.picture = await drawOnce(alarm, stage, timeZoneOf(chatId));
      onReady(alarm.id, chatId);
    } catch (error) {
      // The card says all that matters.
      log.warn({ err: error, alarm: alarm.id }, "no trend for this alarm");
    }
  }

  return {
    has: (chatId, messageId) => known.get(`${chatId}:${messageId}`)?.hasPicture ?? false,
    waiting: (chatId, messageId) => known.get(`${chatId}:${messageId}`)?.picture ?? null,
    settle(chatId, messageId, isPlaced) {
      const message = known.get(`${chatId}:${messageId}`);
      if (!message) return;
      message.picture = null;
      message.hasPicture ||= isPlaced;
    },
    want(alarm, chatId, messageId) {
      const key = `${chatId}:${messageId}`;
      const stage = `${alarm.occurrence} ${alarm.state}`;
      if (alarm.field === null || !isOpen(alarm.field)) return;
      if (known.get(key)?.stage === stage || drawings.size >= MAX_WAITING) return;
      const hasPicture = known.get(key)?.hasPicture ?? false;
      const message: Known = { stage, hasPicture, picture: null };
      known.delete(key);
      known.set(key, message);
      const [oldest] = known.keys();
      if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
      void put(alarm, chatId, stage, message);
    },
  };
}

/** The limit that an alarm itself names; it was passed in the direction in which its value lies. */
const limitOf = ({ severity, value }: Alarm, limit: number) =>
  ({ value: limit, side: value !== null && value < limit ? "below" : "above", severity }) as const;
