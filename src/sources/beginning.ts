import { withDeadline } from "../lib/time/deadline.ts";
import type { Readings, Source } from "../measurements/source.ts";

/** A longer time without entries, as a share of the period, at its start is worth a question. */
const LEAD_SHARE = 0.01;
/** A plot does not wait any longer for it. */
const ASK_MS = 3_000;

/**
 * A source whose readings say where the first entry ever is among them: before it nothing was due, so that nothing is missing. It is
 * asked for only where a period begins with a pause, and what is found is kept.
 */
export function withBeginning<T extends Pick<Source, "read" | "hasBefore">>(source: T): T {
  /** By field: the first entry ever, and an instant before which there are others; epoch ms. */
  const begins = new Map<number, number>();
  const goesBack = new Map<number, number>();

  async function isFirst(field: number, at: number): Promise<boolean> {
    if (at >= (goesBack.get(field) ?? Number.POSITIVE_INFINITY)) return false;
    if (at === begins.get(field)) return true;
    // What cannot be told now is as if there were more.
    const hasBefore = await withDeadline(source.hasBefore({ field, at }), ASK_MS, () => new Error("late")).catch(
      () => null,
    );
    if (hasBefore === true) goesBack.set(field, at);
    if (hasBefore === false) begins.set(field, at);
    return hasBefore === false;
  }

  return {
    ...source,
    async read(query): Promise<Readings> {
      const readings = await source.read(query);
      const first = readings.times[0];
      const isLate = first !== undefined && first - query.startAt > (query.endAt - query.startAt) * LEAD_SHARE;
      return isLate && (await isFirst(query.field, first)) ? { ...readings, isFromStart: true } : readings;
    },
  };
}
