import { MAX_LINES, type LimitsShown } from "../charts/request.ts";
import type { ThemeName } from "../charts/theme.ts";
import { instantNear, readingAt } from "../lib/time/wall-clock.ts";
import type { Period } from "../queries/period.ts";

/** With which other day the same hours are compared. */
export type Compared = "none" | "yesterday" | "last week";

/** One plot as somebody looks at it: what its buttons change. */
export interface PlotView {
  /** Fields by ThingSpeak's numbers, members of devices by theirs; ascending, one to four. */
  readonly fields: readonly number[];
  /** Where one begins that ends now, and goes on doing so: at midnight, or with the shift. `null`: `spanMs` before its end. */
  readonly startAt: number | null;
  /** Epoch ms, whole seconds, as `startAt`; `null`: it ends now, whenever that is. */
  readonly endAt: number | null;
  /** Of one that has a `startAt`, as it was when it was asked for. */
  readonly spanMs: number;
  readonly compared: Compared;
  readonly limits: LimitsShown;
  readonly theme: ThemeName;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
/** A view is kept to the second. */
const MIN_SPAN_MS = SECOND;
/** The channel's whole life, in any case. */
const MAX_SPAN_MS = 20 * 366 * DAY;

/** Windows of one press. */
export const SPANS = { "1 h": DAY / 24, "24 h": DAY, "7 d": 7 * DAY, "30 d": 30 * DAY } as const;

/** The period that a view shows now. */
export function periodOf({ startAt, endAt, spanMs }: PlotView, now: number): Period {
  const end = Math.min(endAt ?? now, now);
  // A clock that was set back may be before the start.
  return { startAt: Math.max(0, Math.min(startAt ?? end - spanMs, end - MIN_SPAN_MS)), endAt: end };
}

/** A view of a period, with all of its first and its last second. */
export function viewOf(fields: readonly number[], period: Period, theme: ThemeName = "light"): PlotView {
  const [startAt, endAt] = [floor(period.startAt), ceil(period.endAt)];
  return {
    fields,
    startAt: period.goesOn === "end" ? startAt : null,
    endAt: period.goesOn === undefined ? endAt : null,
    spanMs: clamp(period.goesOn === "whole" ? ceil(period.endAt - period.startAt) : endAt - startAt),
    compared: "none",
    limits: "near",
    theme,
  };
}

/**
 * Half a window back (−1) or forth (1); of a day or more by the clock on the wall, so that days stay days when clocks change. What
 * would lie ahead of now ends now.
 * @param zone IANA name
 */
export function moved(view: PlotView, direction: -1 | 1, now: number, zone: string): PlotView {
  const { startAt, endAt } = periodOf(view, now);
  if (direction > 0 && view.endAt === null) return view;
  const [from, to] = [readingAt(startAt, zone), readingAt(endAt, zone)];
  const isDays = to - from >= DAY;
  const lengthMs = isDays ? to - from : endAt - startAt;
  const step = (at: number, reading: number): number =>
    isDays ? instantNear(reading + (direction * lengthMs) / 2, zone) : at + (direction * lengthMs) / 2;
  const end = step(endAt, to);
  if (isAbout(end, now, lengthMs)) return untilNow(view, clamp(ceil(lengthMs)));
  // Whole years back there is nothing at all.
  const start = Math.max(0, step(startAt, from));
  return { ...view, ...fixed(start, Math.max(end, start + MIN_SPAN_MS)) };
}

/** Twice (`2`) or half (`0.5`) of the window, about its middle; a view that ends now still does. */
export function zoomed(view: PlotView, factor: number, now: number): PlotView {
  const { startAt, endAt } = periodOf(view, now);
  const spanMs = clamp(ceil((endAt - startAt) * factor));
  if (view.endAt === null) return untilNow(view, spanMs);
  const end = endAt + (spanMs - (endAt - startAt)) / 2;
  return isAbout(end, now, spanMs) ? untilNow(view, spanMs) : { ...view, ...fixed(end - spanMs, end) };
}

/** Whether an end is as good as now, or ahead. */
const isAbout = (end: number, now: number, spanMs: number): boolean => end > now - Math.min(MINUTE, spanMs / 2);

/** The same until now, to go on: from its own start if it has one. */
export const ongoing = (view: PlotView): PlotView => ({ ...view, endAt: null });

/** So long until its end: that of the past stays in the past. */
export const spanned = (view: PlotView, spanMs: number): PlotView => ({ ...view, startAt: null, spanMs });

/** So long until now. */
const untilNow = (view: PlotView, spanMs: number): PlotView => ({ ...spanned(view, spanMs), endAt: null });

/** A field on or off; the last one stays, and more than can be told apart do not come on. */
export function toggled(view: PlotView, field: number): PlotView {
  const others = view.fields.filter((number) => number !== field);
  const fields = others.length < view.fields.length ? others : [...others, field].toSorted((a, b) => a - b);
  return fields.length === 0 || fields.length > MAX_LINES ? view : { ...view, fields };
}

/** What the next press on *compare*, *limits* and *dark* leads to. */
export const nextCompared = (view: PlotView): PlotView => ({ ...view, compared: after(COMPARED, view.compared) });
export const nextLimits = (view: PlotView): PlotView => ({ ...view, limits: after(LIMITS, view.limits) });
export const nextTheme = (view: PlotView): PlotView => ({ ...view, theme: after(THEME_NAMES, view.theme) });

const COMPARED: readonly Compared[] = ["none", "yesterday", "last week"];
const LIMITS: readonly LimitsShown[] = ["near", "all", "none"];
const THEME_NAMES: readonly ThemeName[] = ["light", "dark"];

const after = <T>(all: readonly T[], one: T): T => all[(all.indexOf(one) + 1) % all.length] ?? one;

/**
 * A view in at most 40 characters, as a button carries it: its press works after any downtime. Fields, end, length and start, which most
 * have not, in seconds, the rest as one number.
 */
export function encodeView({ fields, startAt, endAt, spanMs, compared, limits, theme }: PlotView): string {
  const rest = COMPARED.indexOf(compared) + 3 * LIMITS.indexOf(limits) + 9 * THEME_NAMES.indexOf(theme);
  const start = startAt === null ? [] : [inSeconds(startAt)];
  const end = endAt === null ? "" : inSeconds(endAt);
  return [encodeFields(fields), end, inSeconds(spanMs), rest.toString(36), ...start].join(".");
}

/** Bits in hex; where a member of a device is among them, each number with four digits of base 36. */
function encodeFields(fields: readonly number[]): string {
  if (fields.every((number) => number <= CHANNEL_FIELDS))
    return fields.reduce((sum, number) => sum | (1 << (number - 1)), 0).toString(16);
  return `m${fields.map((number) => number.toString(36).padStart(4, "0")).join("")}`;
}

/** What may be forged: in order, each once. */
function decodeFields(text: string): readonly number[] {
  if (!text.startsWith("m")) {
    const mask = Number.parseInt(text, 16);
    return [1, 2, 3, 4, 5, 6, 7, 8].filter((number) => (mask & (1 << (number - 1))) !== 0);
  }
  const fields = (text.slice(1).match(/.{4}/g) ?? []).map((digits) => Number.parseInt(digits, 36));
  return fields.every((number, i) => number > (fields[i - 1] ?? 0)) ? fields : [];
}

/** A channel of ThingSpeak has so many; members of devices have higher numbers. */
const CHANNEL_FIELDS = 8;

const ENCODED =
  /^([0-9a-f]{1,2}|m(?:[0-9a-z]{4}){1,4})\.([0-9a-z]{0,7})\.([0-9a-z]{1,6})\.([0-9a-h])(?:\.([0-9a-z]{1,7}))?$/;

/** Reads what `encodeView` wrote; `null` for what it cannot have written, as anybody can forge data. */
export function decodeView(text: string): PlotView | null {
  const [, bits, end, span, rest, start] = ENCODED.exec(text) ?? [];
  if (bits === undefined || end === undefined || span === undefined || rest === undefined) return null;
  const fields = decodeFields(bits);
  const spanMs = fromSeconds(span);
  const flags = Number.parseInt(rest, 36);
  if (fields.length === 0 || fields.length > MAX_LINES || spanMs !== clamp(spanMs)) return null;
  if (start !== undefined && end !== "") return null;
  const [compared, limits, theme] = [
    COMPARED[flags % 3],
    LIMITS[Math.floor(flags / 3) % 3],
    THEME_NAMES[Math.floor(flags / 9)],
  ];
  if (compared === undefined || limits === undefined || theme === undefined) return null;
  return {
    fields,
    startAt: start === undefined ? null : fromSeconds(start),
    endAt: end === "" ? null : fromSeconds(end),
    spanMs,
    compared,
    limits,
    theme,
  };
}

const inSeconds = (ms: number): string => (ms / SECOND).toString(36);
const fromSeconds = (text: string): number => Number.parseInt(text, 36) * SECOND;

/** The window between two instants, in whole seconds. */
function fixed(startAt: number, endAt: number): Pick<PlotView, "startAt" | "endAt" | "spanMs"> {
  const end = Math.round(endAt / SECOND) * SECOND;
  return { startAt: null, endAt: end, spanMs: clamp(end - Math.round(startAt / SECOND) * SECOND) };
}

const floor = (ms: number): number => Math.floor(ms / SECOND) * SECOND;
const ceil = (ms: number): number => Math.ceil(ms / SECOND) * SECOND;
const clamp = (spanMs: number): number => Math.min(MAX_SPAN_MS, Math.max(MIN_SPAN_MS, spanMs));
