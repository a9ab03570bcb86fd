import { describe, expect, it } from "vitest";
import { ruleOf } from "../../src/alarms/lifecycle/alarm-rule.ts";
import type { Alarm } from "../../src/alarms/types.ts";
import { REMEDIES, ruleWith, type RemedyKind } from "../../src/quality/candidates.ts";
import { foretell, type Foretold, type NotOffered, type PastLine, type WhatIf } from "../../src/quality/what-if.ts";
import { eventOf, NOW, TOPIC } from "../support/alarms.ts";
import { RULES } from "../support/rules.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const START = NOW;

/** What a message of the alarm may say besides that it is there, or over. */
type Said = Readonly<Record<string, unknown>>;

const event = (at: number, state: string | null, said: Said = {}): PastLine => ({
  kind: "event",
  event: eventOf(
    { message: "bearing hot", source: "AMB", severity: "warning", ...(state && { state }), ...said },
    { at },
  ),
});
const act = (at: number, action: string, untilAt: number | null = null): PastLine => ({
  kind: "act",
  act: { at, action, by: { userId: 5, name: "Anna" }, untilAt },
});
/** One time that it stands. */
const stood = (at: number, ms: number, said: Said = {}, ended: Said = {}): PastLine[] => [
  event(at, "active", said),
  event(at + ms, "cleared", { ...said, ...ended }),
];
const timeOf = (line: PastLine): number => (line.kind === "event" ? line.event.receivedAt : line.act.at);

function whatIf(lines: readonly PastLine[], alarm: Partial<Alarm> = {}): Promise<WhatIf> {
  const ordered = lines.toSorted((a, b) => timeOf(a) - timeOf(b));
  async function* past() {
    // In parts, as they are read.
    yield ordered.slice(0, 3);
    yield ordered.slice(3);
  }
  const asked = { topic: TOPIC, source: "AMB", message: "bearing hot", ...alarm };
  const rules = { ...RULES, repeating: null, chatter: { count: 1_000, withinMs: MINUTE } };
  return foretell(past, { alarm: asked, rules, routes: [], startAt: START, endAt: START + 30 * 24 * HOUR });
}
const of = ({ remedies }: WhatIf, kind: RemedyKind): Foretold | NotOffered | undefined =>
  remedies.find((one) => one.kind === kind);

/** Each two hours; the third of each four lasts for minutes. */
const fleeting = Array.from({ length: 40 }, (_, i) =>
  stood(START + (i + 1) * 2 * HOUR, i % 4 === 2 ? 5 * MINUTE : 4 * SECOND),
).flat();

