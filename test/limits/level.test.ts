import { array, assert, boolean, constantFrom, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { look, take, NO_LEVEL, type LevelLimit, type LevelState, type Transition } from "../../src/limits/level.ts";

const SECOND = 1_000;
const LATE = 300 * SECOND;
const START = Date.UTC(2026, 10, 23, 3);
const ABOVE_80: LevelLimit = { isAbove: true, value: 80, holdMs: 10 * SECOND, hysteresis: 2, lateMs: LATE };
const BELOW_20: LevelLimit = { ...ABOVE_80, isAbove: false, value: 20, hysteresis: 0.4 };

/** One step of a run: a value, or a look, at a second; read so many seconds later. */
type Sample = readonly [second: number, value: number | "look", readLater?: number];

function run(limit: LevelLimit, samples: readonly Sample[]): readonly string[] {
  let state: LevelState = NO_LEVEL;
  const told: string[] = [];
  for (const [second, value, later = 0] of samples) {
    const at = START + second * SECOND;
    const now = at + later * SECOND;
    const step = value === "look" ? look(state, limit, now) : take(state, limit, { at, value }, now);
    state = step.state;
    if (step.transition) told.push(words(step.transition));
  }
  return told;
}

const words = ({ kind, from, to, worst }: Transition): string =>
  `${kind} ${(from - START) / SECOND}-${(to - START) / SECOND} ${worst}`;

describe("a limit", () => {
  it.each<[string, LevelLimit, readonly Sample[], readonly string[]]>([
    [
      "is passed when it was for its time",
      ABOVE_80,
      [
        [0, 81],
        [5, 82],
        [10, 81],
      ],
      ["raised 0-10 82"],
    ],
    [
      "is not by a spike",
      ABOVE_80,
      [
        [0, 81],
        [5, 79],
        [6, 81],
        [15, 81],
        [15, "look"],
      ],
      [],
    ],
    [
      "nor by the value itself",
      ABOVE_80,
      [
        [0, 80],
        [60, 80],
        [61, "look"],
      ],
      [],
    ],
    [
      "is when nothing comes that says otherwise",
      ABOVE_80,
      [
        [0, 81],
        [9, "look"],
        [10, "look"],
      ],
      ["raised 0-10 81"],
    ],
    [
      "is over below its hysteresis only",
      ABOVE_80,
      [
        [0, 81],
        [10, 81],
        [20, 79],
        [30, 78.1],
        [40, 81],
        [50, 78],
      ],
      ["raised 0-10 81", "cleared 0-50 81"],
    ],
    [
      "is passed downwards",
      BELOW_20,
      [
        [0, 19],
        [10, 18],
        [20, 20.3],
        [30, 20.4],
      ],
      ["raised 0-10 18", "cleared 0-30 18"],
    ],
    [
      "is not passed, nor over, by what is not a number",
      ABOVE_80,
      [
        [0, Number.NaN],
        [20, "look"],
        [30, 90],
        [40, 90],
        [50, Number.NaN],
      ],
      ["raised 30-40 90"],
    ],
    [
      "does not heed what is older than the newest",
      ABOVE_80,
      [
        [20, 70],
        [0, 90, 21],
        [10, 90, 12],
        [30, "look"],
      ],
      [],
    ],
    [
      "takes what lies ahead for now",
      ABOVE_80,
      [
        [0, 81],
        [900, 81, -890],
        [11, 70],
        [20, "look"],
      ],
      ["raised 0-10 81", "cleared 0-11 81"],
    ],
    [
      "that was passed in a past that is read late is told once, and rings nobody",
      ABOVE_80,
      [
        [0, 81, 900],
        [15, 85, 885],
        [30, 70, 870],
        [45, 70, 855],
      ],
      ["past 0-30 85"],
    ],
    [
      "that was passed in a past for less than its time is not told",
      ABOVE_80,
      [
        [0, 81, 900],
        [5, 70, 895],
      ],
      [],
    ],
    [
      "that is passed at the late end of a feed is told once, and again when it is known to be",
      ABOVE_80,
      [
        [0, 81, 900],
        [15, 85, 885],
        [900, "look"],
        [901, "look"],
        [902, 86],
      ],
      ["past 0-15 85", "raised 0-902 86"],
    ],
    [
      "that was passed late and still is, is an alarm now",
      ABOVE_80,
      [
        [0, 81, 900],
        [890, 82, 10],
      ],
      ["raised 0-890 82"],
    ],
    [
      "that is over by a late value is over",
      ABOVE_80,
      [
        [0, 81],
        [10, 81],
        [100, 70, 900],
      ],
      ["raised 0-10 81", "cleared 0-100 81"],
    ],
    [
      "that was passed and is over before anybody could be told is told as past",
      ABOVE_80,
      [
        [0, 81, 60],
        [9, 81, 51],
        [20, 70, 40],
      ],
      ["past 0-20 81"],
    ],
  ])("%s", (_, limit, samples, told) => {
    expect(run(limit, samples)).toEqual(told);
  });

  it("is passed and over in turn, whatever comes: never passed without being beyond, never over without coming back", () => {
    const step = record({
      gap: integer({ min: 0, max: 400 }),
      later: constantFrom(0, 0, 0, 30, 900),
      value: constantFrom(70, 78, 79, 80, 81, 90, Number.NaN),
      isLook: boolean(),
    });
    assert(
      property(array(step, { maxLength: 60 }), (steps) => {
        let state: LevelState = NO_LEVEL;
        let at = START;
        let isActive = false;
        for (const { gap, later, value, isLook } of steps) {
          at += gap * SECOND;
          const { transition, ...after } = isLook
            ? look(state, ABOVE_80, at)
            : take(state, ABOVE_80, { at, value }, at + later * SECOND);
          state = after.state;
          if (transition?.kind === "raised") {
            expect(isActive).toBe(false);
            expect(state.newest?.value).toBeGreaterThan(80);
            expect(transition.to - transition.from).toBeGreaterThanOrEqual(ABOVE_80.holdMs);
            isActive = true;
          } else if (transition?.kind === "cleared") {
            expect(isActive).toBe(true);
            expect(value).toBeLessThanOrEqual(78);
            isActive = false;
          } else if (transition?.kind === "past") {
            expect(isActive).toBe(false);
            expect(transition.worst).toBeGreaterThan(80);
          }
          expect(state.isActive).toBe(isActive);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("that stays passed is an alarm sooner or later, however its values come", () => {
    assert(
      property(array(integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 30 }), (gaps) => {
        let state: LevelState = NO_LEVEL;
        let at = START;
        for (const gap of gaps) {
          at += gap * SECOND;
          state = take(state, ABOVE_80, { at, value: 81 }, at).state;
        }
        expect(look(state, ABOVE_80, at + ABOVE_80.holdMs).state.isActive).toBe(true);
      }),
    );
  });
});
