import { clean, shorten } from "../../alarms/text.ts";
import { isFailed, type Failed } from "../../lib/text/partial.ts";
import { beyondOf, completenessOf, ON_CHANGE, shortFacts, titleOf } from "../../plots/caption.ts";
import { explain, explainNewest, notesOf, NOTHING_TO_PLOT } from "../../measurements/explain.ts";
import type { FailedField, FieldSummary } from "../../queries/field-summary.ts";
import { forecastSentence } from "../../measurements/forecast.ts";
import { formatAverage, formatEntry, formatValue, type Measurement } from "../../measurements/measurement.ts";
import { formatPeriodAsTyped, type Period } from "../../queries/period.ts";
import type { LatestEntry } from "../../measurements/source.ts";
import { formatAge, formatWithin } from "../../lib/time/time.ts";
import { titleView } from "../plots/plot-view.ts";
import { fit, html, join, lines, type Html } from "../api/render.ts";

/** A field and its newest value; `null`: it never had one. */
export interface ShownValue {
  readonly measurement: Measurement;
  /** Text: a field may hold anything. `at` is epoch ms. */
  readonly entry: Pick<LatestEntry, "value" | "at" | "instead"> | Failed | null;
  readonly sparkline: string;
}

/** A field's name may have 255 bytes. */
const MAX_LABEL = 80;

/** The newest value of each field. */
export function latestView(values: readonly ShownValue[], timeZone: string, now: number): Html {
  if (values.length === 0) return html`${NOTHING_TO_PLOT}`;
  const items = values.map(({ measurement, entry, sparkline }) => {
    if (entry === null) return html`${labelOf(measurement)}: no value yet`;
    if (isFailed(entry)) return html`${labelOf(measurement)}: ⚠️ ${explainNewest(entry.error)}`;
    const age = formatAge(entry.at, timeZone, now);
    const value = html`${labelOf(measurement)}: ${formatEntry(entry.value, measurement)}`;
    // Beside its curve, on a line of its own, as all of it would wrap on a phone.
    return sparkline === "" ? html`${value}, ${age}` : html`${value}\n${curveView(sparkline)} ${age}`;
  });
  const known = values.flatMap(({ entry }) => (entry === null || isFailed(entry) ? [] : [entry]));
  return fit(html`<b>Newest values</b>`, [...items, ...notesOf(known).map((note) => html`${note}`)]);
}

/** What each field did in a period, at length. */
export function statisticsView(
  summaries: readonly (FieldSummary | FailedField)[],
  period: Period,
  timeZone: string,
): Html {
  if (summaries.length === 0) return html`${NOTHING_TO_PLOT}`;
  return fit(
    titleView(titleOf("Statistics", formatPeriodAsTyped(period, timeZone))),
    summaries.map((one) =>
      lines(html``, isFailed(one) ? failureView(one) : summaryView(one, (at) => formatWithin(at, period, timeZone))),
    ),
  );
}

function summaryView(
  { measurement, statistics, forecast, sparkline, notes }: FieldSummary,
  timeOf: (at: number) => string,
): Html {
  const { min, minAt, max, maxAt, mean, median, deviation, last, lastAt } = statistics;
  const fact = (name: string, value: number | null, at: number | null = null): Html | null => {
    if (value === null) return null;
    return html`${name} ${formatValue(value, measurement)}${at === null ? "" : ` (${timeOf(at)})`}`;
  };
  const average = (name: string, value: number | null): Html | null => {
    const values = [min, max, last].filter((one) => one !== null);
    return value === null ? null : html`${name} ${formatAverage(value, values, measurement)}`;
  };
  const row = (...facts: readonly (Html | null)[]): Html | null => {
    const known = facts.filter((one) => one !== null);
    return known.length === 0 ? null : join(known, " · ");
  };
  const sentence = forecastSentence(forecast, measurement);
  return lines(
    sparkline === "" ? labelOf(measurement) : html`${labelOf(measurement)} ${curveView(sparkline)}`,
    row(fact("min", min, minAt), fact("max", max, maxAt)),
    row(average("mean over time", mean), average("median", median), average("sd", deviation)),
    fact("last", last, lastAt),
    row(...beyondOf(statistics, measurement).map((text) => html`${text}`)),
    html`${completenessOf(statistics)}`,
    statistics.isOnChange ? html`${ON_CHANGE}` : null,
    sentence === null ? null : html`📈 ${sentence}`,
    ...notes.map((note) => html`${note}`),
  );
}

/** What one field did in a period, in a line or two. */
export function summaryLine(summary: FieldSummary | FailedField): Html {
  if (isFailed(summary)) return failureView(summary);
  const { measurement, statistics, forecast, notes } = summary;
  const sentence = forecastSentence(forecast, measurement);
  return lines(
    html`${labelOf(measurement)}: ${shortFacts(statistics, measurement)}`,
    statistics.isOnChange ? html`     ${ON_CHANGE}` : null,
    sentence === null ? null : html`     📈 ${sentence}`,
    ...notes.map((note) => html`     ${note}`),
  );
}

const failureView = ({ measurement, error }: FailedField): Html => html`${labelOf(measurement)}: ⚠️ ${explain(error)}`;

const labelOf = ({ label }: Measurement): Html => html`<b>${shorten(clean(label), MAX_LABEL)}</b>`;

/** In letters of one width, so that the curves stand below each other alike. */
const curveView = (sparkline: string): Html => html`<code>${sparkline}</code>`;
