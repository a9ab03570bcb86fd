import type { ChatterRule } from "./chatter.ts";
import { rankOf, type Alarm, type Repeats, type Severity } from "../types.ts";

/** An alarm that comes more than `count` times within this time repeats: it rings once in this time. `null`: none does. */
export type RepeatRule = ChatterRule | null;

/** As much as anybody needs to know of how often it came. */
const MAX_TIMES = 100;

/** Of an alarm that has not come. */
export const NO_REPEATS: Repeats = { times: [], told: null, quietUntil: null, isQuiet: false };

/** That an alarm is as bad as this, and when by our clock. */
interface Coming {
  readonly severity: Severity;
  readonly receivedAt: number;
}

/** Of an alarm that comes for the first time. */
export const cameFirst = ({ severity, receivedAt: at }: Coming): Repeats => ({
  ...NO_REPEATS,
  times: [at],
  told: { at, severity },
});

/**
 * Of an alarm that comes once more. It rings, unless it repeats, and its chats heard of it lately, as bad as it is.
 * @param isNews whether it rings in any case
 */
export function cameAgain(
  { peakSeverity, handling }: Alarm,
  event: Coming,
  rule: RepeatRule,
  isNews: boolean,
): Repeats {
  const isRise = event.severity === "critical" && peakSeverity !== "critical";
  const isQuiet = !isNews && !isRise && isToldLately(handling.repeats, event, rule);
  const told = isQuiet ? handling.repeats.told : toldBy(event);
  return repeatsOf({ times: timesWith(handling.repeats, event, rule), told, isQuiet }, rule);
}

/** Of an alarm that comes while it is shelved: it is counted, and nobody is told. */
export const cameAside = ({ handling: { repeats } }: Alarm, event: Coming, rule: RepeatRule): Repeats =>
  repeatsOf({ times: timesWith(repeats, event, rule), told: repeats.told, isQuiet: false }, rule);

/**
 * Whether it need not be heard that an alarm is worse again: it goes up and down so often that it repeats, and was told as bad as that. What
 * gets critical is always heard, and what is worse than somebody has seen.
 */
export function isQuietRise({ handling }: Alarm, event: Coming, rule: RepeatRule): boolean {
  const { acknowledgedAs, repeats } = handling;
  if (event.severity === "critical") return false;
  if (acknowledgedAs !== null && rankOf(event.severity) > rankOf(acknowledgedAs)) return false;
  return isToldLately(repeats, event, rule);
}

/** Of an alarm that got as bad again, without a ring. */
export const roseQuietly = ({ handling: { repeats } }: Alarm, event: Coming, rule: RepeatRule): Repeats =>
  repeatsOf({ ...repeats, times: timesWith(repeats, event, rule) }, rule);

/** Of an alarm that got worse, and rings. @param isAgain whether it had been as bad before */
export const rose = ({ handling: { repeats } }: Alarm, event: Coming, rule: RepeatRule, isAgain: boolean): Repeats =>
  repeatsOf(
    { times: isAgain ? timesWith(repeats, event, rule) : repeats.times, told: toldBy(event), isQuiet: false },
    rule,
  );

/** Of an alarm that was over, and of which the chats were reminded. */
export const reminded = ({ peakSeverity, handling }: Alarm, at: number, rule: RepeatRule): Repeats =>
  repeatsOf({ ...handling.repeats, told: { at, severity: peakSeverity }, isQuiet: false }, rule);

/** Whether it came again without a ring, and that is all that is new of it. */
export const isStillQuiet = ({ told }: Repeats, after: Repeats): boolean =>
  after.isQuiet && told?.at === after.told?.at && told?.severity === after.told?.severity;

function repeatsOf({ times, told, isQuiet }: Omit<Repeats, "quietUntil">, rule: RepeatRule): Repeats {
  const isRepeating = rule !== null && told !== null && times.length > rule.count;
  return { times, told, quietUntil: isRepeating ? told.at + rule.withinMs : null, isQuiet };
}

/** Whether it comes so often that it repeats, and was told as bad as this lately. By our own clock, which may have been set. */
function isToldLately(repeats: Repeats, event: Coming, rule: RepeatRule): boolean {
  const { told } = repeats;
  if (rule === null || told === null || timesWith(repeats, event, rule).length <= rule.count) return false;
  const isLately = Math.abs(event.receivedAt - told.at) < rule.withinMs;
  return isLately && rankOf(event.severity) <= rankOf(told.severity);
}

/** What is ahead of our clock was stamped before it was set back. */
const timesWith = ({ times }: Repeats, { receivedAt: at }: Coming, rule: RepeatRule): readonly number[] =>
  rule === null
    ? []
    : [...times.filter((time) => Math.abs(at - time) < rule.withinMs), at].slice(-Math.max(MAX_TIMES, rule.count + 1));

const toldBy = ({ severity, receivedAt: at }: Coming): NonNullable<Repeats["told"]> => ({ at, severity });
