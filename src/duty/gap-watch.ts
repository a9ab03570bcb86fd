import { ADMINS_TOPIC, ownEnd, type OwnMessage, type OwnTrouble } from "../alarms/payloads/own.ts";
import type { AlarmEvent } from "../alarms/event.ts";
import { formatMinute } from "../lib/time/time.ts";
import type { Rota, RotaGap } from "./rota.ts";
import type { DutyGap } from "./turn.ts";

/** So long before nobody is on duty the admins are told. */
const AHEAD_MS = 24 * 3_600_000;
/** Nobody looks further ahead. */
const SEEN_MS = 14 * 24 * 3_600_000;
/** Each gap is an alarm of its own, so that each is told. */
const NAME = "gap in the rota";

/** Tells the admins of each time in which nobody is on duty, a day before, once. */
export interface GapWatch {
  /** To be called about once a minute. */
  readonly look: () => Promise<void>;
}

/** @param options.troubles our own alarms that are active, whose topics begin so */
export function createGapWatch(options: {
  readonly duty: Pick<Rota, "gaps">;
  readonly troubles: (topic: string) => Promise<readonly OwnTrouble[]>;
  readonly tell: (message: OwnMessage) => Promise<void>;
  readonly take: (events: readonly AlarmEvent[]) => Promise<void>;
  readonly timeZone: string;
  readonly now: () => number;
}): GapWatch {
  const { duty, troubles, tell, take, timeZone, now } = options;
  const idAt = (startAt: number): string => `${NAME} ${startAt}`;

  return {
    async look() {
      const gaps = duty.gaps().filter(({ startAt }) => (startAt ?? 0) < now() + AHEAD_MS);
      const known = (await troubles(ADMINS_TOPIC)).filter(({ id }) => id.startsWith(NAME));
      // Of one that began before anybody looks back, its alarm still knows when.
      const told = known.map(({ id }) => Number(id.slice(NAME.length))).filter((startAt) => startAt <= now());
      const present = gaps.map((gap) => ({ ...gap, startAt: gap.startAt ?? Math.min(now(), ...told) }));
      const over = known.filter(({ id }) => present.every(({ startAt }) => idAt(startAt) !== id));
      await take(over.map((trouble) => ownEnd(trouble, now())));
      for (const gap of present) {
        const id = idAt(gap.startAt);
        if (known.some((one) => one.id === id)) continue;
        await tell({ id, severity: "warning", isForAdmins: true, state: "active", message: messageOf(gap) });
      }
    },
  };

  function messageOf({ startAt, endAt, removed }: RotaGap & DutyGap): string {
    const [from, to] = [startAt, endAt].map((at) => formatMinute(at, timeZone));
    const until = endAt - now() < SEEN_MS ? `to ${to}` : "on";
    const why = removed === null ? "" : `, as ${removed.name} was removed`;
    return `Nobody is on duty from ${from} ${until} (${timeZone})${why}. What is for whoever is on duty goes to the admins then; Take over, below /duty, fills it`;
  }
}
