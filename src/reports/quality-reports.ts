import type { Scope } from "../alarms/payloads/own.ts";
import { TARGETS } from "../quality/targets.ts";
import type { Quality, MeasuredSpan } from "../quality/types.ts";
import type { QualityReport } from "../quality/verdict.ts";
import type { WhatIf } from "../quality/what-if.ts";
import type { WhatIfRequest } from "../store/quality/alarm-past.ts";
import { settingsApart } from "../store/quality/reader.ts";
import type { DatabaseSettings } from "../store/sql/settings.ts";
import type { WorkerPool } from "../worker/pool.ts";

/** What the reports are made from. */
interface QualitySources {
  readonly database: DatabaseSettings;
  readonly worker: Pick<WorkerPool, "run">;
  readonly plants: { readonly shiftStarts: readonly number[] };
  readonly returnAfterMs: number;
  readonly scopeOf: (chatId: number) => Scope;
  readonly timeZoneOf: (chatId: number) => string;
  readonly historySince: () => Promise<number | null>;
  /** By what alarms are told now, and how messages are read. */
  readonly rulesNow: () => Pick<WhatIfRequest, "rules" | "routes" | "reading">;
}

/** Reports on the quality of alarms. */
export interface QualityReports {
  /** Of what a chat may see. */
  of(span: MeasuredSpan, chatId: number): Promise<QualityReport>;
  /** Whether a report is there, or on its way, and takes no more work. */
  readonly isKept: (span: MeasuredSpan, chatId: number) => boolean;
  /** Hours of days, as a PNG. */
  picture(quality: Quality): Promise<Uint8Array>;
  /** What rules would have done for an alarm; `null`: the chat may not see it. */
  whatIf(span: MeasuredSpan, chatId: number, alarmId: number): Promise<WhatIf | null>;
}

/** Whoever looks at one page looks at the next; a report on millions of events is worked out once. */
const MAX_KEPT = 4;
/** As an hour has it. */
const HOURLY = "rung an hour";

/** Makes reports off the main thread. */
export function createQualityReports(sources: QualitySources): QualityReports {
  const { database, worker, plants, returnAfterMs, scopeOf, timeZoneOf, historySince, rulesNow } = sources;
  const kept = new Map<string, Promise<QualityReport>>();

  function measure(span: MeasuredSpan, scope: Scope, timeZone: string): Promise<Quality> {
    const { shiftStarts } = plants;
    const request = { ...span, timeZone, shiftStarts, returnAfterMs, scope };
    return worker.run({ kind: "quality", database: settingsApart(database), request });
  }

  async function work(span: MeasuredSpan, scope: Scope, timeZone: string): Promise<QualityReport> {
    const quality = await measure(span, scope, timeZone);
    const before = { startAt: span.startAt - (span.endAt - span.startAt), endAt: span.startAt };
    const since = await historySince();
    const former = since !== null && since <= before.startAt ? await measure(before, scope, timeZone) : null;
    return { quality, former };
  }

  /** Chats that may see the same have one. */
  const nameOf = ({ startAt, endAt }: MeasuredSpan, chatId: number): string =>
    [scopeOf(chatId), timeZoneOf(chatId), startAt, endAt].join(" ");

  return {
    isKept: (span, chatId) => kept.has(nameOf(span, chatId)),
    of(span, chatId) {
      const name = nameOf(span, chatId);
      const report = kept.get(name) ?? work(span, scopeOf(chatId), timeZoneOf(chatId));
      kept.delete(name);
      kept.set(name, report);
      const [oldest] = kept.keys();
      if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
      // What failed is tried again by the next who asks.
      report.catch(() => kept.delete(name));
      return report;
    },
    picture({ days }) {
      const hourly = TARGETS.find(({ name }) => name === HOURLY);
      const bounds = { target: hourly?.target ?? 0, limit: hourly?.limit ?? 0 };
      const request = { title: "Alarms that came, by hour", days, ...bounds, theme: "light" } as const;
      return worker.run({ kind: "heatMap", request });
    },
    whatIf({ startAt, endAt }, chatId, alarmId) {
      const request = { startAt, endAt, alarmId, scope: scopeOf(chatId), ...rulesNow() };
      return worker.run({ kind: "whatIf", database: settingsApart(database), request });
    },
  };
}