describe("what rules would have done for an alarm", () => {
  it("counts the rings that a delay saves, and how much later the true ones are told", async () => {
    const found = await whatIf(fleeting);
    expect(found).toMatchObject({ rings: 40, trueAlarms: 10 });
    expect(of(found, "delay")).toMatchObject({
      remedy: REMEDIES.delay,
      rings: 10,
      missed: 0,
      later: { p50: 10 * SECOND, worst: 10 * SECOND },
    });
  });

  it("counts those that a delay misses: short ones that somebody saw while they stood, or called useful", async () => {
    const [first = START] = fleeting.map(timeOf);
    const seen = [act(first + 2 * SECOND, "acknowledge"), act(first + 2 * HOUR + 10 * SECOND, "useful")];
    expect(of(await whatIf([...fleeting, ...seen]), "delay")).toMatchObject({ rings: 10, missed: 2 });
    // Whoever acknowledges what is over clears up; and who saw it may say that there was nothing to do.
    const idle = [
      act(first + 6 * SECOND, "acknowledge"),
      act(first + 2 * HOUR + SECOND, "acknowledge"),
      act(first + 2 * HOUR + MINUTE, "nothingToDo"),
    ];
    expect(of(await whatIf([...fleeting, ...idle]), "delay")).toMatchObject({ missed: 0 });
  });

  it("finds the limit that each true alarm passed, and as few of the others as can be", async () => {
    const tight = Array.from({ length: 30 }, (_, i) => {
      const isTrue = i % 10 === 0;
      const said = { value: isTrue ? 91 : 80.5 + (i % 10) / 2, unit: "°C", limit: 80 };
      return stood(START + (i + 1) * HOUR, isTrue ? 10 * MINUTE : 20 * SECOND, said, { value: 79 });
    }).flat();
    const found = await whatIf(tight);
    expect(found).toMatchObject({ rings: 30, trueAlarms: 3 });
    // The worst of the others had 85.
    expect(of(found, "limit")).toMatchObject({ remedy: { limit: { side: "above", value: 88 } }, rings: 3, missed: 0 });
  });

  it("says in a few words why a remedy makes no sense", async () => {
    const why = async (lines: readonly PastLine[], alarm: Partial<Alarm> = {}): Promise<readonly string[]> =>
      (await whatIf(lines, alarm)).remedies.map((one) => ("why" in one ? `${one.kind}: ${one.why}` : one.kind));
    const critical = stood(START + HOUR, MINUTE, { severity: "critical" });
    expect(new Set(await why(critical))).toEqual(
      new Set(["delay", "hysteresis", "limit", "chatter"].map((kind) => `${kind}: it is critical`)),
    );
    expect(await why([event(START + HOUR, null)])).toEqual([
      "delay: it never tells its end",
      "hysteresis: it never tells its end",
      "limit: it tells no values",
      "chatter: it never tells its end",
    ]);
    expect(await why(stood(START + HOUR, 2 * SECOND, { value: 85 }))).toEqual([
      "delay",
      "hysteresis: it tells no limit",
      "limit: it is not known whether it comes above or below its limit",
      "chatter",
    ]);
    const own = await why(stood(START + HOUR, MINUTE), { topic: "$valvomo" });
    expect(own[0]).toBe("delay: Valvomo's own alarm");
  });

  it("holds nothing critical back, however short it is", async () => {
    const found = await whatIf([...fleeting, ...stood(START + HOUR, SECOND, { severity: "critical" })]);
    // It rings once more, as nobody acknowledged it.
    expect(found.rings).toBe(42);
    expect(of(found, "delay")).toMatchObject({ rings: 12, missed: 0 });
  });

  it("rings for nobody while it is shelved, and again when that is over", async () => {
    const [first = START] = fleeting.map(timeOf);
    const day = [...fleeting, act(first + SECOND, "shelve", first + 24 * HOUR + MINUTE)];
    expect((await whatIf(day)).rings).toBe(40 - 12);
    expect((await whatIf([...fleeting, act(first + SECOND, "shelve")])).rings).toBe(40);
  });

  it("is for all slots of a TwinCAT device where it stands in one", () => {
    const topicsOf = (topic: string) => ruleWith({ topic, source: null, message: "hot" }, {}, []).topics;
    expect(topicsOf("plants/Pumps/TcIotCommunicator/Messages/12")).toEqual([
      "plants/Pumps/TcIotCommunicator/Messages/+",
    ]);
    expect(topicsOf(TOPIC)).toEqual([TOPIC]);
  });

  it("is for that alarm alone, also where its text has stars", () => {
    const alarm = { topic: TOPIC, source: "PLC*1", message: "*** ALARM *** pump: 82.1 °C" };
    const rules = [ruleWith(alarm, { delayMs: 10_000 }, [])];
    expect(ruleOf({ ...alarm, message: "*** alarm *** pump: 9 °C" }, rules)).toBe(rules[0]);
    expect(ruleOf({ ...alarm, message: "FIRE ALARM of the pump" }, rules)).toBeNull();
    expect(ruleOf({ ...alarm, source: "PLC 21" }, rules)).toBeNull();
  });

  it("follows an alarm from the day before on, and counts what rang in the span", async () => {
    const found = await whatIf([event(START - HOUR, "active"), ...fleeting]);
    expect(found.rings).toBe(39);
  });
});
