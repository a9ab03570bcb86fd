/** Colours and sizes of a picture. Sizes are pixels at a width of 1280 and grow with it. */
export interface Theme {
  readonly background: string;
  readonly text: string;
  readonly quietText: string;
  readonly grid: string;
  readonly dayGrid: string;
  /** What lies under a label, so that it can be read on top of a line. */
  readonly veil: string;
  readonly line: string;
}

/** Black on white, for reading in the sun; the line is the blue of the Okabe–Ito palette, safe for colour-blind eyes. */
export const LIGHT: Theme = {
  background: "#ffffff",
  text: "#111827",
  quietText: "#4b5563",
  grid: "#e5e7eb",
  dayGrid: "#9ca3af",
  veil: "rgba(255, 255, 255, 0.8)",
  line: "#0072b2",
};

/** The family under which `draw.ts` registers the font that comes with the project, whatever fonts a machine has. */
export const FONT_FAMILY = "Valvomo Inter";

/** Telegram shows a photo about 400 px wide on a phone: 32 px here are 10 px there. */
export const SIZES = { title: 46, text: 32, line: 4, mark: 7, grid: 1.5, dayGrid: 2.5, space: 14 } as const;

/** A font of one of the two sizes in which a picture is written. */
export function fontOf(size: "title" | "text", scale: number, weight: "normal" | "bold" = "normal") {
  return { family: FONT_FAMILY, size: SIZES[size] * scale, weight, lineHeight: 1.2 } as const;
}
