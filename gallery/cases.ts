import type { ChartLine, ChartRequest } from "../src/charts/request.ts";
import type { Series } from "../src/measurements/series.ts";
import type { MeasuredLimit, Measurement } from "../src/measurements/measurement.ts";
import { noise } from "./noise.ts";

/** A picture of the gallery: its file's name and what it is drawn from. All is simulated; the same at each run. */
export interface Case {
  readonly name: string;
  /** What is to be seen in it. */
  readonly shows: string;
  readonly request: ChartRequest;
}

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];
const ZONE = "Europe/Helsinki";
/** Monday 16 November 2026, midnight in Helsinki. */
const MONDAY = Date.UTC(2026, 10, 15, 22);

/** Entries every `everyMs` from `startAt` on, `endAt` excluded; what `valueAt` gives as `null` is not there. */
function series(
  startAt: number,
  endAt: number,
  everyMs: number,
  valueAt: (at: number, i: number) => number | null,
): Series {
  const entries = Array.from({ length: Math.ceil((endAt - startAt) / everyMs) }, (_, i) => {
    const at = startAt + i * everyMs;
    return { at, value: valueAt(at, i) };
  }).filter((entry): entry is { at: number; value: number } => entry.value !== null);
  return {
    times: Float64Array.from(entries, ({ at }) => at),
    values: Float64Array.from(entries, ({ value }) => value),
  };
}

function line(
  label: string,
  unit: string | null,
  values: Series,
  more: Partial<ChartLine & Measurement> = {},
): ChartLine {
  const { number = 1, decimals = null, limits = [], earlier = null } = more;
  return { measurement: { number, label, unit, decimals, limits }, series: values, earlier };
}

function picture(
  startAt: number,
  endAt: number,
  lines: readonly ChartLine[],
  more: Partial<ChartRequest> = {},
): ChartRequest {
  const title = lines.map(({ measurement }) => measurement.label).join(", ");
  return {
    title,
    timeZone: ZONE,
    startAt,
    endAt,
    lines,
    earlierName: null,
    limits: "near",
    alarms: [],
    theme: "light",
    ...more,
  };
}

/** A coil's temperature: day and night, a motor that switches, and the sensor's noise. */
const coil = (at: number, i: number): number =>
  58 +
  6 * Math.sin(((at - MONDAY) / DAY) * 2 * Math.PI - 2) +
  3 * Math.sin((at - MONDAY) / (37 * MINUTE)) +
  noise(i, 1);
/** A machine that warms up from cold and settles. */
const warming = (at: number, from: number): number => 84 - 62 * Math.exp(-(at - from) / (9 * HOUR));
const pressure = (at: number, i: number): number => 4.2 + 0.4 * Math.sin(at / (3 * HOUR)) + noise(i, 2) * 0.05;
const speed = (at: number, i: number): number => 30_000 + 900 * Math.sin(at / (5 * HOUR)) + noise(i, 3) * 120;
const current = (at: number, i: number): number => 2.1 + Math.abs(Math.sin(at / (2 * HOUR))) * 0.8 + noise(i, 4) * 0.04;

const HIGH: MeasuredLimit = { value: 80, side: "above", severity: "error" };
const WARM: MeasuredLimit = { value: 66, side: "above", severity: "warning" };
const WEEK = [MONDAY, MONDAY + 7 * DAY] as const;
const ONE_DAY = [MONDAY, MONDAY + DAY] as const;
const daily = (valueAt: (at: number, i: number) => number | null, everyMs = MINUTE) =>
  series(...ONE_DAY, everyMs, valueAt);
const overLimit = daily(
  (at, i) => 60 + 14 * Math.exp(-(((at - MONDAY - 15 * HOUR) / (3 * HOUR)) ** 2)) + noise(i, 5) * 0.6,
);

