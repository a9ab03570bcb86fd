import { DRILL_SOURCE, type Scope } from "../../alarms/payloads/own.ts";
import type { RingReason } from "../../alarms/card.ts";
import { inOneLine, shorten } from "../../alarms/text.ts";
import { SEVERITIES } from "../../alarms/types.ts";
import { QualityMeasure, type MeasureOptions } from "../../quality/measure.ts";
import type { HistoryLine, KnownAlarm, Quality, MeasuredSpan, EventState } from "../../quality/types.ts";
import { hiddenTopic } from "../alarms/alarm-lists.ts";
import { firstEventSince } from "../alarms/events.ts";
import { eachEvent, type Reading } from "./packed-events.ts";

/** Whose alarms are looked at, when, and by whose clocks and rules. */
export interface QualityRequest extends Omit<MeasureOptions, "alarms"> {
  readonly scope: Scope;
}

const MAX_NAME = 60;

/** Works out the quality of the alarms of a span from what is stored, in one pass. */
export async function readQuality(reading: Reading, request: QualityRequest): Promise<Quality> {
  const { startAt, endAt } = request;
  const first = await firstEventSince(reading, startAt);
  const end = await firstEventSince(reading, endAt);
  const measure = new QualityMeasure({ ...request, alarms: await readAlarms(reading, request, first) });
  const lines = await readLines(reading, request);
  let next = 0;
  const takeLinesUpTo = (at: number): void => {
    for (let line = lines[next]; line !== undefined && line.at < at; line = lines[++next]) measure.line(line);
  };
  await eachEvent(reading, { startAt, endAt, first, end }, (alarm, at, rank, state) => {
    takeLinesUpTo(at);
    measure.event(alarm, at, rank, state);
  });
  takeLinesUpTo(Number.POSITIVE_INFINITY);
  return measure.finish();
}

interface KnownAlarmRow {
  readonly id: number;
  readonly source: string | null;
  readonly message: string;
  readonly peak_severity: number;
  readonly state: "active" | "cleared";
  readonly started_at: number;
  readonly cleared_at: number | null;
  readonly last_received_at: number;
  readonly second_path_at: number | null;
  readonly former_at: number | null;
  readonly former_state: EventState;
  readonly former_severity: number | null;
}

/** @param first the first event of the span: what came before it says whether an alarm was active then */
async function readAlarms(reading: Reading, request: QualityRequest, first: number): Promise<readonly KnownAlarm[]> {
  const rows = await reading.all<KnownAlarmRow>(
    `SELECT alarms.id, alarms.source, alarms.message, alarms.peak_severity, alarms.state, alarms.started_at, alarms.cleared_at,
       alarms.last_received_at, alarms.second_path_at,
       former.received_at AS former_at, former.state AS former_state, former.severity AS former_severity
     FROM alarms LEFT JOIN events AS former ON former.id = (
       SELECT MAX(id) FROM events WHERE alarm_id = alarms.id AND id < $1
     ) WHERE alarms.topic <> $2`,
    first,
    hiddenTopic(request.scope),
  );
  return rows.map((row) => toKnown(row, request));
}

function toKnown(row: KnownAlarmRow, { startAt, endAt }: MeasuredSpan): KnownAlarm {
  const endedAt = row.state === "active" ? null : (row.cleared_at ?? row.last_received_at);
  const second = row.second_path_at;
  return {
    id: row.id,
    name: shorten(inOneLine(row.source === null ? row.message : `${row.source}: ${row.message}`), MAX_NAME),
    severity: SEVERITIES[row.peak_severity] ?? "critical",
    isDrill: row.source === DRILL_SOURCE,
    activeSince: activeSince(row, startAt),
    endedAt,
    hasTakenSecondPath: second !== null && second >= startAt && second < endAt,
  };
}

/** It came with its last event before the span, or earlier, if it stands since then. */
function activeSince(row: KnownAlarmRow, startAt: number): number | null {
  const { former_at: at, former_state: state, former_severity: severity, started_at: startedAt } = row;
  if (at === null || state === "cleared" || severity === 0) return null;
  return row.state === "active" && startedAt < startAt ? Math.min(startedAt, at) : at;
}

interface ActRow {
  readonly at: number;
  readonly alarm: number;
  readonly action: string;
  readonly who: string;
  readonly words: string | null;
  readonly until_at: number | null;
}

/** What happened besides events; no more than Telegram and people have time for. */
async function readLines(reading: Reading, { startAt, endAt }: MeasuredSpan): Promise<readonly HistoryLine[]> {
  const decisions = await reading.all<{ at: number; alarm: number; chat: number; reason: RingReason; result: string }>(
    `SELECT decided_at AS at, alarm_id AS alarm, chat_id AS chat, reason, result FROM decisions
     WHERE decided_at >= $1 AND decided_at < $2 AND (
       (action = 'send' AND result = 'ok' AND reason <> 'found') OR result LIKE 'unreachable:%' OR result LIKE 'closed:%'
     ) ORDER BY id`,
    startAt,
    endAt,
  );
  const boards = await reading.all<{ at: number; chat: number }>(
    `SELECT opened_at AS at, chat_id AS chat FROM boards
     WHERE opened_at >= $1 AND opened_at < $2 AND message_id IS NOT NULL AND kind <> 'found' ORDER BY id`,
    startAt,
    endAt,
  );
  const acts = await reading.all<ActRow>(
    `SELECT acted_at AS at, alarm_id AS alarm, action, person AS who, words, until_at FROM actions
     WHERE acted_at >= $1 AND acted_at < $2 ORDER BY id`,
    startAt,
    endAt,
  );
  return [
    ...decisions.map(({ result, ...ring }): HistoryLine =>
      result === "ok" ? { kind: "ring", ...ring } : { kind: "unreached", at: ring.at, chat: ring.chat },
    ),
    ...boards.map((board): HistoryLine => ({ kind: "ring", ...board, alarm: null, reason: null })),
    ...acts.map(({ who, until_at: untilAt, ...one }): HistoryLine => ({ kind: "act", ...one, by: who, untilAt })),
  ].sort((a, b) => a.at - b.at);
}
