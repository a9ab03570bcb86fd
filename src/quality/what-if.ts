import type { AlarmEvent } from "../alarms/event.ts";
import type { AlarmRule } from "../alarms/lifecycle/alarm-rule.ts";
import type { Alarm } from "../alarms/types.ts";
import { betterLimit } from "./better-limit.ts";
import { hindrance, REMEDIES, ruleWith, type Remedy, type RemedyKind } from "./candidates.ts";
import { lengthsOf } from "./lengths.ts";
import { AlarmReplay, type KnownStretch, type PastAct, type ReplayOptions } from "./replay.ts";
import { SeenTimes, type SeenTime } from "./seen-times.ts";
import type { Lengths, MeasuredSpan } from "./types.ts";

/** One thing of the past of an alarm. */
export type PastLine =
  | { readonly kind: "event"; readonly event: AlarmEvent }
  | { readonly kind: "act"; readonly act: PastAct };

/** The past of one alarm, in its order, some at a time; from a while before the span on. To be gone through more than once. */
export type AlarmPast = () => AsyncIterable<readonly PastLine[]>;

/** What is asked. */
export interface WhatIfOptions extends MeasuredSpan, Omit<ReplayOptions, "startAt"> {
  readonly alarm: Pick<Alarm, "topic" | "source" | "message">;
}

/** What a rule would have done. */
export interface Foretold {
  readonly kind: RemedyKind;
  readonly remedy: Remedy;
  readonly rule: AlarmRule;
  readonly rings: number;
  /** True alarms of which nobody would have been told. */
  readonly missed: number;
  /** How much later people would have been told of the others. */
  readonly later: Lengths & { readonly worst: number | null };
}

/** What makes no sense for an alarm, and why, in a few words. */
export interface NotOffered {
  readonly kind: RemedyKind;
  readonly why: string;
}

/** What would have been with other rules for an alarm. */
export interface WhatIf {
  readonly rings: number;
  /** Of what rang: see true-alarm.ts. */
  readonly trueAlarms: number;
  readonly remedies: readonly (Foretold | NotOffered)[];
}

/** Foretells what each remedy would do for an alarm, by what happened to it. */
export async function foretell(past: AlarmPast, options: WhatIfOptions): Promise<WhatIf> {
  const { alarm, rules, startAt, endAt } = options;
  const seen = new SeenTimes(options);
  const replayWith = (rule: AlarmRule | null): AlarmReplay =>
    new AlarmReplay({ ...options, rules: rule === null ? rules : { ...rules, single: [rule, ...rules.single] } });
  const base = replayWith(null);
  const fixed = (["delay", "hysteresis", "chatter"] as const).map((kind) => {
    const remedy: Remedy = REMEDIES[kind];
    const rule = ruleWith(alarm, remedy, rules.single);
    return { kind, remedy, rule, replay: replayWith(rule) };
  });
  await run(past, endAt, [seen, base, ...fixed.map(({ replay }) => replay)]);
  const { traits, times } = seen.finish();
  const rung = trueTimes(times, base, startAt);
  const told = ({ kind, remedy, rule, replay }: (typeof fixed)[number] | Chosen): Foretold | NotOffered => {
    const why = hindrance(kind, traits);
    return why === null ? { kind, remedy, rule, rings: replay.rings, ...heldAgainst(rung, replay) } : { kind, why };
  };
  const [delay, hysteresis, chatter] = fixed.map(told);
  const limit = await limitOf();
  return {
    rings: base.rings,
    trueAlarms: rung.length,
    remedies: [delay, hysteresis, limit, chatter].filter((one) => one !== undefined),
  };

  async function limitOf(): Promise<Foretold | NotOffered> {
    const kind = "limit";
    const why = hindrance(kind, traits);
    if (why !== null) return { kind, why };
    const found = betterLimit(seen.values(times));
    if ("why" in found) return { kind, why: found.why };
    const remedy = { limit: found };
    const rule = ruleWith(alarm, remedy, rules.single);
    const replay = replayWith(rule);
    await run(past, endAt, [replay]);
    return told({ kind, remedy, rule, replay });
  }
}

interface Chosen {
  readonly kind: RemedyKind;
  readonly remedy: Remedy;
  readonly rule: AlarmRule;
  readonly replay: AlarmReplay;
}

async function run(
  past: AlarmPast,
  endAt: number,
  all: readonly Pick<AlarmReplay, "event" | "act" | "elapse">[],
): Promise<void> {
  for await (const lines of past()) {
    for (const line of lines) {
      for (const one of all) {
        if (line.kind === "event") one.event(line.event);
        else one.act(line.act);
      }
    }
  }
  for (const one of all) one.elapse(endAt - 1);
}

/** One time that an alarm stood, and when people knew of it. */
interface RungTime {
  readonly from: number;
  readonly to: number;
  readonly toldAt: number;
}

/** The true alarms of which people knew. */
function trueTimes(times: readonly SeenTime[], base: AlarmReplay, startAt: number): readonly RungTime[] {
  const wanted = times.filter(({ isTrue, occasion }) => isTrue && occasion.from >= startAt);
  const known = toldTimes(
    wanted.map(({ from, to }) => ({ from, to })),
    base.known,
  );
  return wanted.flatMap(({ from, to }, i) => {
    const toldAt = known[i] ?? null;
    return toldAt === null ? [] : [{ from, to, toldAt }];
  });
}

function heldAgainst(rung: readonly RungTime[], replay: AlarmReplay): Pick<Foretold, "missed" | "later"> {
  const known = toldTimes(rung, replay.known);
  const later = rung.flatMap(({ toldAt }, i) => {
    const at = known[i] ?? null;
    return at === null ? [] : [Math.max(0, at - toldAt)];
  });
  const worst = later.length === 0 ? null : later.reduce((most, ms) => Math.max(most, ms));
  return { missed: rung.length - later.length, later: { ...lengthsOf(later), worst } };
}

/** When people knew of each of some times, which are in order; `null`: nobody did while it lasted. */
function toldTimes(
  times: readonly Pick<RungTime, "from" | "to">[],
  known: readonly KnownStretch[],
): readonly (number | null)[] {
  let next = 0;
  return times.map(({ from, to }) => {
    while ((known[next]?.endAt ?? Number.POSITIVE_INFINITY) < from) next += 1;
    const stretch = known[next];
    return stretch === undefined || stretch.toldAt > to ? null : Math.max(from, stretch.toldAt);
  });
}