/** Twenty pictures of what plants send, and of what they should not. */
export const CASES: readonly Case[] = [
  {
    name: "week-at-15-s",
    shows:
      "40,320 entries: the mean as a line, all that lies between lowest and highest as a band, one entry that stands out",
    request: picture(...WEEK, [
      line(
        "Coil temperature",
        "°C",
        series(...WEEK, 15 * SECOND, (at, i) => (i === 23_456 ? 79 : coil(at, i))),
      ),
    ]),
  },
  {
    name: "temperature-run",
    shows: "Two days of warming up",
    request: picture(MONDAY, MONDAY + 2 * DAY, [
      line(
        "Winding temperature",
        "°C",
        series(MONDAY, MONDAY + 2 * DAY, 5 * MINUTE, (at) => warming(at, MONDAY)),
      ),
    ]),
  },
  {
    name: "sine",
    shows: "A clean sine over an hour",
    request: picture(MONDAY, MONDAY + HOUR, [
      line(
        "Test signal",
        "V",
        series(MONDAY, MONDAY + HOUR, 15 * SECOND, (at) => 5 * Math.sin((at / (10 * MINUTE)) * 2 * Math.PI)),
      ),
    ]),
  },
  {
    name: "gaps",
    shows: "Gaps stay gaps, the one at the end as well; a long one says how long it was",
    request: picture(...ONE_DAY, [
      line(
        "Coil temperature",
        "°C",
        daily((at, i) => {
          const hours = (at - MONDAY) / HOUR;
          return (hours > 4 && hours < 9.5) || (hours > 14 && hours < 14.6) || hours > 20 ? null : coil(at, i);
        }),
      ),
    ]),
  },
  {
    name: "dst-night",
    shows: "The night in which summer time ends: from 02:00 to 04:00 are three hours",
    request: picture(Date.UTC(2026, 9, 24, 21), Date.UTC(2026, 9, 25, 6), [
      line("Coil temperature", "°C", series(Date.UTC(2026, 9, 24, 21), Date.UTC(2026, 9, 25, 6), MINUTE, coil)),
    ]),
  },
  {
    name: "same-unit",
    shows: "Two fields of one unit share an axis",
    request: picture(...ONE_DAY, [
      line("Coil 1", "°C", daily(coil)),
      line(
        "Coil 2",
        "°C",
        daily((at, i) => coil(at + 4 * HOUR, i + 9) - 5),
        { number: 2 },
      ),
    ]),
  },
  {
    name: "two-units",
    shows: "Two units have a panel each",
    request: picture(...ONE_DAY, [
      line("Coil temperature", "°C", daily(coil)),
      line("Pressure", "bar", daily(pressure), { number: 2 }),
    ]),
  },
  {
    name: "four-fields",
    shows: "Four units have a panel each",
    request: picture(...ONE_DAY, [
      line("Coil temperature", "°C", daily(coil)),
      line("Pressure", "bar", daily(pressure), { number: 2 }),
      line("Speed", "rpm", daily(speed), { number: 3 }),
      line("Current", "A", daily(current), { number: 4 }),
    ]),
  },
  {
    name: "over-limit",
    shows: "A limit as a line, the time over it shaded, the alarm that it raised and the crossing",
    request: picture(...ONE_DAY, [line("Coil temperature", "°C", overLimit, { limits: [WARM, HIGH] })], {
      alarms: [{ alarmId: 42, severity: "warning", startAt: MONDAY + 12.6 * HOUR, endAt: MONDAY + 17.4 * HOUR }],
    }),
  },
  {
    name: "alarm-bands",
    shows: "Alarms that came and went, and one that is active still",
    request: picture(...ONE_DAY, [line("Coil temperature", "°C", daily(coil))], {
      alarms: [
        { alarmId: 7, severity: "warning", startAt: MONDAY - HOUR, endAt: MONDAY + HOUR },
        { alarmId: 12, severity: "error", startAt: MONDAY + 5 * HOUR, endAt: MONDAY + 6.5 * HOUR },
        { alarmId: 13, severity: "info", startAt: MONDAY + 12 * HOUR, endAt: MONDAY + 13 * HOUR },
        { alarmId: 128, severity: "critical", startAt: MONDAY + 20 * HOUR, endAt: null },
      ],
    }),
  },
  {
    name: "yesterday",
    shows: "The same hours of the day before, paler",
    request: picture(
      ...ONE_DAY,
      [
        line(
          "Coil temperature",
          "°C",
          daily((at, i) => coil(at, i) + 5),
          {
            earlier: daily((at, i) => coil(at, i + 77)),
          },
        ),
      ],
      { earlierName: "yesterday" },
    ),
  },
  {
    name: "dark",
    shows: "For a control room at night",
    request: picture(...ONE_DAY, [line("Coil temperature", "°C", overLimit, { limits: [WARM, HIGH] })], {
      theme: "dark",
      alarms: [{ alarmId: 42, severity: "critical", startAt: MONDAY + 12.6 * HOUR, endAt: MONDAY + 17.4 * HOUR }],
    }),
  },
  {
    name: "dark-four-fields",
    shows: "Four fields of two units at night",
    request: picture(
      ...ONE_DAY,
      [
        line("Coil 1", "°C", daily(coil)),
        line(
          "Coil 2",
          "°C",
          daily((at, i) => coil(at + 4 * HOUR, i + 9) - 5),
          { number: 2 },
        ),
        line(
          "Coil 3",
          "°C",
          daily((at, i) => coil(at + 9 * HOUR, i + 19) + 4),
          { number: 3 },
        ),
        line("Pressure", "bar", daily(pressure), { number: 4 }),
      ],
      { theme: "dark" },
    ),
  },
  {
    name: "one-point",
    shows: "A single entry",
    request: picture(...ONE_DAY, [
      line(
        "Coil temperature",
        "°C",
        series(MONDAY + 9 * HOUR, MONDAY + 9 * HOUR + 1, MINUTE, () => 61.5),
      ),
    ]),
  },
  {
    name: "flat",
    shows: "A value that does not move",
    request: picture(...ONE_DAY, [
      line(
        "Set point",
        "°C",
        daily(() => 60),
      ),
    ]),
  },
  {
    name: "all-blank",
    shows: "Entries without a number",
    request: picture(...ONE_DAY, [
      line(
        "Coil temperature",
        "°C",
        daily(() => Number.NaN),
      ),
    ]),
  },
  {
    name: "huge",
    shows: "Values of 10¹²",
    request: picture(...ONE_DAY, [
      line(
        "Counter",
        null,
        daily((_, i) => 1.2e12 + i * 3e9),
      ),
    ]),
  },
  {
    name: "tiny",
    shows: "Values of 10⁻⁶",
    request: picture(...ONE_DAY, [
      line(
        "Leakage current",
        "A",
        daily((at, i) => 2.5e-6 + 4e-7 * Math.sin(at / (2 * HOUR)) + noise(i, 6) * 2e-8),
      ),
    ]),
  },
  {
    name: "negative",
    shows: "Values below zero",
    request: picture(...ONE_DAY, [
      line(
        "Outdoor temperature",
        "°C",
        daily((at, i) => -14 + 6 * Math.sin(((at - MONDAY) / DAY) * 2 * Math.PI - 2) + noise(i, 7) * 0.3),
        {
          decimals: 1,
          limits: [{ value: -20, side: "below", severity: "warning" }],
        },
      ),
    ]),
  },
  {
    name: "month",
    shows: "Thirty days with the weeks marked, and a limit that one minute passed",
    request: picture(MONDAY - 23 * DAY, MONDAY + 7 * DAY, [
      line(
        "Coil temperature",
        "°C",
        series(MONDAY - 23 * DAY, MONDAY + 7 * DAY, MINUTE, (at, i) => (i === 30_123 ? 84 : coil(at, i))),
        { limits: [HIGH] },
      ),
    ]),
  },
];
