import { createCanvas } from "canvas";
import { drawChart } from "../../src/charts/draw.ts";
import type { ChartRequest } from "../../src/charts/request.ts";

/** A text as it stands on a picture, and what its letters take; pixels from the top left. */
export interface DrawnText {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Draws a picture, and looks at what its canvas is told to write. */
export function writtenOn(request: ChartRequest): {
  readonly texts: readonly DrawnText[];
  /** The heights of dashed lines from side to side: limits. */
  readonly dashed: readonly number[];
} {
  const context = createCanvas(1, 1).getContext("2d");
  const prototype = Object.getPrototypeOf(context) as typeof context;
  const { fillText, lineTo, stroke } = Object.getOwnPropertyDescriptors(prototype);
  const texts = new Map<string, DrawnText>();
  const dashed: number[] = [];
  let lastY = 0;
  prototype.fillText = function (text: string, x: number, y: number, ...rest) {
    if (text.trim() !== "") {
      const { actualBoundingBoxAscent, actualBoundingBoxDescent, actualBoundingBoxLeft, actualBoundingBoxRight } =
        this.measureText(text);
      const { e, f } = this.getTransform();
      const [left, right] = [e + x - actualBoundingBoxLeft, e + x + actualBoundingBoxRight];
      const [top, bottom] = [f + y - actualBoundingBoxAscent, f + y + actualBoundingBoxDescent];
      const drawn = { text, left, right, top, bottom };
      texts.set(JSON.stringify(drawn), drawn);
    }
    fillText.value?.call(this, text, x, y, ...rest);
  };
  prototype.lineTo = function (x: number, y: number) {
    lastY = this.getTransform().f + y;
    lineTo.value?.call(this, x, y);
  };
  prototype.stroke = function (this: typeof context) {
    if (this.getLineDash().length > 0) dashed.push(lastY);
    Reflect.apply(stroke.value ?? (() => undefined), this, []);
  };
  try {
    drawChart(request);
  } finally {
    Object.defineProperties(prototype, { fillText, lineTo, stroke });
  }
  return { texts: [...texts.values()], dashed };
}

/** The pairs of texts that cover each other, if only by a pixel. */
export const covering = (texts: readonly DrawnText[]): string[] =>
  texts.flatMap((a, i) =>
    texts
      .slice(i + 1)
      .filter((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
      .map((b) => `“${a.text}” and “${b.text}”`),
  );
