import { rawEvent } from "../alarms/payloads/raw-event.ts";
import type { AlarmEvent } from "../alarms/event.ts";
import type { PlantMessage } from "../alarms/plant-message.ts";
import type { Logger } from "../lib/log.ts";

/** A message on its way, and what it says, once it was read. */
interface Arrival {
  readonly message: PlantMessage;
  readonly events: readonly AlarmEvent[];
}

/** One part of the way: takes what came so far and returns what goes on. @param onTaken see `createIngest` */
export type Stage = (
  arrivals: readonly Arrival[],
  onTaken: () => void,
) => readonly Arrival[] | Promise<readonly Arrival[]>;

/**
 * The way of the plant's messages: a list of stages, of which each gets what the one before it returned. It rejects only where the
 * database fails. A message that our code trips over is stored all the same, raw if nothing else works: refused, it would come again and
 * again, and hold up all others.
 * @returns takes messages and resolves when they are on disk; `onTaken` is told as soon as others may be taken, which come behind them
 */
export function createIngest(
  stages: readonly Stage[],
): (messages: readonly PlantMessage[], onTaken?: () => void) => Promise<void> {
  return async (messages, onTaken = () => undefined) => {
    let arrivals: readonly Arrival[] = messages.map((message) => ({ message, events: [] }));
    for (const stage of stages) {
      if (arrivals.length === 0) return;
      arrivals = await stage(arrivals, onTaken);
    }
  };
}

/** A stage that leaves messages out, or knows more of them. */
export const sifted =
  (sift: (messages: readonly PlantMessage[]) => readonly PlantMessage[] | Promise<readonly PlantMessage[]>): Stage =>
  async (arrivals) =>
    (await sift(arrivals.map(({ message }) => message))).map((message) => ({ message, events: [] }));

/** What a message becomes over which our own code fails. */
export type Raw = (message: PlantMessage, error: unknown) => readonly AlarmEvent[];

/** More is one fault with many topics. */
const MAX_TOLD = 20;

/**
 * Takes a message as it is, without any meaning.
 * @param onRaw one was; told once for each topic
 */
export function createRaw(onRaw: (topic: string, error: unknown) => void, log: Logger): Raw {
  /** The topics of this run. */
  const told = new Set<string>();
  return (message, error) => {
    const { topic } = message;
    log.error({ err: error, topic }, "could not read a message: stored raw");
    if (!told.has(topic) && told.size < MAX_TOLD) {
      told.add(topic);
      onRaw(topic, error);
    }
    return [rawEvent(message)];
  };
}

/** The stage that finds out what messages say: nothing, if one is only our own answer that comes back. */
export const read =
  (reader: (message: PlantMessage) => readonly AlarmEvent[], raw: Raw): Stage =>
  (arrivals) =>
    arrivals.map(({ message }) => {
      try {
        return { message, events: reader(message) };
      } catch (error) {
        return { message, events: raw(message, error) };
      }
    });

/**
 * The stage that stores what was read.
 * @param take resolves when events are on disk; `onVisible` is told when they are committed and their chats are woken
 * @param isStorageFailure whether it is for want of a working database that events are not on disk, so that they are to come again
 */
export const recorded =
  (
    take: (events: readonly AlarmEvent[], onVisible?: () => void) => Promise<void>,
    isStorageFailure: (error: unknown) => boolean,
    raw: Raw,
  ): Stage =>
  async (arrivals, onTaken) => {
    try {
      await take(
        arrivals.flatMap(({ events }) => events),
        onTaken,
      );
    } catch (error) {
      if (isStorageFailure(error)) throw error;
      await takeEach(arrivals);
    }
    return arrivals;

    /** Finds out which of the messages it was, so that the others are not stored raw for its sake. */
    async function takeEach(each: readonly Arrival[]): Promise<void> {
      for (const { message, events } of each) {
        try {
          await take(events);
        } catch (error) {
          if (isStorageFailure(error)) throw error;
          await take(raw(message, error));
        }
      }
    }
  };

/** Somebody who looks at what was stored. */
export type Observer = (messages: readonly PlantMessage[], events: readonly AlarmEvent[]) => void;

/** The stage in which others look at what was stored. */
export const observed =
  (observers: readonly Observer[], log: Logger): Stage =>
  (arrivals) => {
    const messages = arrivals.map(({ message }) => message);
    const events = arrivals.flatMap((arrival) => arrival.events);
    for (const look of observers) {
      try {
        look(messages, events);
      } catch (error) {
        log.error({ err: error }, "an observer failed on stored messages");
      }
    }
    return arrivals;
  };
