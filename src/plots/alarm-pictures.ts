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
interface KeptPicture {
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

interface PictureOptions {
  readonly plotter: Plotter;
  /** Whether everybody may see a field: a card goes to many. */
  readonly isOpen: (field: number) => boolean;
  readonly timeZoneOf: (chatId: number) => string;
  readonly now: () => number;
  readonly onReady: (alarmId: number, chatId: number) => void;
  readonly log: Logger;
}

/** Draws the trends of alarms one after the other, and leaves out those of a flood. */
export const createAlarmPictures = (options: PictureOptions): AlarmPictures => new Trends(options);

class Trends implements AlarmPictures {
  readonly #options: PictureOptions;
  /** By message. */
  readonly #known = new Map<string, KeptPicture>();
  /** Chats of one zone share a drawing. */
  readonly #drawings = new Map<string, Promise<Uint8Array>>();

  constructor(options: PictureOptions) {
    this.#options = options;
  }

  has(chatId: number, messageId: number): boolean {
    return this.#known.get(`${chatId}:${messageId}`)?.hasPicture ?? false;
  }

  waiting(chatId: number, messageId: number): Uint8Array | null {
    return this.#known.get(`${chatId}:${messageId}`)?.picture ?? null;
  }

  settle(chatId: number, messageId: number, isPlaced: boolean): void {
    const message = this.#known.get(`${chatId}:${messageId}`);
    if (!message) return;
    message.picture = null;
    message.hasPicture ||= isPlaced;
  }

  want(alarm: Alarm, chatId: number, messageId: number): void {
    const key = `${chatId}:${messageId}`;
    const stage = `${alarm.occurrence} ${alarm.state}`;
    const before = this.#known.get(key);
    if (alarm.field === null || !this.#options.isOpen(alarm.field)) return;
    if (before?.stage === stage || this.#drawings.size >= MAX_WAITING) return;
    const message: KeptPicture = { stage, hasPicture: before?.hasPicture ?? false, picture: null };
    this.#note(key, message);
    void this.#put(alarm, chatId, stage, message);
  }

  /** As the newest; the oldest is forgotten where there are too many. */
  #note(key: string, message: KeptPicture): void {
    this.#known.delete(key);
    this.#known.set(key, message);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_KNOWN && oldest !== undefined) this.#known.delete(oldest);
  }

  async #put(alarm: Alarm, chatId: number, stage: string, message: KeptPicture): Promise<void> {
    const { timeZoneOf, onReady, log } = this.#options;
    try {
      message.picture = await this.#drawOnce(alarm, stage, timeZoneOf(chatId));
      onReady(alarm.id, chatId);
    } catch (error) {
      // The card says all that matters.
      log.warn({ err: error, alarm: alarm.id }, "no trend for this alarm");
    }
  }

  #drawOnce(alarm: Alarm, stage: string, timeZone: string): Promise<Uint8Array> {
    const key = `${alarm.id} ${stage} ${timeZone}`;
    const drawing = this.#drawings.get(key) ?? this.#draw(alarm, timeZone).finally(() => this.#drawings.delete(key));
    this.#drawings.set(key, drawing);
    return drawing;
  }

  async #draw(alarm: Alarm, timeZone: string): Promise<Uint8Array> {
    const { plotter, now } = this.#options;
    const endAt = alarm.state === "cleared" ? Math.min(now(), (alarm.clearedAt ?? now()) + AFTER_MS) : now();
    const startAt = Math.min(alarm.startedAt, endAt) - BEFORE_MS;
    const goesOn = alarm.state === "cleared" ? {} : { goesOn: "end" as const };
    const view = viewOf([alarm.field ?? 1], { startAt, endAt, ...goesOn });
    const limits = alarm.limit === null ? [] : [limitOf(alarm, alarm.limit)];
    return (await plotter.plot({ ...view, limits: "all" }, timeZone, { limits })).png;
  }
}

/** The limit that an alarm itself names; it was passed in the direction in which its value lies. */
const limitOf = ({ severity, value }: Alarm, limit: number) =>
  ({ value: limit, side: value !== null && value < limit ? "below" : "above", severity }) as const;
