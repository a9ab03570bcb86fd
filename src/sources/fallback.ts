import { UpstreamError, type UpstreamReason } from "../lib/errors.ts";
import { isFailed } from "../lib/text/partial.ts";
import { isAway } from "../measurements/explain.ts";
import type { Channel, Source } from "../measurements/source.ts";

/**
 * A source with a second one that stands in for it when it fails, so that a site without internet, or whose plan ran out, keeps its
 * plots. Where the second one has nothing, the failure stays.
 */
export function withFallback(source: Source, recorded: Source): Source {
  /** As the owner named its fields, when it could be had. */
  let known: Channel | null = null;

  return {
    async channel() {
      try {
        known = await source.channel();
        return known;
      } catch (error) {
        const { fields, ...own } = await recorded.channel();
        if (reasonOf(error) === null || fields.length === 0) throw error;
        const labelOf = (number: number) => known?.fields.find((field) => field.number === number)?.label;
        return { ...own, fields: fields.map(({ number, label }) => ({ number, label: labelOf(number) ?? label })) };
      }
    },
    async read(query) {
      try {
        return await source.read(query);
      } catch (error) {
        const instead = reasonOf(error);
        if (instead === null) throw error;
        const readings = await recorded.read(query);
        if (readings.times.length === 0) throw error;
        return { ...readings, instead };
      }
    },
    async hasBefore(query) {
      try {
        return await source.hasBefore(query);
      } catch (error) {
        if (reasonOf(error) === null) throw error;
        return recorded.hasBefore(query);
      }
    },
    async latest() {
      try {
        const entries = await source.latest();
        if (!entries.some((entry) => isFailed(entry) && reasonOf(entry.error) !== null)) return entries;
        const own = await recorded.latest();
        return entries.map((entry) => {
          const instead = isFailed(entry) ? reasonOf(entry.error) : null;
          const found = own.find(({ field }) => field === entry.field);
          return instead === null || !found || isFailed(found) ? entry : { ...found, instead };
        });
      } catch (error) {
        const instead = reasonOf(error);
        if (instead === null) throw error;
        const own = await recorded.latest();
        if (own.length === 0) throw error;
        return own.map((entry) => (isFailed(entry) ? entry : { ...entry, instead }));
      }
    },
  };
}

/** Why a source cannot be used; `null`: it can, and the fault is in what was asked for, or ours. */
const reasonOf = (error: unknown): UpstreamReason | null =>
  error instanceof UpstreamError && isAway(error.reason) ? error.reason : null;
