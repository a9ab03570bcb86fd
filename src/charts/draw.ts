import type { _adapters, Chart, Plugin } from "chart.js";
import { ChartJSNodeCanvas } from "chartjs-node-canvas";
import { dateAdapter } from "./date-adapter.ts";
import { registerFonts } from "./fonts.ts";
import { chartOptions } from "./options.ts";
import { encodePng } from "../imaging/png.ts";
import { DEFAULT_HEIGHT, DEFAULT_WIDTH, type ChartRequest } from "./request.ts";
import { THEMES, type ThemeName } from "./theme.ts";
import type { TracedLine } from "./traced-line.ts";

type ChartJs = typeof Chart & { _adapters: typeof _adapters };

/** One renderer a size and theme for the thread's life: each holds its own copy of chart.js, and a new one each time grows memory. */
const renderers = new Map<string, ChartJSNodeCanvas>();

/**
 * The canvas' own PNG encoder takes more than half of a drawing, so ours stands in its place: chartjs-node-canvas asks the
 * canvas for the bytes. It reads the pixels where they are.
 */
const quickPng: Plugin = {
  id: "quickPng",
  beforeInit({ canvas, width, height }) {
    const pixels = canvas as unknown as { readonly data: () => Uint8Array; toBuffer: () => Uint8Array };
    pixels.toBuffer = () => encodePng({ width, height, data: pixels.data() });
  },
};

/** A canvas holds 4 MB outside the heap, where the garbage collector does not see them; this gives them back at once. */
const freePixels: Plugin = {
  id: "freePixels",
  beforeDestroy({ canvas }) {
    canvas.width = 1;
    canvas.height = 1;
  },
};

/**
 * Draws a request as a PNG of its size. The same request gives the same bytes. Blocks its thread for tens of ms, so it
 * belongs in the worker.
 * @param lines those of the request, if they are worked out already
 */
export function drawChart(request: ChartRequest, lines?: readonly TracedLine[]): Uint8Array {
  const { width = DEFAULT_WIDTH, height = DEFAULT_HEIGHT } = request;
  return rendererOf(width, height, request.theme).renderToBufferSync(chartOptions(request, lines));
}

/** Loads all that a usual picture needs; otherwise the first one waits for it. */
export function prepareDrawing(): void {
  rendererOf(DEFAULT_WIDTH, DEFAULT_HEIGHT, "light");
}

function rendererOf(width: number, height: number, theme: ThemeName): ChartJSNodeCanvas {
  const kind = `${width}×${height} ${theme}`;
  const renderer = renderers.get(kind) ?? createRenderer(width, height, theme);
  renderers.set(kind, renderer);
  return renderer;
}

function createRenderer(width: number, height: number, theme: ThemeName): ChartJSNodeCanvas {
  registerFonts();
  return new ChartJSNodeCanvas({
    width,
    height,
    backgroundColour: THEMES[theme].background,
    // By name: chartjs-node-canvas loads its own copy of chart.js, and a plugin must be loaded beside it.
    plugins: { modern: ["chartjs-plugin-annotation", quickPng, freePixels] },
    // chart.js for CommonJS carries its exports as properties, which its types do not say.
    // oxlint-disable-next-line no-underscore-dangle -- chart.js names it so
    chartCallback: (chartJs) => (chartJs as ChartJs)._adapters._date.override(dateAdapter),
  });
}
