import { marksOf } from "./axes.ts";
import { plotHeight, type Head } from "./frame.ts";
import { widthOf } from "./labels.ts";
import type { Axis } from "./layout.ts";
import { newestMarks, type Mark, type MarkedLine } from "./marks.ts";
import { DEFAULT_WIDTH, type Plot } from "./request.ts";
import { SIZES } from "./theme.ts";

/** Room to the right of the plot for half the label of a time. */
const RIGHT_SPACE = SIZES.text * 1.7;
/** About: enough to know which numbers the axes will have. */
const USUAL_HEIGHT = 520;

/** The plot, and what is kept free on its right; pixels at full scale. */
interface Area {
  readonly plot: Plot;
  readonly right: number;
}

/** Finds out how large the plot is: what stands around it depends on its size a little, so this is done twice. */
export function areaOf(
  base: Omit<Plot, "width" | "height">,
  { drawn, axes, head }: { readonly drawn: readonly MarkedLine[]; readonly axes: readonly Axis[]; readonly head: Head },
): Area {
  const areaFor = (height: number): Area => {
    const axisWidth = Math.max(...axes.map((axis) => marksOf(axis, height).width));
    const rest = DEFAULT_WIDTH - SIZES.space - axisWidth;
    const plot = { ...base, height, width: rest };
    const right = Math.max(RIGHT_SPACE, ...newestMarks(drawn, plot).map((mark) => rightOf(mark, plot)));
    return { plot: { ...plot, width: rest - right }, right };
  };
  const rough = areaFor(USUAL_HEIGHT);
  return areaFor(plotHeight(head, rough.right));
}

/**
 * What the newest number, behind the end of its line, needs on the right of the plot.
 * @param plot as wide as it would be without that
 */
function rightOf({ label }: Mark, { startAt, endAt, width }: Plot): number {
  const share = (label.at - startAt) / (endAt - startAt || 1);
  const needed = label.dx + SIZES.rim / 2 + widthOf(label.text, label.isBold) + SIZES.space;
  // It begins at this share of a plot that gets narrower by what is kept free.
  return share > 0 ? (needed - (1 - share) * width) / share : 0;
}
