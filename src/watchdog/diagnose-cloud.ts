import { formatDuration, formatInstant } from "../lib/time/time.ts";
import type { PlantFacts } from "./plant-facts.ts";
import type { Observation } from "./heartbeat.ts";
import {
  createClassifier,
  followsFrom,
  isSilent,
  isSurvived,
  isUndecided,
  newestOf,
  hasCome,
  type Cause,
} from "./classify.ts";
import { quoted, troubleId, type Trouble } from "./trouble.ts";

/** How ThingSpeak answered when it was asked last. */
export interface ThingSpeakState {
  /** `null`: not asked yet. */
  readonly isReachable: boolean | null;
  /** Since when it is so; epoch ms. */
  readonly since: number;
  /** Why there was no answer, as the end of "ThingSpeak …"; `null`: there was one. */
  readonly reason: string | null;
}

/** A field's observation: new entries are its beats. */
export interface FieldObservation extends Observation {
  /** When its newest entry was made, by ThingSpeak; epoch ms. `null`: not known. */
  readonly newestAt: number | null;
}

/** What is known about the way over ThingSpeak, at one moment. */
interface CloudFacts extends PlantFacts {
  readonly thingspeak: ThingSpeakState;
  readonly fields: readonly FieldObservation[];
}

/** ThingSpeak has short pauses of its own, for which nobody is to be woken. */
const THINGSPEAK_PATIENCE_MS = 5 * 60_000;

const THINGSPEAK = troubleId("ThingSpeak");
const CHANNEL = troubleId("channel");

/**
 * Finds the causes on the way over ThingSpeak: the service, all of the channel, or one field.
 * @param causes what was found on the way from the plant, which may be why there are no new entries
 */
export function diagnoseCloud(
  facts: CloudFacts,
  causes: readonly Cause[],
): { readonly troubles: readonly Trouble[]; readonly undecided: readonly string[] } {
  const { now, awakeSince, thingspeak, fields } = facts;
  if (thingspeak.isReachable !== true) {
    const isLasting =
      thingspeak.isReachable === false && now - Math.max(thingspeak.since, awakeSince) >= THINGSPEAK_PATIENCE_MS;
    return {
      troubles: isLasting ? [thingspeakTrouble(facts)] : [],
      undecided: [THINGSPEAK, CHANNEL, ...fields.map(({ key }) => troubleId(key))],
    };
  }

  const unexplained = fields.filter((field) => !causes.some((cause) => followsFrom(cause, field)));
  const classify = createClassifier(unexplained, newestOf(fields), now);
  const classified = unexplained
    .filter((field) => isSilent(field, now))
    .map((observation) => ({ observation, kind: classify(observation) }));
  const together = classified.filter(({ kind }) => kind === "together").map(({ observation }) => observation);
  return {
    troubles: [
      ...(together.length > 0 ? [channelTrouble(together, facts)] : []),
      ...classified.filter(({ kind }) => kind === "alone").map(({ observation }) => fieldTrouble(observation, facts)),
    ],
    undecided: [
      ...(isUndecided(fields, now) ? [CHANNEL] : []),
      ...fields.filter((field) => isSilent(field, now) || !hasCome(field)).map(({ key }) => troubleId(key)),
    ],
  };
}

function thingspeakTrouble({ thingspeak, timeZone, now }: CloudFacts): Trouble {
  const since = formatInstant(thingspeak.since, timeZone, now);
  return {
    id: THINGSPEAK,
    severity: "error",
    message: `ThingSpeak ${thingspeak.reason ?? "gives no answer"}, since ${since}.`,
  };
}

function channelTrouble(silent: readonly FieldObservation[], facts: CloudFacts): Trouble {
  const newestAt = Math.max(...facts.fields.map((field) => field.newestAt ?? -Infinity));
  const what = Number.isFinite(newestAt) ? `its newest entry is from ${instant(newestAt, facts)}` : "it has no entry";
  const isPlantAlive = silent.some((field) => isSurvived(field, newestOf(facts.topics)));
  const where = isPlantAlive ? " The plant is alive on MQTT, so look at the way from the plant to the cloud." : "";
  return { id: CHANNEL, severity: "error", message: `ThingSpeak is not updating: ${what}.${where}` };
}

function fieldTrouble({ key, name, newestAt, intervalMs }: FieldObservation, facts: CloudFacts): Trouble {
  const what = newestAt === null ? "it has no entry" : `its newest entry is from ${instant(newestAt, facts)}`;
  const due = `one is due every ${formatDuration(intervalMs ?? 0)}`;
  return {
    id: troubleId(key),
    severity: "error",
    message: `${quoted(name)} on ThingSpeak is not updating: ${what}, and ${due}.`,
  };
}

const instant = (at: number, { timeZone, now }: CloudFacts): string => formatInstant(at, timeZone, now);
