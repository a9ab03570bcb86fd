import type { Severity } from "../alarms/types.ts";

/** Colours of a picture. */
export interface Theme {
  readonly background: string;
  readonly text: string;
  readonly quietText: string;
  readonly grid: string;
  readonly dayGrid: string;
  /** One for each line, in their order. */
  readonly lines: readonly string[];
  /** What lies in a time without numbers. */
  readonly gap: string;
  readonly severities: Readonly<Record<Severity, string>>;
}

/** How a picture is lit, as people choose it. */
export type ThemeName = "light" | "dark";

/**
 * Colours of the Okabe–Ito palette (jfly.uni-koeln.de/color), safe for colour-blind eyes; on black the lighter ones of it.
 * Black on white is for reading in the sun, the other for a control room at night.
 */
export const THEMES: Readonly<Record<ThemeName, Theme>> = {
  light: {
    background: "#ffffff",
    text: "#111827",
    quietText: "#4b5563",
    grid: "#e5e7eb",
    dayGrid: "#9ca3af",
    lines: ["#0072b2", "#d55e00", "#009e73", "#9b4f82"],
    gap: "rgba(107, 114, 128, 0.1)",
    severities: { info: "#6b7280", warning: "#b37400", error: "#d55e00", critical: "#b00020" },
  },
  dark: {
    background: "#111318",
    text: "#f3f4f6",
    quietText: "#a8b0bd",
    grid: "#2b303a",
    dayGrid: "#5b6472",
    lines: ["#56b4e9", "#e69f00", "#009e73", "#cc79a7"],
    gap: "rgba(156, 163, 175, 0.14)",
    severities: { info: "#9ca3af", warning: "#e6b422", error: "#ff8a3d", critical: "#ff5468" },
  },
};

/** The same colour, so far transparent: 0 is not to be seen, 1 covers. */
export function faded(colour: string, alpha: number): string {
  const byte = Math.round(alpha * 255);
  return `${colour}${byte.toString(16).padStart(2, "0")}`;
}

/** The family under which `draw.ts` registers the font that comes with the project, whatever fonts a machine has. */
export const FONT_FAMILY = "Valvomo Inter";

/** Pixels at a width of 1280; they grow with it. Telegram shows a photo about 400 px wide on a phone: 32 px here are 10 px there. */
export const SIZES = {
  title: 48,
  text: 36,
  line: 4,
  edge: 2,
  rim: 7,
  mark: 7,
  grid: 1.5,
  dayGrid: 2.5,
  space: 14,
} as const;

/** A font of one of the sizes in which a picture is written. */
export function fontOf(size: "title" | "text", scale: number, weight: "normal" | "bold" = "normal") {
  return { family: FONT_FAMILY, size: SIZES[size] * scale, weight, lineHeight: 1.2 } as const;
}
