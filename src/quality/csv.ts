import { remedyWords } from "./candidates.ts";
import { judged } from "./targets.ts";
import type { Lengths, Quality, Rate } from "./types.ts";
import type { QualityReport } from "./verdict.ts";
import type { WhatIf } from "./what-if.ts";

/** A row of the file: which page, of what, which figure, and what it is. */
export type QualityRow = readonly [page: string, of: string, figure: string, value: string];

const SECOND_MS = 1_000;
const timeOf = (at: number | null): string => (at === null ? "" : new Date(at).toISOString());
const secondsOf = (ms: number | null): string => (ms === null ? "" : String(ms / SECOND_MS));

/** What rules would have done for one of the most frequent alarms, or why that is not known. */
export type NamedWhatIf = { readonly name: string } & ({ readonly whatIf: WhatIf } | { readonly why: string });

/** All that a report says, in plain rows; times are UTC, lengths are seconds, shares are of 1. */
export function* qualityRows(
  { quality, former }: QualityReport,
  whatIfs: readonly NamedWhatIf[] = [],
): Generator<QualityRow> {
  yield ["span", "", "from", timeOf(quality.startAt)];
  yield ["span", "", "to", timeOf(quality.endAt)];
  for (const { name, value, target, limit, verdict } of judged(quality)) {
    yield ["targets", name, "value", String(value)];
    yield ["targets", name, "target", String(target)];
    if (limit !== null) yield ["targets", name, "limit", String(limit)];
    yield ["targets", name, "verdict", verdict];
  }
  for (const { name, value } of former === null ? [] : judged(former))
    yield ["period before", name, "value", String(value)];
  yield* rateRows("load", "all alarms", quality.load);
  for (const { chat, rate } of quality.rung) yield* rateRows("rung", `chat ${chat}`, rate);
  for (const { day, hours } of quality.days) {
    for (const [hour, count] of hours.entries()) yield ["hours", day, String(hour), String(count)];
  }
  yield* alarmRows(quality);
  for (const one of whatIfs) {
    if ("why" in one) yield ["what if", one.name, "not known", one.why];
    else yield* whatIfRows(one.name, one.whatIf);
  }
  yield* answerRows(quality);
}

function* whatIfRows(name: string, { rings, trueAlarms, remedies }: WhatIf): Generator<QualityRow> {
  yield ["what if", name, "rings", String(rings)];
  yield ["what if", name, "true alarms", String(trueAlarms)];
  for (const one of remedies) {
    if ("why" in one) yield ["what if", name, `${one.kind}: not offered`, one.why];
    else {
      const words = remedyWords(one.remedy);
      yield ["what if", name, `${words}: rings`, String(one.rings)];
      yield ["what if", name, `${words}: true alarms missed`, String(one.missed)];
      yield* lengthRows("what if", name, `${words}: later`, one.later);
    }
  }
}

function* rateRows(page: string, of: string, rate: Rate): Generator<QualityRow> {
  for (const [figure, value] of Object.entries(rate)) yield [page, of, figure, String(value)];
}

function* alarmRows(quality: Quality): Generator<QualityRow> {
  for (const { startAt, endAt, size, firstOut } of quality.floods) {
    const of = timeOf(startAt);
    yield ["floods", of, "seconds", secondsOf(endAt - startAt)];
    yield ["floods", of, "size", String(size)];
    yield ["floods", of, "first out", firstOut];
  }
  for (const { name, count, share, proposal } of quality.worst) {
    yield ["most frequent", name, "count", String(count)];
    yield ["most frequent", name, "share", String(share)];
    yield ["most frequent", name, "proposal", proposal];
  }
  for (const { name, count } of quality.chattering) yield ["chattering", name, "times", String(count)];
  for (const { name, count } of quality.fleeting) yield ["fleeting", name, "times", String(count)];
  for (const { name, startAt, endAt } of quality.stale) {
    yield ["stale", name, "since", timeOf(startAt)];
    yield ["stale", name, "seconds", secondsOf(endAt - startAt)];
  }
  for (const [priority, count] of Object.entries(quality.priorities))
    yield ["priorities", priority, "count", String(count)];
}

function* answerRows({
  shelved,
  response,
  delivery,
  worth,
  ringsPerChange,
  escalated,
}: Quality): Generator<QualityRow> {
  for (const { name, by, at, untilAt, isTakenBack, why } of shelved) {
    yield ["shelved", name, "at", timeOf(at)];
    yield ["shelved", name, "until", timeOf(untilAt)];
    yield ["shelved", name, "taken back", isTakenBack ? timeOf(untilAt) : ""];
    yield ["shelved", name, "by", by];
    yield ["shelved", name, "why", why ?? ""];
  }
  for (const { severity, shiftStart, rung, unacknowledged, toAcknowledge, toClear } of response) {
    const of = `${severity}, shift from minute ${shiftStart}`;
    yield ["response", of, "rung", String(rung)];
    yield ["response", of, "never acknowledged", String(unacknowledged)];
    yield* lengthRows("response", of, "to acknowledge", toAcknowledge);
    yield* lengthRows("response", of, "to clear", toClear);
  }
  yield ["response", "", "escalated", String(escalated)];
  yield* lengthRows("delivery", "", "received to told", delivery.received);
  for (const figure of ["told", "late", "secondPath", "drills"] as const) {
    yield ["delivery", "", figure, String(delivery[figure])];
  }
  for (const { chat, count } of delivery.unreached) yield ["delivery", `chat ${chat}`, "not reached", String(count)];
  yield ["worth", "", "useful", String(worth.useful)];
  yield ["worth", "", "nothing to do", String(worth.nothingToDo)];
  yield ["delivery", "", "rings per change", ringsPerChange === null ? "" : String(ringsPerChange)];
}

function* lengthRows(
  page: string,
  of: string,
  what: string,
  lengths: Readonly<Record<keyof Lengths, number | null>>,
): Generator<QualityRow> {
  for (const [share, ms] of Object.entries(lengths)) yield [page, of, `${what} ${share}`, secondsOf(ms)];
}
