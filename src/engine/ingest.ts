import { rawEvent } from "../alarms/payloads/raw-event.ts";
import type { AlarmEvent } from "../alarms/event.ts";
import type { PlantMessage } from "../alarms/types.ts";
import type { Logger } from "../lib/log.ts";

/** What the way of a message goes through. */
export interface IngestOptions {
  /** What a message says: nothing, if it is only our own answer that comes back. */
  readonly read: (message: PlantMessage) => readonly AlarmEvent[];
  /** Resolves when events are on disk and their chats are woken. */
  readonly take: (events: readonly AlarmEvent[]) => Promise<void>;
  /** Whether it is for want of a working database that events are not on disk, so that they are to come again. */
  readonly isStorageFailure: (error: unknown) => boolean;
  /** Those who look at what was stored. */
  readonly observers: readonly ((messages: readonly PlantMessage[], events: readonly AlarmEvent[]) => void)[];
  /** A message was stored raw, since something of ours failed over it; told once for each topic. */
  readonly onRaw: (topic: string, error: unknown) => void;
  readonly log: Logger;
}

/** More is one fault with many topics. */
const MAX_TOLD = 20;

/**
 * The way of the plant's messages: read, recorded, looked at. It rejects only where the database fails. A message that our code trips
 * over is stored all the same, raw if nothing else works: refused, it would come again and again, and hold up all others.
 */
export function createIngest(options: IngestOptions): (messages: readonly PlantMessage[]) => Promise<void> {
  const { take, isStorageFailure, observers, onRaw, log } = options;

  /** The topics of what was stored raw in this run. */
  const told = new Set<string>();

  function raw(message: PlantMessage, error: unknown): readonly AlarmEvent[] {
    const { topic } = message;
    log.error({ err: error, topic }, "could not read a message: stored raw");
    if (!told.has(topic) && told.size < MAX_TOLD) {
      told.add(topic);
      onRaw(topic, error);
    }
    return [rawEvent(message)];
  }

  function read(message: PlantMessage): readonly AlarmEvent[] {
    try {
      return options.read(message);
    } catch (error) {
      return raw(message, error);
    }
  }

  /** Finds out which of the messages it was, so that the others are not stored raw for its sake. */
  async function takeEach(read: readonly (readonly [PlantMessage, readonly AlarmEvent[]])[]): Promise<void> {
    for (const [message, events] of read) {
      try {
        await take(events);
      } catch (error) {
        if (isStorageFailure(error)) throw error;
        await take(raw(message, error));
      }
    }
  }

  return async (messages) => {
    const found = messages.map((message) => [message, read(message)] as const);
    const events = found.flatMap(([, its]) => its);
    try {
      await take(events);
    } catch (error) {
      if (isStorageFailure(error)) throw error;
      await takeEach(found);
    }
    for (const look of observers) {
      try {
        look(messages, events);
      } catch (error) {
        log.error({ err: error }, "an observer failed on stored messages");
      }
    }
  };
}
