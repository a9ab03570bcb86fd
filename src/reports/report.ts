import type { Severity } from "../alarms/types.ts";
import type { Logger } from "../lib/log.ts";
import { isFailed } from "../lib/text/partial.ts";
import { explain } from "../measurements/explain.ts";
import {
  summarizeFields,
  type DigestField,
  type FailedField,
  type FieldSummary,
  type ReadField,
} from "../queries/field-summary.ts";
import type { Measurement } from "../measurements/measurement.ts";
import type { Period } from "../queries/period.ts";

/** A picture and what is said below it, one line each. */
export interface Picture {
  readonly png: Uint8Array;
  readonly caption: readonly string[];
}

/** Alarms of which something came in a period, by the worst that each was, and how many of all are active now, or came and went unseen. */
interface AlarmCounts {
  readonly came: Readonly<Record<Severity, number>>;
  readonly active: number;
  /** How many came and went without anybody having acknowledged them. */
  readonly returned: number;
}

/** What happened in a period. */
export interface Report extends Period {
  /** IANA name, for its times. */
  readonly timeZone: string;
  /** Empty where nothing is measured. */
  readonly fields: readonly (FieldSummary | FailedField)[];
  /** Why nothing can be said of the fields, in a sentence; `null`: nothing is wrong. */
  readonly problem: string | null;
  readonly pictures: readonly Picture[];
  readonly alarms: AlarmCounts;
  /** When this program was started; epoch ms. */
  readonly startedAt: number;
}

/** Where a report comes from. */
export interface ReportSources {
  readonly feed: {
    readonly measurements: () => Promise<readonly Measurement[]>;
    readonly read: ReadField;
    readonly digest: DigestField;
    readonly plot: (field: number, startAt: number, endAt: number, timeZone: string) => Promise<Picture>;
  };
  /** Those that the chat may see. */
  readonly alarms: (since: number, chatId: number) => Promise<AlarmCounts>;
  readonly startedAt: number;
  readonly now: () => number;
  readonly log: Logger;
}

/** Looks at a period for a chat. A part that fails does not keep the rest from being told. */
export async function makeReport(
  sources: ReportSources,
  period: Period,
  { chatId, timeZone }: { readonly chatId: number; readonly timeZone: string },
): Promise<Report> {
  const { feed, startedAt } = sources;
  const alarms = await sources.alarms(period.startAt, chatId);
  const { fields, problem } = await measure(sources, period);
  const pictures: Picture[] = [];
  for (const field of fields) {
    if (isFailed(field) || field.statistics.numbers === 0) continue;
    const { measurement } = field;
    try {
      pictures.push(await feed.plot(measurement.number, period.startAt, period.endAt, timeZone));
    } catch (error) {
      sources.log.warn({ err: error, field: measurement.number }, "a report lacks a picture");
    }
  }
  return { ...period, timeZone, fields, problem, pictures, alarms, startedAt };
}

async function measure({ feed, now, log }: ReportSources, period: Period): Promise<Pick<Report, "fields" | "problem">> {
  try {
    const measurements = await feed.measurements();
    const fields = await summarizeFields(feed, { ...period, measurements }, now());
    for (const { error } of fields.filter(isFailed)) log.warn({ err: error }, "a report lacks a field");
    return { fields, problem: null };
  } catch (error) {
    log.warn({ err: error }, "a report lacks its numbers");
    return { fields: [], problem: explain(error) };
  }
}
