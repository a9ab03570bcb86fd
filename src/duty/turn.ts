import type { Destination } from "../alarms/types.ts";

/** One person's time on duty, from `startAt` until before `endAt`; epoch ms. */
export interface DutyTurn {
  readonly startAt: number;
  readonly endAt: number;
  /** Their private chat with the bot, which has the id of its person. */
  readonly who: Destination;
}

/** A time in which nobody is on duty. */
export type DutyGap = Pick<DutyTurn, "startAt" | "endAt">;

/** Turns in order, those of one person that follow each other as one. */
export function joined(turns: readonly DutyTurn[]): readonly DutyTurn[] {
  const all: DutyTurn[] = [];
  for (const turn of [...turns].sort((a, b) => a.startAt - b.startAt)) {
    const last = all.at(-1);
    if (last?.endAt === turn.startAt && last.who.chatId === turn.who.chatId) {
      all[all.length - 1] = { ...last, endAt: turn.endAt };
    } else all.push(turn);
  }
  return all;
}

/** The turns where somebody else takes what `change` says, whoever had it. */
export function exchanged(turns: readonly DutyTurn[], change: DutyTurn): readonly DutyTurn[] {
  const others = turns.flatMap((turn) => [
    { ...turn, endAt: Math.min(turn.endAt, change.startAt) },
    { ...turn, startAt: Math.max(turn.startAt, change.endAt) },
  ]);
  return [...others, change].filter(({ startAt, endAt }) => startAt < endAt);
}

/** When nobody is on duty from `from` until `to`. */
export function gapsOf(turns: readonly DutyTurn[], from: number, to: number): readonly DutyGap[] {
  const gaps: DutyGap[] = [];
  let covered = from;
  for (const { startAt, endAt } of [...turns].sort((a, b) => a.startAt - b.startAt)) {
    if (endAt <= covered || startAt >= to) continue;
    if (startAt > covered) gaps.push({ startAt: covered, endAt: startAt });
    covered = endAt;
  }
  if (covered < to) gaps.push({ startAt: covered, endAt: to });
  return gaps;
}
