import { NEWS } from "../alarms/card.ts";
import { severityOfRing, type BoardKind } from "../alarms/cards/decide.ts";
import type { Severity } from "../alarms/types.ts";
import type { Board } from "../store/alarms/board-rows.ts";
import type { CardChange } from "../store/alarms/decisions.ts";
import type { Settled, Task } from "./after-call.ts";
import type { LaneStep } from "./plan-step.ts";

/** What lanes tell of their work, to be counted. */
export interface LaneMeter {
  /** A step was planned. */
  readonly stepped: (kind: LaneStep["kind"]) => void;
  /** A decision was carried out, or a call for it failed. */
  readonly decided: (decision: Task["decision"]) => void;
  /** What failed is done again. */
  readonly retried: (what: "card" | "board", why: Settled["kind"] | "parked") => void;
  /** Telegram answered that news of an alarm is shown, so long after its event came. */
  readonly shown: (severity: Severity, seconds: number) => void;
}

/** Where nobody counts. */
export const UNCOUNTED: LaneMeter = {
  stepped: () => undefined,
  decided: () => undefined,
  retried: () => undefined,
  shown: () => undefined,
};

/** Tells the meter what became of cards and boards. */
export interface Tally {
  card(task: Task, outcome: Settled, change: CardChange, at: number): void;
  parked(task: Task): void;
  board(board: Pick<Board, "id">, outcome: Settled, at: number): void;
}

/** News that a board is to show. */
interface BoardNews {
  readonly boardId: number;
  readonly severity: Severity;
  readonly since: number;
}

/** Boards that are shown as soon as possible; others wait on purpose, which is no delay. */
const PROMPT: ReadonlySet<BoardKind> = new Set(["flood", "catchUp", "together"]);
/** What is on boards and not shown yet; more of it is not measured. */
const MAX_TOLD = 10_000;

/** Creates the tally of one chat's lane. What waits on a board when the program ends is not measured. */
export function createTally(meter: LaneMeter): Tally {
  let onBoards: BoardNews[] = [];

  return {
    card(task, outcome, change, at) {
      const { decision, gathering, pending } = task;
      meter.decided(decision);
      if (change.kind === "retry" || change.kind === "gone") meter.retried("card", outcome.kind);
      if (change.kind !== "shown" || !NEWS.includes(pending.card.ringReason)) return;
      if (decision.action === "send" && NEWS.includes(decision.reason)) {
        meter.shown(severityOfRing(pending.alarm, decision.reason), secondsFrom(sinceOf(task), at));
      } else if (decision.action === "board" && gathering && PROMPT.has(gathering.kind) && onBoards.length < MAX_TOLD) {
        const severity = severityOfRing(pending.alarm, pending.card.ringReason);
        onBoards.push({ boardId: gathering.boardId, severity, since: sinceOf(task) });
      }
    },
    parked({ decision }) {
      meter.decided(decision);
      meter.retried("card", "parked");
    },
    board({ id }, outcome, at) {
      if (outcome.kind !== "done") return meter.retried("board", outcome.kind);
      for (const { boardId, severity, since } of onBoards)
        if (boardId === id) meter.shown(severity, secondsFrom(since, at));
      onBoards = onBoards.filter(({ boardId }) => boardId !== id);
    },
  };
}

/** When the event came: a card waits from when that was stored, and an alarm's newest event may have come while it waited. */
const sinceOf = ({ pending: { alarm, since } }: Task): number => Math.min(since, alarm.lastReceivedAt);

/** A clock that was set back makes nothing quick. */
const secondsFrom = (since: number, at: number): number => Math.max(0, at - since) / 1_000;
