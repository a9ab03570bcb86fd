import { formatDuration, formatInstant } from "../lib/time/time.ts";
import type { DeviceFacts, PlantFacts, Presence, TopicObservation } from "./plant-facts.ts";
import { quoted, STOPS_ALARMS, troubleId, type Trouble } from "./trouble.ts";

/** The alarms that are about no one thing. */
export const BROKER = troubleId("broker");
export const LIVE = troubleId("live topics");
export const PLANT = troubleId("plant");

/** The broker cannot be reached, or gives us nothing. */
export function linkTrouble({ link, timeZone, now }: PlantFacts): Trouble {
  const since = formatInstant(link.since, timeZone, now);
  if (link.state === "down") {
    const message = `The MQTT broker ${link.broker} has been out of reach since ${since}: ${link.error ?? "no answer"}. Until it is back, no alarm can come from the plant.`;
    return { id: BROKER, message, ...STOPS_ALARMS };
  }
  const message = `The MQTT broker ${link.broker} has given us none of the live topics since ${since}: what falls silent goes unnoticed. See /status.`;
  return { id: LIVE, message, ...STOPS_ALARMS };
}

/** The broker says that a bridge is down. */
export function bridgeTrouble({ key, name, since }: Presence, { timeZone, now }: PlantFacts): Trouble {
  const at = formatInstant(since, timeZone, now);
  return {
    id: troubleId(key),
    ...STOPS_ALARMS,
    message: `The plant's bridge ${quoted(name)} is down, since ${at} at the latest. Nothing comes over it until it is back.`,
  };
}

/** The broker says that a device is offline. */
export function deviceTrouble({ key, name, root, since }: DeviceFacts, { timeZone, now }: PlantFacts): Trouble {
  const at = formatInstant(since, timeZone, now);
  return {
    id: troubleId(key),
    // Its alarms cannot come: those who get them are told at all times.
    severity: "critical",
    about: `${root}Messages/0`,
    message: `The device ${quoted(name)} is offline, since ${at} at the latest. No alarm can come from it until it is back.`,
  };
}

/** The broker says that a device is online, and nothing comes from it. */
export function missedTrouble(
  { key, name, root, since, observation }: DeviceFacts,
  { timeZone, now }: PlantFacts,
): Trouble {
  const { lastAt = null, intervalMs = null } = observation ?? {};
  const rhythm = intervalMs === null ? "" : `, where it describes itself every ${formatDuration(intervalMs)}`;
  const what =
    lastAt === null
      ? `the broker still says that it is online, but nothing has come from it since ${formatInstant(since, timeZone, now)}`
      : `the last sign of it came at ${formatInstant(lastAt, timeZone, now)}${rhythm}`;
  return {
    id: troubleId(key),
    severity: "critical",
    about: `${root}Messages/0`,
    message: `The device ${quoted(name)} is offline: ${what}. No alarm can come from it until it is back.`,
  };
}

/** Nothing comes from the plant, on any topic. */
export function plantTrouble(since: number, { timeZone, now, link }: PlantFacts): Trouble {
  const at = formatInstant(since, timeZone, now);
  return {
    id: PLANT,
    ...STOPS_ALARMS,
    message: `Nothing has come from the plant, on any topic, since ${at}. The broker ${link.broker} is up: look at the plant's power, network and bridge.`,
  };
}

/** One topic is silent by itself. */
export function topicTrouble(
  { key, name, topic, lastAt, waitingSince, intervalMs }: TopicObservation,
  { timeZone, now }: PlantFacts,
): Trouble {
  const at = formatInstant(lastAt ?? waitingSince, timeZone, now);
  const what = lastAt === null ? `nothing has come since ${at}` : `the last message came at ${at}`;
  const message = `${quoted(name)} is silent: ${what}, and one is due every ${formatDuration(intervalMs ?? 0)}.`;
  return { id: troubleId(key), message, severity: "error", about: topic };
}
