import type { Notifier } from "../dispatch/notifier.ts";
import { openDutyCalendar, type DutyCalendar } from "../duty/calendar.ts";
import { readSource } from "../duty/read-source.ts";
import { openExchanges, type Exchanges } from "../duty/exchanges.ts";
import { createGapWatch, type GapWatch } from "../duty/gap-watch.ts";
import { openHandover, type Handover } from "../duty/handover.ts";
import { createRota, type Rota } from "../duty/rota.ts";
import type { Scheduler } from "../engine/scheduler.ts";
import type { People } from "../store/people/people.ts";
import type { Store } from "../store/store.ts";
import type { Ground } from "./ground.ts";

/** Who is on duty, and what people changed of it. */
export interface DutySide {
  readonly duty: Rota;
  readonly exchanges: Exchanges;
  readonly calendar: DutyCalendar;
  readonly handover: Handover;
}

/** Of what is there before everything else: what it needs. */
interface DutyGround extends Pick<Ground, "plants" | "log"> {
  readonly config: Pick<Ground["config"], "outgoing" | "timeZone">;
  readonly clock: Pick<Ground["clock"], "now">;
}

/** Opens it with what earlier runs kept. */
export async function openDutySide(
  { config, plants, clock, log }: DutyGround,
  { keyValue }: Pick<Store, "keyValue">,
  { isRemoved }: Pick<People, "isRemoved">,
): Promise<DutySide> {
  const { now } = clock;
  const exchanges = await openExchanges(keyValue, now, log);
  const calendar = await openDutyCalendar({
    setting: () => plants.duty?.calendar ?? null,
    read: (source) => readSource(source, config.outgoing),
    keyValue,
    timeZone: () => plants.duty?.zone ?? config.timeZone,
    now,
    log,
  });
  const { changes } = exchanges;
  const { timeZone } = config;
  const duty = createRota({ plants, changes, calendar: calendar.turns, timeZone, isRemoved, now });
  return { duty, exchanges, calendar, handover: await openHandover({ duty, isRemoved, keyValue, now, log }) };
}

/** What follows from who is on duty. */
export interface DutyFollowing {
  /** Whoever is told now is told of what is active, and cards show who is told next; also when the plants file changed. */
  readonly follow: () => Promise<void>;
  /** To be called about once a second: the same when the duty changed. */
  readonly look: () => Promise<void>;
  readonly gapWatch: GapWatch;
}

/** Lets cards follow who is on duty. */
export function createDutyFollowing(
  { config, clock }: Pick<Ground, "config" | "clock">,
  parts: {
    readonly duty: Rota;
    readonly scheduler: Scheduler;
    readonly notifier: Notifier;
    readonly store: Pick<Store, "heartbeats">;
  },
): DutyFollowing {
  const { duty, scheduler, notifier, store } = parts;
  /** With the people whom the cards name. */
  let followed = duty.escalations();

  async function follow(): Promise<void> {
    const escalations = duty.escalations();
    await scheduler.follow(followed);
    await notifier.review();
    followed = escalations;
  }

  return {
    follow,
    async look() {
      if (duty.escalations() !== followed) await follow();
    },
    gapWatch: createGapWatch({
      duty,
      troubles: (topic) => store.heartbeats.activeTroubles(topic),
      tell: notifier.tell,
      take: notifier.take,
      timeZone: config.timeZone,
      now: clock.now,
    }),
  };
}
