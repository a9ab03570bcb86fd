import { alarmOf } from "./plant.ts";
import type { SinkCall } from "./sink-process.ts";

/** @throws Error unless there is one card for each alarm, and it says how often the alarm came */
export function checkCards(calls: readonly SinkCall[], published: readonly number[]): void {
  const cards = new Map<number, string>();
  for (const { messageId, text } of calls) if (messageId !== null) cards.set(messageId, text);
  const shown = new Map([...cards.values()].map((text) => [alarmOf(text), Number(/(\d+)× since/.exec(text)?.[1])]));
  const wrong = published.filter((times, alarm) => shown.get(alarm) !== times);
  if (cards.size !== published.length || wrong.length > 0) {
    throw new Error(`${cards.size} cards for ${published.length} alarms, ${wrong.length} of them with a wrong count`);
  }
}
