import { matchesGlob } from "../../lib/text/glob.ts";
import { matchesFilter } from "../../lib/text/topic-filter.ts";
import type { Escalations } from "../lifecycle/escalation-plan.ts";
import { DRILL_SOURCE, OWN_TOPIC } from "../payloads/own.ts";
import { rankOf, type Alarm, type Destination, type Severity } from "../types.ts";

/** Which alarms go where. A list that is empty takes all. */
export interface Route<To = Destination> {
  /** Takes this one and worse. */
  readonly severity: Severity;
  /** Globs: `*` stands for any text, the case of letters does not matter. A source that is not known is the empty text. */
  readonly sources: readonly string[];
  /** MQTT topic filters. */
  readonly topics: readonly string[];
  readonly to: readonly To[];
  /** How many people have to acknowledge what it takes; left out: what the severity says. */
  readonly acknowledgers?: 1 | 2;
}

/**
 * Where an alarm goes: to all that the routes which take it name. A chat gets it once, in the thread that the first of
 * them names.
 * @returns nothing if no route takes it
 */
export function destinationsOf(
  alarm: Pick<Alarm, "peakSeverity" | "source" | "topic">,
  routes: readonly Route[],
): readonly Destination[] {
  const found = new Map<number, Destination>();
  for (const destination of routes.filter((route) => takes(route, alarm)).flatMap(({ to }) => to)) {
    if (!found.has(destination.chatId)) found.set(destination.chatId, destination);
  }
  return [...found.values()];
}

/** How many people have to acknowledge an alarm: two, if its severity or a route that takes it says so; our own and our tests need one. */
export function acknowledgersOf(alarm: Alarm, routes: readonly Route[], escalations: Escalations): 1 | 2 {
  if (alarm.topic.startsWith(OWN_TOPIC) || alarm.source === DRILL_SOURCE) return 1;
  const isByRoute = routes.some((route) => route.acknowledgers === 2 && takes(route, alarm));
  return isByRoute ? 2 : escalations[alarm.peakSeverity].acknowledgers;
}

function takes(route: Route, { peakSeverity, source, topic }: Parameters<typeof destinationsOf>[0]): boolean {
  const { severity, sources, topics } = route;
  return (
    rankOf(peakSeverity) >= rankOf(severity) &&
    (sources.length === 0 || sources.some((glob) => matchesGlob(glob, source ?? ""))) &&
    (topics.length === 0 || topics.some((filter) => matchesFilter(filter, topic)))
  );
}
