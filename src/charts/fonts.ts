import { fileURLToPath } from "node:url";
import { createCanvas, GlobalFonts } from "canvas";
import { FONT_FAMILY } from "./theme.ts";

/** A machine may have no font at all, and chart.js throws when text has no width; so the project brings its own. */
const FONT_FILES = ["400Regular/Inter_400Regular.ttf", "700Bold/Inter_700Bold.ttf"];

/** Fonts belong to the process: they outlive a thread, and to register them again would only add another copy. */
export function registerFonts(): void {
  if (GlobalFonts.has(FONT_FAMILY)) return;
  for (const file of FONT_FILES) {
    GlobalFonts.registerFromPath(fileURLToPath(import.meta.resolve(`@expo-google-fonts/inter/${file}`)), FONT_FAMILY);
  }
}

/** Measures, and draws nothing. */
let ruler: ReturnType<ReturnType<typeof createCanvas>["getContext"]> | null = null;

/** How wide a text is, as it will be drawn; pixels. */
export function widthAt(text: string, size: number, weight: "normal" | "bold"): number {
  if (ruler === null) {
    registerFonts();
    ruler = createCanvas(1, 1).getContext("2d");
  }
  ruler.font = `${weight} ${size}px "${FONT_FAMILY}"`;
  return ruler.measureText(text).width;
}
