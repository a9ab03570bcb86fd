import type { AlarmTime } from "../alarms/alarm-time.ts";
import type { Measurement } from "../measurements/measurement.ts";
import type { Series } from "../measurements/series.ts";
import type { Theme, ThemeName } from "./theme.ts";

/** All that a picture is made from. */
export interface ChartRequest {
  /** What the picture is of, in large type. The period is written below it. */
  readonly title: string;
  /** IANA name; all times on the picture are in this zone. */
  readonly timeZone: string;
  /** The time axis spans exactly this period; epoch ms UTC. */
  readonly startAt: number;
  readonly endAt: number;
  /** One to four. */
  readonly lines: readonly ChartLine[];
  /** What the earlier series are called, such as `yesterday`; `null`: there is none. */
  readonly earlierName: string | null;
  readonly limits: LimitsShown;
  readonly alarms: readonly AlarmTime[];
  readonly theme: ThemeName;
  /** Pixels; 1280 × 720 unless given. */
  readonly width?: number;
  readonly height?: number;
}

/** Which limits are drawn: those that the numbers come near to, all, or none. */
export type LimitsShown = "near" | "all" | "none";

/** One field over the period. */
export interface ChartLine {
  readonly measurement: Measurement;
  /** In any order. */
  readonly series: Series;
  /** The same hours of another day, moved onto this period; `null`: not asked for. */
  readonly earlier: Series | null;
}

/** What is drawn on: the period, and how. */
export interface Plot {
  readonly startAt: number;
  readonly endAt: number;
  readonly theme: Theme;
  /** Of all sizes; 1 at a width of 1280 pixels. */
  readonly scale: number;
  /** Of what is between the axes' numbers and the newest ones; pixels at full scale. */
  readonly width: number;
  readonly height: number;
}

/** More lines than this are not told apart on a phone. */
export const MAX_LINES = 4;
export const DEFAULT_WIDTH = 1280;
export const DEFAULT_HEIGHT = 720;
