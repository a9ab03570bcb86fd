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
  const figures = judged(quality);
  const good = (of: Quality): number => judged(of).filter(({ verdict }) => verdict === "good").length;
  const beyond = figures.filter(({ verdict }) => verdict === "beyond the limit").length;
  const before = former === null ? "" : `, ${good(former)} in the period before`;
  const worse = beyond === 0 ? "none is beyond its limit" : `${beyond} ${beyond === 1 ? "is" : "are"} beyond the limit`;
  return `${good(quality)} of ${figures.length} figures are within their targets${before}; ${worse}.`;
}
