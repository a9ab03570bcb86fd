import type { Clock } from "../lib/time/clock.ts";
import { createLoop, type Loop } from "../lib/time/loop.ts";
import type { Logger } from "../lib/log.ts";
import { during } from "../lib/main-thread.ts";
import type { Store } from "../store/store.ts";
import type { BoardOptions } from "./assign-to-board.ts";
import type { Pace } from "../pace/pace.ts";
import { planStep, wantedTurns } from "./plan-step.ts";
import { Reach, type OnReachable } from "./reach.ts";
import { StepRunner } from "./run-step.ts";
import { createStandstill } from "./standstill.ts";
import { Agenda } from "./agenda.ts";
import { UNCOUNTED, type LaneMeter } from "./tally.ts";
import { createTicket } from "../pace/ticket.ts";
import type { CardSender } from "./types.ts";

/** What the lanes of one dispatcher share. */
export interface LaneOptions extends Pick<BoardOptions, "floodRate" | "togetherRate" | "quietUntil"> {
  readonly store: Pick<Store, "cards" | "boards">;
  readonly sender: CardSender;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly log: Logger;
  /** The chat lives on under another id; resolves when its cards do, too. */
  readonly onMigrated: (chatId: number, newChatId: number) => Promise<void>;
  readonly onReachable: OnReachable;
  /** Left out: nobody counts. */
  readonly meter?: LaneMeter;
}

/** The cards of one chat, one call after the other, so that no chat ever waits for another. */
export interface Lane extends Pick<Loop, "wake" | "stop"> {
  /** Says that the service is back; to be followed by a wake. */
  back(): void;
  /** Says that a chat that cannot be reached gave a sign of life: one call finds out whether it can. */
  revive(): void;
  /** Says that the chat gets nothing any more, and is no trouble any more. */
  forget(): void;
}

/** Creates the lane of one chat. It does nothing until it is woken. */
export function createLane(chatId: number, options: LaneOptions): Lane {
  const { pace, clock, log, meter = UNCOUNTED } = options;
  const reach = new Reach(chatId, options);
  const standstill = createStandstill();
  const loop = createLoop({
    step: () => during("the lane of a chat", step),
    clock,
    onError(error) {
      log.error({ err: error, chatId }, "the store failed; trying again");
      ticket.leave();
    },
  });
  const ticket = createTicket(chatId, pace, loop.wake);
  const agenda = new Agenda(chatId, { ...options, reach });
  const runner = new StepRunner(chatId, { ...options, reach, standstill, agenda, meter });

  /** Looks what there is to show, and makes one call, or notes what needs none. */
  async function step(): Promise<number | null> {
    await runner.settle();
    const now = clock.now();
    const { calls, free } = await agenda.look(now);
    const parkedMs = reach.waitMs();
    const turn = ticket.take(wantedTurns({ calls, parkedMs }));
    const decidedBefore = free?.what === "card" ? standstill.times(free.task.pending) : 0;
    const next = planStep({ calls, free, parkedMs, turn: turn?.kind ?? null, decidedBefore });
    meter.stepped(next.kind);
    if (next.kind === "call") agenda.made(next.turn, next.show);
    return runner.run(next, turn, now);
  }

  return {
    wake: loop.wake,
    back() {
      runner.back();
      reach.back();
    },
    revive() {
      if (reach.revive()) loop.wake();
    },
    forget: () => reach.forget(),
    async stop() {
      ticket.leave();
      await loop.stop();
      // What the last call came to: the next run would ring again.
      await runner
        .settle()
        .catch((error: unknown) => log.error({ err: error, chatId }, "could not note the last call"));
    },
  };
}
