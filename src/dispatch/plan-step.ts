import type { Task } from "./after-call.ts";
import type { Offers, Showing } from "./agenda.ts";
import type { CallKind } from "../pace/turns.ts";

/** What a lane knows of its chat when it takes a step. */
export interface Snapshot extends Offers {
  /** How long the chat is to be left alone; 0: it need not be. */
  readonly parkedMs: number;
  /** The kind of call that it is the lane's turn for; `null`: for none now. */
  readonly turn: CallKind | null;
  /** How often what is free was decided already as it is, without a call, since the lane had nothing to do. */
  readonly decidedBefore: number;
}

/** What a lane does next: one call, or what needs none, after which it looks anew. */
export type LaneStep =
  /** Makes a call, in its turn. */
  | { readonly kind: "call"; readonly turn: CallKind; readonly show: Showing }
  /** Notes what needs no call, and what follows it and needs none either: see `Agenda.likewise`. */
  | { readonly kind: "settle"; readonly task: Task }
  /** The thread of a card is closed: it waits, and no call asks whether it still is. */
  | { readonly kind: "putOff"; readonly task: Task; readonly reason: string }
  /** Decided twice as it is without a call: a fault of ours, which would take all of the machine and starve the others of its chat. */
  | { readonly kind: "park"; readonly task: Task }
  /** Parked, and decided all the same. */
  | { readonly kind: "fail"; readonly task: Task }
  /** The chat is left alone for so long. */
  | { readonly kind: "leaveAlone"; readonly ms: number }
  /** Nothing, until its turn comes. Until then all may have changed. */
  | { readonly kind: "awaitTurn" }
  /** There is nothing to show. */
  | { readonly kind: "rest" };

/** The kinds of calls that a lane wants a turn for; none while its chat is to be left alone. */
export const wantedTurns = ({ calls, parkedMs }: Pick<Snapshot, "calls" | "parkedMs">): ReadonlySet<CallKind> =>
  new Set(parkedMs > 0 ? [] : calls.keys());

/** Decides what a lane does next: what it is the turn of, else what needs no call, as that need not wait for one either. */
export function planStep({ calls, free, parkedMs, turn, decidedBefore }: Snapshot): LaneStep {
  const show = turn === null ? undefined : calls.get(turn);
  if (turn !== null && show) return { kind: "call", turn, show };
  if (free?.what === "putOff") return { kind: "putOff", task: free.task, reason: free.reason };
  if (free) return { kind: (["settle", "park"] as const)[decidedBefore] ?? "fail", task: free.task };
  if (calls.size === 0) return { kind: "rest" };
  return parkedMs > 0 ? { kind: "leaveAlone", ms: parkedMs } : { kind: "awaitTurn" };
}
