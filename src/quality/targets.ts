import type { Quality } from "./types.ts";

/** A figure with what it is to be. */
interface FigureTarget {
  readonly name: string;
  /** What it counts, for who reads the report. */
  readonly definition: string;
  /** Most that is good, and most that can be borne; `null`: what is not good cannot be borne. */
  readonly target: number;
  readonly limit: number | null;
  readonly unit: "" | "%";
  /** Of how many alarms a share says something: of fewer, the target could not be met by any. */
  readonly leastAlarms?: number;
  readonly of: (quality: Quality) => number;
}

/** A figure of a report, held against its target. */
export interface JudgedFigure extends Pick<FigureTarget, "name" | "definition" | "target" | "limit" | "unit"> {
  readonly value: number;
  readonly verdict: "good" | "above the target" | "beyond the limit" | "too few alarms to say";
}

const rateOfBusiest = ({ rung }: Quality) =>
  rung[0]?.rate ?? { perDay: 0, perHour: 0, perTenMinutes: 0, peakTenMinutes: 0 };
const sum = (nuisances: readonly { readonly count: number }[]): number =>
  nuisances.reduce((all, { count }) => all + count, 0);

/** Of all that came; 0 where nothing did. */
function shareOf({ priorities: { low, medium, high } }: Quality, of: "medium" | "high"): number {
  const all = low + medium + high;
  return all === 0 ? 0 : ((of === "medium" ? medium : high) / all) * 100;
}

/** The targets and limits of ISA-18.2 and EEMUA 191, each at one place. */
export const TARGETS: readonly FigureTarget[] = [
  {
    name: "rung a day",
    definition: "messages that made a sound in the busiest chat, which is what a person there heard; mean",
    target: 150,
    limit: 300,
    unit: "",
    of: (quality) => rateOfBusiest(quality).perDay,
  },
  {
    name: "rung an hour",
    definition: "the same for an hour",
    target: 6,
    limit: 12,
    unit: "",
    of: (quality) => rateOfBusiest(quality).perHour,
  },
  {
    name: "rung in ten minutes",
    definition: "the same for ten minutes",
    target: 1,
    limit: 2,
    unit: "",
    of: (quality) => rateOfBusiest(quality).perTenMinutes,
  },
  {
    name: "most in any ten minutes",
    definition: "alarms that came, wherever the ten minutes begin",
    target: 10,
    limit: null,
    unit: "",
    of: ({ load }) => load.peakTenMinutes,
  },
  {
    name: "time in flood",
    definition: "a flood begins above 10 alarms in ten minutes, and ends below 5",
    target: 1,
    limit: null,
    unit: "%",
    of: ({ floodShare }) => floodShare * 100,
  },
  {
    name: "share of the ten most frequent",
    definition: "of all alarms that came",
    target: 5,
    limit: null,
    unit: "%",
    // Ten that came once each.
    leastAlarms: 200,
    of: ({ worstShare }) => worstShare * 100,
  },
  {
    name: "chattering",
    definition: "times that an alarm came 3 times or more within 60 s",
    target: 0,
    limit: null,
    unit: "",
    of: ({ chattering }) => sum(chattering),
  },
  {
    name: "fleeting",
    definition: "times that an alarm was over within 10 s, and did not come within 60 s before or after",
    target: 0,
    limit: null,
    unit: "",
    of: ({ fleeting }) => sum(fleeting),
  },
  {
    name: "stale on any day",
    definition: "alarms that stood for more than 24 h, on the day with the most of them",
    target: 4,
    limit: null,
    unit: "",
    of: ({ staleAtMost }) => staleAtMost,
  },
  {
    name: "medium priority",
    definition: "errors, of all that came by the worst that each was; 80 % low, 15 % medium and 5 % high are aimed at",
    target: 15,
    limit: null,
    unit: "%",
    leastAlarms: 20,
    of: (quality) => shareOf(quality, "medium"),
  },
  {
    name: "high priority",
    definition: "critical ones, in the same way",
    target: 5,
    limit: null,
    unit: "%",
    leastAlarms: 20,
    of: (quality) => shareOf(quality, "high"),
  },
];

/** Holds a report against the targets. */
export const judged = (quality: Quality): readonly JudgedFigure[] =>
  TARGETS.map(({ of, leastAlarms = 0, ...target }) => {
    const value = of(quality);
    const isTooFew = quality.load.total < leastAlarms;
    return { ...target, value, verdict: isTooFew ? "too few alarms to say" : verdictOn(value, target) };
  });

function verdictOn(value: number, { target, limit }: Pick<FigureTarget, "target" | "limit">): JudgedFigure["verdict"] {
  if (value <= target) return "good";
  return value <= (limit ?? target) ? "above the target" : "beyond the limit";
}
