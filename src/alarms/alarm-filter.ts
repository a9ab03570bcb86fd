/** What somebody meant by a filter of MQTT_ALARM_TOPICS, which takes all that is published below a place, as a rule. */

const WILDCARD = /[#+]/;
/** `$share/<group>/<filter>`: several programs take turns (MQTT 5.0, 4.8.2; brokers offer it to 3.1.1, too). */
const SHARED = /^\$share\/[^/]+\//;

/** A filter without the group that shares it. */
export const withoutGroup = (filter: string): string => filter.replace(SHARED, "");

/** Why a filter may not take what it was meant to, and what to write; `null`: there is no doubt about it. */
export function doubtOf(filter: string): string | null {
  if (WILDCARD.test(filter)) return null;
  return filter.endsWith("/")
    ? `${filter} has no wildcard, and takes no topic below it: something may have read its # as the start of a comment; write '${filter}#'`
    : `${filter} has no wildcard, and takes that one topic only: if the plant publishes below it, write '${filter}/#'`;
}

/** The same for filters of a setting, in sentences. */
export const doubtsOf = (setting: string, filters: readonly string[]): string[] =>
  filters.flatMap((filter) => doubtOf(filter) ?? []).map((doubt) => `${setting}: ${doubt}.`);

/**
 * A topic that a plant might publish on, to be received by a filter as it is meant.
 * @param level stands for what the filter leaves open
 */
export function topicMeantBy(filter: string, level: string): string {
  const plain = withoutGroup(filter);
  return plain.endsWith("/") ? plain + level : plain.replace(/[#+]/g, level);
}
