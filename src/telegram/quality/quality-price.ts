import { PLOT_COST } from "../../people/right.ts";
import type { QualityReports } from "../../reports/quality-reports.ts";
import type { RequestedAction } from "../access/access.ts";
import { spanIn } from "./quality-span.ts";

/** A press that leads to another page of a report; see quality-command.ts. */
const PAGE = /^quality:\w+:(\d{1,11}):(\d{1,11})$/;

/** A press as it is paid for: another page of a report that has to be worked out anew takes as much as a plot. */
export function priced(
  requested: RequestedAction,
  { data, chatId }: { readonly data: string; readonly chatId: number },
  reports: Pick<QualityReports, "isKept">,
): RequestedAction {
  const [, start, end] = PAGE.exec(data) ?? [];
  const span = spanIn(start, end);
  if (span === null || reports.isKept(span, chatId)) return requested;
  return { ...requested, right: { ...requested.right, cost: PLOT_COST } };
}
