import type { Route } from "../alarms/cards/route.ts";
import type { Escalations } from "../alarms/lifecycle/escalation-plan.ts";
import type { Destination } from "../alarms/types.ts";
import { escalationsNow, UNMANNED, routesNow, type Addressee } from "./addressee.ts";
import type { DutyCalendar } from "./calendar.ts";
import type { CalendarTurns } from "./calendar-turns.ts";
import type { Exchanges } from "./exchanges.ts";
import { exchanged, gapsOf, joined, type DutyTurn } from "./turn.ts";
import { weeklyTurns, type DutySetting } from "./weekly.ts";

/** Who is on duty, as it is at each look. */
export interface Rota {
  /** Whether anybody keeps a rota. */
  readonly isKept: () => boolean;
  /** The turn that is now; `null`: nobody is on duty. */
  readonly current: () => DutyTurn | null;
  /** Whoever has it, or stands for them while nobody is on duty. */
  readonly onDuty: () => Destination;
  /** The turns from now on, the present one included, as far as anybody looks ahead. */
  readonly turns: () => readonly DutyTurn[];
  /** When nobody is on duty, as far as anybody looks ahead; none where nobody keeps a rota, or its calendar never could be read. */
  readonly gaps: () => readonly RotaGap[];
  /** All who may be on duty. */
  readonly people: () => readonly Destination[];
  /** The routes of the plants file, and its escalations, with the names of now. The same ones until a name changes. */
  readonly routes: () => readonly Route[];
  readonly escalations: () => Escalations;
}

/** A time in which nobody is on duty. */
export interface RotaGap {
  /** `null`: before anybody looks back. */
  readonly startAt: number | null;
  readonly endAt: number;
  /** Whose turn it is, who was removed; `null`: nobody's. */
  readonly removed: Destination | null;
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
  /** Whether somebody's role was taken away: nobody is on duty in their turns. */
  readonly isRemoved: (userId: number) => boolean;
  readonly now: () => number;
}): Rota {
  const { plants, changes, calendar, timeZone, isRemoved, now } = options;
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
  const routesOf = once(routesNow);
  const escalationsOf = once(escalationsNow);

  // Every event asks: what takes time is done once an hour.
  const all = (): readonly DutyTurn[] => turnsOf(plants.duty, calendar(), changes(), Math.floor(now() / HOUR_MS));

  const isManned = ({ who }: DutyTurn): boolean => !isRemoved(who.chatId);

  function current(): DutyTurn | null {
    const at = now();
    return all().find((turn) => turn.startAt <= at && at < turn.endAt && isManned(turn)) ?? null;
  }

  function gaps(): readonly RotaGap[] {
    if (plants.duty === null || (plants.duty.calendar !== null && calendar() === null)) return [];
    return gapsAmong(all(), isManned, Math.floor(now() / HOUR_MS) * HOUR_MS).filter(({ endAt }) => endAt > now());
  }

  const onDuty = (): Destination => current()?.who ?? UNMANNED;

  return {
    isKept: () => plants.duty !== null,
    current,
    onDuty,
    turns: () => all().filter((turn) => turn.endAt > now() && isManned(turn)),
    gaps,
    people: () => peopleOf(plants.duty, all()),
    routes: () => routesOf(plants.routes, onDuty()),
    escalations: () => escalationsOf(plants.escalation, onDuty()),
  };
}

/** What lies between the turns, and those of removed people, as far as anybody looks back and ahead from `at`. */
function gapsAmong(turns: readonly DutyTurn[], isManned: (turn: DutyTurn) => boolean, at: number): RotaGap[] {
  const from = at - LOOK_BACK_MS;
  const between = gapsOf(turns, from, at + LOOK_AHEAD_MS).map((gap) => ({ ...gap, removed: null }));
  const vacant = turns.filter((turn) => !isManned(turn)).map(({ who, ...time }) => ({ ...time, removed: who }));
  return [...between, ...vacant].map((gap) => (gap.startAt <= from ? { ...gap, startAt: null } : gap));
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
