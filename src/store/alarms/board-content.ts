import type { Seen } from "../../alarms/lifecycle/handling.ts";
import { rankOf, SEVERITIES, type Alarm, type Severity } from "../../alarms/types.ts";
import { originOfAlarm } from "../../alarms/origin.ts";
import { inOneLine } from "../../alarms/text.ts";
import { toAlarm, toHandling, type AlarmRow } from "./alarm-row.ts";
import type { Queries } from "../sql/database.ts";
import { lastNumber } from "../sql/numbers.ts";
import { readRowsOf } from "../sql/rows.ts";

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

/** What is counted and compared of an alarm on a board. */
interface AlarmOnBoard {
  readonly id: number;
  readonly is_active: number;
  /** As bad as it is, or was; as bad as it was at the worst. */
  readonly rank: number;
  readonly peak: number;
  readonly started_at: number;
  readonly risen_with: number;
  readonly is_open: number;
  readonly source: string | null;
}

/**
 * What is on a board, for one of its pages. In a flood that is ten thousand alarms and asked for every few seconds: they are gone through once,
 * and only those that it names are read as a whole.
 */
export async function readBoard(
  database: Pick<Queries, "all">,
  { id, page }: { readonly id: number; readonly page: number },
): Promise<BoardContent> {
  // Before all else: what comes meanwhile counts as not shown, whether it is or not.
  const mark = { event: await lastNumber(database, "event"), change: await lastJoined(database, id) };
  const rows = await database.all<AlarmOnBoard>(
    `SELECT alarms.id, CASE WHEN state = 'active' THEN 1 ELSE 0 END AS is_active, ${HOW_BAD} AS rank, peak_severity AS peak,
       started_at, risen_with, CASE WHEN ${IS_OPEN} AND ${IS_BOARDS_OWN} THEN 1 ELSE 0 END AS is_open, source ${ON_BOARD}`,
    id,
  );
  const ranks = Map.groupBy(rows, ({ peak }) => peak);
  const offset = Math.max(0, page - 1) * BOARD_PAGE;
  const [firstOut, newest] = [firstBy(rows, byStart), firstBy(rows, byNews)];
  const listed = rows.toSorted(byUrgency).slice(offset, offset + BOARD_PAGE);
  const shown = await readShown(database, [firstOut, newest, ...listed]);
  const sources = await readSources(database, id, rows);
  return {
    total: rows.length,
    active: rows.filter((row) => row.is_active === 1).length,
    open: rows.filter((row) => row.is_open === 1).length,
    mark,
    bySeverity: [...ranks]
      .sort(([a], [b]) => b - a)
      .map(([rank, { length }]) => ({ severity: SEVERITIES[rank] ?? "critical", count: length })),
    bySource: sources.slice(0, TOP_SOURCES),
    sources: sources.length,
    newest: shown(newest),
    firstOut: shown(firstOut),
    alarms: listed.map(shown).filter((alarm) => alarm !== null),
    offset,
  };
}

/** Negative: `a` goes before `b`. */
type Order = (a: AlarmOnBoard, b: AlarmOnBoard) => number;

const byState: Order = (a, b) => b.is_active - a.is_active;
const byStart: Order = (a, b) =>
  Number(a.peak === 0) - Number(b.peak === 0) || a.started_at - b.started_at || a.id - b.id;
const isGrave = ({ rank }: AlarmOnBoard): boolean => rank >= rankOf("error");
const byNews: Order = (a, b) =>
  byState(a, b) || Number(isGrave(b)) - Number(isGrave(a)) || b.risen_with - a.risen_with || b.id - a.id;
const byUrgency: Order = (a, b) => byState(a, b) || b.rank - a.rank || b.started_at - a.started_at || b.id - a.id;

function firstBy(rows: readonly AlarmOnBoard[], order: Order): AlarmOnBoard | null {
  let [first = null] = rows;
  for (const row of rows) if (first !== null && order(row, first) < 0) first = row;
  return first;
}

/** Reads alarms as a whole; one may be forgotten meanwhile. */
async function readShown(
  database: Pick<Queries, "all">,
  rows: readonly (AlarmOnBoard | null)[],
): Promise<(row: AlarmOnBoard | null) => Alarm | null> {
  const ids = new Set(rows.flatMap((row) => (row === null ? [] : [row.id])));
  const read = await readRowsOf<AlarmRow>(database, "SELECT * FROM alarms WHERE id IN", [...ids]);
  const alarms = new Map(read.map((row) => [row.id, toAlarm(row)]));
  return (row) => (row && alarms.get(row.id)) ?? null;
}

/** By what a card calls them, where the plant names no source; a machine that only a text names counts under its topic. */
async function readSources(
  database: Pick<Queries, "all">,
  id: number,
  rows: readonly AlarmOnBoard[],
): Promise<BoardContent["bySource"]> {
  const counts = new Map<string, number>();
  const count = (name: string, n: number): void => void counts.set(name, (counts.get(name) ?? 0) + n);
  for (const { source } of rows) if (source !== null) count(inOneLine(source), 1);
  if (rows.some(({ source }) => source === null)) {
    const topics = await database.all<{ topic: string; course: string; n: number }>(
      `SELECT topic, MAX(course) AS course, COUNT(*) AS n ${ON_BOARD} AND source IS NULL GROUP BY topic`,
      id,
    );
    for (const { topic, course, n } of topics) {
      const handling = toHandling({ course, peak_severity: 0 });
      count(originOfAlarm({ source: null, topic, message: "", handling }).name, n);
    }
  }
  return [...counts]
    .map(([source, n]) => ({ source, count: n }))
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
