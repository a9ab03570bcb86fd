import { judged } from "./targets.ts";
import type { Quality } from "./types.ts";

/** How a span did against the targets, and the one before it. */
export interface QualityReport {
  readonly quality: Quality;
  /** As long as it, and just before; `null`: the history does not go back so far. */
  readonly former: Quality | null;
}

/** The report in a sentence. */
export function verdictOf({ quality, former }: QualityReport): string {
  const all = judged(quality);
  const figures = all.filter(({ verdict }) => verdict !== "too few alarms to say");
  const good = (of: Quality): number => judged(of).filter(({ verdict }) => verdict === "good").length;
  const beyond = figures.filter(({ verdict }) => verdict === "beyond the limit").length;
  const before = former === null ? "" : `, ${good(former)} in the period before`;
  const worse = beyond === 0 ? "none is beyond its limit" : `${beyond} ${beyond === 1 ? "is" : "are"} beyond the limit`;
  const untold = all.length - figures.length;
  const few =
    untold === 0 ? "" : ` ${untold} ${untold === 1 ? "share is" : "shares are"} not judged: too few alarms came.`;
  return `${good(quality)} of ${figures.length} figures are within their targets${before}; ${worse}.${few}`;
}
