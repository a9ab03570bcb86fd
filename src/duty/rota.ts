import type { Route } from "../alarms/cards/route.ts";
import type { Escalations } from "../alarms/lifecycle/escalation-plan.ts";
import type { Destination } from "../alarms/types.ts";
import { escalationsNow, UNMANNED, routesNow, type Addressee } from "./addressee.ts";
import type { DutyCalendar } from "./calendar.ts";
import type { CalendarTurns } from "./calendar-turns.ts";
import type { Exchanges } from "./exchanges.ts";
import { exchanged, gapsOf, joined, type DutyGap, type DutyTurn } from "./turn.ts";
import { weeklyTurns, type DutySetting } from "./weekly.ts";

/** Who is on duty, as it is at each look. */
export interface Rota {
  /** Whether anybody keeps a rota. */
  readonly isKept: () => boolean;
  /** The turn that is now; `null`: nobody is on duty. */
  readonly current: () => DutyTurn | null;
  /** The turns from now on, the present one included, as far as anybody looks ahead. */
  readonly turns: () => readonly DutyTurn[];
  /** When nobody is on duty, as far as anybody looks ahead; none where nobody keeps a rota. */
  readonly gaps: () => readonly DutyGap[];
  /** All who may be on duty. */
  readonly people: () => readonly Destination[];
  /** The routes of the plants file, and its escalations, with the names of now. The same ones until a name changes. */
  readonly routes: () => readonly Route[];
  readonly escalations: () => Escalations;
}

/** What the plants file says of it, as it is now. */
interface DutyPlants {
  readonly duty: DutySetting | null;
  readonly routes: readonly Route<Addressee>[];
  readonly escalation: Escalations<Addressee>;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A turn of a whole week is to be seen from its beginning. */
const LOOK_BACK_MS = 8 * DAY_MS;
/** So far ahead anybody looks. */
const LOOK_AHEAD_MS = 15 * DAY_MS;

/** Makes who is on duty of what the plants file says and people changed. */
export function createRota(options: {
  readonly plants: DutyPlants;
  readonly changes: Exchanges["changes"];
  /** The turns of the calendar, if there is one that was read. */
  readonly calendar: DutyCalendar["turns"];
  /** Of a rota that names none. */
  readonly timeZone: string;
  readonly now: () => number;
}): Rota {
  const { plants, changes, calendar, timeZone, now } = options;
  const turnsOf = once(
    (
      rota: DutySetting | null,
      read: CalendarTurns | null,
      made: readonly DutyTurn[],
      hour: number,
    ): readonly DutyTurn[] => {
      if (rota === null) return [];
      const [from, to] = [hour * HOUR_MS - LOOK_BACK_MS, hour * HOUR_MS + LOOK_AHEAD_MS];
      const written =
        rota.calendar === null
          ? weeklyTurns({ ...rota, zone: rota.zone ?? timeZone }, from, to)
          : (read?.(from, to) ?? []);
      return joined(made.reduce<readonly DutyTurn[]>(exchanged, written));
    },
  );
  const peopleOf = once((rota: DutySetting | null, turns: readonly DutyTurn[]): readonly Destination[] => {
    const named = [...(rota?.shifts.flatMap(({ who }) => who) ?? []), ...turns.map(({ who }) => who)];
    return [...new Map(named.map((who) => [who.chatId, who])).values()];
  });
  // What lies before the first turn that is known is no gap between two.
  const gapsAmong = once((turns: readonly DutyTurn[], hour: number) =>
    gapsOf(turns, turns[0]?.startAt ?? Infinity, hour * HOUR_MS + LOOK_AHEAD_MS),
  );
  const routesOf = once(routesNow);
  const escalationsOf = once(escalationsNow);

  // Every event asks: what takes time is done once an hour.
  const all = (): readonly DutyTurn[] => turnsOf(plants.duty, calendar(), changes(), Math.floor(now() / HOUR_MS));

  function current(): DutyTurn | null {
    const at = now();
    return all().find(({ startAt, endAt }) => startAt <= at && at < endAt) ?? null;
  }

  const onDuty = (): Destination => current()?.who ?? UNMANNED;

  return {
    isKept: () => plants.duty !== null,
    current,
    turns: () => all().filter(({ endAt }) => endAt > now()),
    gaps: () => gapsAmong(all(), Math.floor(now() / HOUR_MS)).filter(({ endAt }) => endAt > now()),
    people: () => peopleOf(plants.duty, all()),
    routes: () => routesOf(plants.routes, onDuty()),
    escalations: () => escalationsOf(plants.escalation, onDuty()),
  };
}

/** The same result for as long as the same is given. */
function once<Given extends readonly unknown[], Result>(
  make: (...given: Given) => Result,
): (...given: Given) => Result {
  let last: { readonly given: Given; readonly result: Result } | null = null;
  return (...given) => {
    if (last === null || last.given.some((one, index) => one !== given[index]))
      last = { given, result: make(...given) };
    return last.result;
  };
}
