import type { Seen } from "../../alarms/lifecycle/handling.ts";
import { rankOf, SEVERITIES, type Alarm, type Severity } from "../../alarms/types.ts";
import { originOfAlarm } from "../../alarms/origin.ts";
import { toAlarm, toHandling, type AlarmRow } from "./alarm-row.ts";
import type { Queries } from "../sql/database.ts";
import { lastNumber } from "../sql/numbers.ts";

/** How far a board shows what happened. */
export interface BoardMark {
  /** The number of the newest event. */
  readonly event: number;
  /** The board's own change with which something came to it last: when it is passed on, that is long after its event. */
  readonly change: number;
}

/** What a board has to say. */
export interface BoardContent {
  readonly total: number;
  readonly active: number;
  /** Those that *I'm on it* below it acknowledges. */
  readonly open: number;
  readonly mark: BoardMark;
  readonly bySeverity: readonly { readonly severity: Severity; readonly count: number }[];
  /** The sources with the most, the busiest first. */
  readonly bySource: readonly { readonly source: string; readonly count: number }[];
  /** How many sources there are in all. */
  readonly sources: number;
  /** The one that came first, by the plant's clock; information only if there is nothing else, as it seldom is a cause. */
  readonly firstOut: Alarm | null;
  /** The error, or what is worse, that came last; else what came last. What is still active goes before what is not. */
  readonly newest: Alarm | null;
  /** What the page lists: active ones first, the most severe first, the newest first. */
  readonly alarms: readonly Alarm[];
  readonly offset: number;
}

/** Alarms on the overview, and on a page of the list. */
export const BOARD_PAGE = 8;
const TOP_SOURCES = 6;

/** Nobody need acknowledge information. */
const IS_OPEN = "(state = 'active' OR is_returned = 1) AND acknowledged_at IS NULL AND peak_severity > 0";
/** What has a card of its own is acknowledged there. */
const IS_BOARDS_OWN = "cards.message_id IS NULL";
/** As bad as it is, or was. */
const HOW_BAD = "(CASE WHEN state = 'active' THEN severity ELSE peak_severity END)";
const ON_BOARD = "FROM cards JOIN alarms ON alarms.id = cards.alarm_id WHERE cards.board_id = $1";

/** What is on a board, for one of its pages. */
export async function readBoard(
  database: Pick<Queries, "all">,
  { id, page }: { readonly id: number; readonly page: number },
): Promise<BoardContent> {
  // Before all else: what comes meanwhile counts as not shown, whether it is or not.
  const mark = { event: await lastNumber(database, "event"), change: await lastJoined(database, id) };
  const severities = await database.all<{ rank: number; n: number; active: number; open: number }>(
    `SELECT peak_severity AS rank, COUNT(*) AS n, SUM(CASE WHEN state = 'active' THEN 1 ELSE 0 END) AS active,
       SUM(CASE WHEN ${IS_OPEN} AND ${IS_BOARDS_OWN} THEN 1 ELSE 0 END) AS open
     ${ON_BOARD} GROUP BY peak_severity ORDER BY peak_severity DESC`,
    id,
  );
  const sources = await readSources(database, id);
  const [firstOut] = await database.all<AlarmRow>(
    `SELECT alarms.* ${ON_BOARD} ORDER BY CASE WHEN peak_severity > 0 THEN 0 ELSE 1 END, started_at, alarms.id LIMIT 1`,
    id,
  );
  const [newest] = await database.all<AlarmRow>(
    `SELECT alarms.* ${ON_BOARD} ORDER BY state, CASE WHEN ${HOW_BAD} >= ${rankOf("error")} THEN 0 ELSE 1 END,
       risen_with DESC, alarms.id DESC LIMIT 1`,
    id,
  );
  const offset = Math.max(0, page - 1) * BOARD_PAGE;
  const alarms = await database.all<AlarmRow>(
    `SELECT alarms.* ${ON_BOARD} ORDER BY state, ${HOW_BAD} DESC, started_at DESC, alarms.id DESC LIMIT $2 OFFSET $3`,
    id,
    BOARD_PAGE,
    offset,
  );
  const sum = (of: (row: (typeof severities)[number]) => number): number =>
    severities.reduce((total, row) => total + of(row), 0);
  return {
    total: sum(({ n }) => n),
    active: sum(({ active }) => active),
    open: sum(({ open }) => open),
    mark,
    bySeverity: severities.map(({ rank, n }) => ({ severity: SEVERITIES[rank] ?? "critical", count: n })),
    bySource: sources.slice(0, TOP_SOURCES),
    sources: sources.length,
    newest: newest ? toAlarm(newest) : null,
    firstOut: firstOut ? toAlarm(firstOut) : null,
    alarms: alarms.map(toAlarm),
    offset,
  };
}

/** By what a card calls them, where the plant names no source; a machine that only a text names counts under its topic. */
async function readSources(database: Pick<Queries, "all">, id: number): Promise<BoardContent["bySource"]> {
  const rows = await database.all<{ source: string | null; topic: string; course: string; n: number }>(
    `SELECT source, CASE WHEN source IS NULL THEN topic ELSE '' END AS topic, MAX(course) AS course, COUNT(*) AS n
     ${ON_BOARD} GROUP BY source, CASE WHEN source IS NULL THEN topic ELSE '' END`,
    id,
  );
  const counts = new Map<string, number>();
  for (const { source, topic, course, n } of rows) {
    const { name } = originOfAlarm({ source, topic, message: "", handling: toHandling({ course, peak_severity: 0 }) });
    counts.set(name, (counts.get(name) ?? 0) + n);
  }
  return [...counts]
    .map(([source, count]) => ({ source, count }))
    .sort((a, b) => b.count - a.count || (a.source < b.source ? -1 : 1));
}

/** What a press of *I'm on it* below a board is about. */
export interface Takeable {
  /** What the board showed as open, and how: only as that it is acknowledged. */
  readonly shown: readonly (Seen & { readonly alarmId: number })[];
  /** Open as well, but they came, or got worse, after the board was shown. */
  readonly newer: number;
  /** Open as well, but they have cards of their own. */
  readonly withCards: number;
}

/**
 * What is open on a board, by what it showed.
 * @param mark see `BoardContent.mark`
 */
export async function takeable(database: Pick<Queries, "all">, id: number, mark: BoardMark): Promise<Takeable> {
  const rows = await database.all<{ id: number; occurrence: number; rank: number; is_newer: number; has_card: number }>(
    `SELECT alarms.id, alarms.occurrence, alarms.severity AS rank,
       CASE WHEN alarms.risen_with > $2 OR cards.board_change > $3 THEN 1 ELSE 0 END AS is_newer,
       CASE WHEN ${IS_BOARDS_OWN} THEN 0 ELSE 1 END AS has_card ${ON_BOARD} AND ${IS_OPEN} ORDER BY alarms.id`,
    id,
    mark.event,
    mark.change,
  );
  const older = rows.filter((row) => row.is_newer === 0);
  const shown = older.filter((row) => row.has_card === 0);
  return {
    shown: shown.map(({ id: alarmId, occurrence, rank }) => ({ alarmId, occurrence, rank })),
    newer: rows.length - older.length,
    withCards: older.length - shown.length,
  };
}

async function lastJoined(database: Pick<Queries, "all">, id: number): Promise<number> {
  const sql = "SELECT MAX(board_change) AS change FROM cards WHERE board_id = $1";
  const [row] = await database.all<{ change: number | null }>(sql, id);
  return row?.change ?? 0;
}
