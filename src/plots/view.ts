import { MAX_LINES, type LimitsShown } from "../charts/request.ts";
import type { ThemeName } from "../charts/theme.ts";

/** With which other day the same hours are compared. */
export type Compared = "none" | "yesterday" | "last week";

/** One plot as somebody looks at it: what its buttons change. */
export interface PlotView {
  /** ThingSpeak's numbers, ascending; one to four. */
  readonly fields: readonly number[];
  /** Epoch ms, whole seconds; `null`: it ends now, whenever that is. */
  readonly endAt: number | null;
  readonly spanMs: number;
  readonly compared: Compared;
  readonly limits: LimitsShown;
  readonly theme: ThemeName;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const MIN_SPAN_MS = MINUTE;
/** The channel's whole life, in any case. */
const MAX_SPAN_MS = 20 * 366 * DAY;

/** Windows of one press. */
export const SPANS = { "1 h": DAY / 24, "24 h": DAY, "7 d": 7 * DAY, "30 d": 30 * DAY } as const;

/** The period that a view shows now. */
export function periodOf(
  { endAt, spanMs }: PlotView,
  now: number,
): { readonly startAt: number; readonly endAt: number } {
  const end = Math.min(endAt ?? now, now);
  return { startAt: Math.max(0, end - spanMs), endAt: end };
}

/** A view of a period. */
export function viewOf(
  fields: readonly number[],
  period: { readonly startAt: number; readonly endAt: number },
  now: number,
  theme: ThemeName = "light",
): PlotView {
  return {
    fields,
    endAt: endOf(period.endAt, now),
    spanMs: clamp(whole(period.endAt - period.startAt)),
    compared: "none",
    limits: "near",
    theme,
  };
}

/** Half a window back (−1) or forth (1). What would lie ahead of now ends now. */
export function moved(view: PlotView, direction: -1 | 1, now: number): PlotView {
  const endAt = periodOf(view, now).endAt + (direction * view.spanMs) / 2;
  return { ...view, endAt: endOf(Math.max(endAt, view.spanMs), now) };
}

/** Twice (`2`) or half (`0.5`) of the window, about its middle; a view that ends now still does. */
export function zoomed(view: PlotView, factor: number, now: number): PlotView {
  const spanMs = clamp(whole(view.spanMs * factor));
  if (view.endAt === null) return { ...view, spanMs };
  const endAt = view.endAt + (spanMs - view.spanMs) / 2;
  return { ...view, spanMs, endAt: endOf(endAt, now) };
}

/** So long until now. */
export const spanned = (view: PlotView, spanMs: number): PlotView => ({ ...view, spanMs, endAt: null });

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

const after = <T>(all: readonly T[], one: T): T => all[(all.indexOf(one) + 1) % all.length]!;

/**
 * A view in at most 30 characters, as a button carries it: its press works after any downtime. Fields as bits in hex, end and
 * length in seconds, the rest as one number.
 */
export function encodeView({ fields, endAt, spanMs, compared, limits, theme }: PlotView): string {
  const bits = fields.reduce((sum, number) => sum | (1 << (number - 1)), 0);
  const rest = COMPARED.indexOf(compared) + 3 * LIMITS.indexOf(limits) + 9 * THEME_NAMES.indexOf(theme);
  const end = endAt === null ? "" : (endAt / 1_000).toString(36);
  return [bits.toString(16), end, (spanMs / 1_000).toString(36), rest.toString(36)].join(".");
}

/** Reads what `encodeView` wrote; `null` for what it cannot have written, as anybody can forge data. */
export function decodeView(text: string): PlotView | null {
  const [, bits, end, span, rest] = /^([0-9a-f]{1,2})\.([0-9a-z]{0,7})\.([0-9a-z]{1,6})\.([0-9a-h])$/.exec(text) ?? [];
  if (bits === undefined || end === undefined || span === undefined || rest === undefined) return null;
  const mask = Number.parseInt(bits, 16);
  const fields = [1, 2, 3, 4, 5, 6, 7, 8].filter((number) => (mask & (1 << (number - 1))) !== 0);
  const spanMs = Number.parseInt(span, 36) * 1_000;
  const flags = Number.parseInt(rest, 36);
  if (fields.length === 0 || fields.length > MAX_LINES || spanMs !== clamp(spanMs)) return null;
  return {
    fields,
    endAt: end === "" ? null : Number.parseInt(end, 36) * 1_000,
    spanMs,
    compared: COMPARED[flags % 3]!,
    limits: LIMITS[Math.floor(flags / 3) % 3]!,
    theme: THEME_NAMES[Math.floor(flags / 9)]!,
  };
}

/** What ended less than a minute ago ended now when it was asked for, and goes on doing so. */
const endOf = (endAt: number, now: number): number | null => (endAt > now - MINUTE ? null : whole(endAt));
const whole = (ms: number): number => Math.round(ms / 1_000) * 1_000;
const clamp = (spanMs: number): number => Math.min(MAX_SPAN_MS, Math.max(MIN_SPAN_MS, spanMs));
