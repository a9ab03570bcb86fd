import type { DiffLine } from "../../plants/rule-edit.ts";
import { shorten } from "../../alarms/text.ts";
import { html, lines, type Html } from "../api/render.ts";

/** Of a line that is there already. */
const MAX_LINE = 80;

/** Why a rule was not written, and its lines, to be pasted. */
export const pasteView = (why: string, rule: readonly string[]): Html =>
  lines(
    html`Not written. ${why} Put it in by hand, where the file comes from: first of all rules, in the place of one for the same alarm.`,
    html`<pre>${["alarms:", ...rule.map((line) => `  ${line}`)].join("\n")}</pre>`,
  );

/** Why a rule was not taken out. */
export const keptView = (why: string): Html =>
  html`Not taken back. ${why} Take the rule out by hand, where the file comes from.`;

/** That nothing was changed. */
export const unchangedView = (file: string): Html => html`<code>${file}</code> stays as it is.`;

/** What would change, and the question whether it is to. */
export const questionView = (
  file: string,
  diff: readonly DiffLine[],
  { isShared, isForTopic }: { readonly isShared: boolean; readonly isForTopic: boolean },
): Html =>
  lines(
    html`<b>Change</b> <code>${file}</code><b>?</b>`,
    diffView(diff),
    isForTopic
      ? html`<b>It is for all alarms of that topic</b>: this one has no words of its own, only a value.`
      : null,
    html`It counts for what comes from then on, and can be taken back.`,
    isShared ? html`${STANDBY}` : null,
  );

/** That a rule stands in the file by now. */
export const addedView = (file: string, diff: readonly DiffLine[], isShared: boolean): Html =>
  lines(
    html`<b>In</b> <code>${file}</code>. It counts from now on.`,
    html`<pre>${changedLines(diff).join("\n")}</pre>`,
    isShared ? html`${STANDBY}` : null,
  );

/** That it stood there before. */
export const thereView = (file: string): Html => html`That rule is in <code>${file}</code> already.`;

/** The lines that a change takes out, or puts in. */
export const changedLines = (diff: readonly DiffLine[]): readonly string[] =>
  diff.flatMap(({ sign, text }) => (sign === " " || text === "" ? [] : [text]));

const STANDBY = "A process that stands by reads a file of its own: change that, too.";

/** That it does not any more. */
export const removedView = (file: string, diff: readonly DiffLine[]): Html =>
  lines(html`<b>Taken back</b> out of <code>${file}</code>, from now on.`, diffView(diff));

/** That it does not stand there as it was written. @param others what does, for the same alarm */
export const goneView = (file: string, others: readonly (readonly string[])[]): Html =>
  others.length === 0
    ? html`Nothing to take back: <code>${file}</code> has no rule for this alarm any more.`
    : lines(
        html`Not taken back: <code>${file}</code> has that rule in other words by now. Change it there.`,
        html`<pre>${shorten(others.flat().join("\n"), MAX_OTHERS)}</pre>`,
      );
const MAX_OTHERS = 1_000;

const diffView = (diff: readonly DiffLine[]): Html =>
  html`<pre>${diff.map(({ sign, text }) => sign + (sign === " " ? shorten(text, MAX_LINE) : text)).join("\n")}</pre>`;
