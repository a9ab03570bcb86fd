import { DESC } from "../devices/topics.ts";
import { formatDuration, formatInstant } from "../lib/time/time.ts";
import type { Sign } from "./heartbeat.ts";
import {
  createJudge,
  followsFrom,
  isSilent,
  isSurvived,
  isUndecided,
  newestOf,
  NOTICE_MS,
  wasHeard,
  type Cause,
} from "./judge.ts";
import { quoted, STOPS_ALARMS, troubleId, type Trouble } from "./trouble.ts";

/** The way from the broker to us. */
export interface LinkState {
  /** `deaf`: connected, but the broker grants us none of the live topics. */
  readonly state: "up" | "down" | "deaf";
  /** Since when it is so; epoch ms. */
  readonly since: number;
  /** Host and port. */
  readonly broker: string;
  readonly error: string | null;
}

/** Something that tells itself, or of which the broker tells, whether it is there. */
export interface Presence {
  /** Its name among all; see `Pulse.key`. */
  readonly key: string;
  readonly name: string;
  /** `null`: nobody has said yet. */
  readonly isUp: boolean | null;
  /** Since when we know; epoch ms. */
  readonly since: number;
}

/** A TwinCAT device. */
export interface DeviceFacts extends Presence {
  /** What all its topics begin with, up to the last slash. */
  readonly root: string;
  /** What comes of it, as one heartbeat; `null`: the plants file has one for it. */
  readonly sign: Sign | null;
}

/** A topic's sign. */
export interface TopicSign extends Sign {
  readonly topic: string;
}

/** What is known about the way from the plant to us, at one moment. */
export interface PlantFacts {
  /** Epoch ms. */
  readonly now: number;
  /** Since when we run without a break; see wake-watch.ts. */
  readonly awakeSince: number;
  /** IANA name, for the times in messages. */
  readonly timeZone: string;
  readonly link: LinkState;
  readonly bridges: readonly Presence[];
  readonly devices: readonly DeviceFacts[];
  readonly topics: readonly TopicSign[];
}

/** What is wrong between the plant and us. */
interface PlantDiagnosis {
  readonly troubles: readonly Trouble[];
  /** See `Diagnosis`. */
  readonly undecided: readonly string[];
  /** What may have silenced others as well. */
  readonly causes: readonly Cause[];
}

/** A broker that is restarted is back by then. */
const LINK_PATIENCE_MS = 30_000;

const BROKER = troubleId("broker");
const LIVE = troubleId("live topics");
const PLANT = troubleId("plant");

/** Finds the causes on the way from the plant to us: broker, bridge, device, all of the plant, or one topic. */
export function diagnosePlant(facts: PlantFacts): PlantDiagnosis {
  return facts.link.state === "up" ? diagnoseBehindBroker(facts) : diagnoseLink(facts);
}

/** Without a broker nobody can know anything about what is behind it. */
function diagnoseLink(facts: PlantFacts): PlantDiagnosis {
  const { now, awakeSince, link, bridges, devices, topics } = facts;
  const isLasting = now - Math.max(link.since, awakeSince) > LINK_PATIENCE_MS;
  const behind = [...bridges, ...devices, ...topics].map(({ key }) => troubleId(key));
  const undecided = link.state === "down" ? [BROKER, LIVE, PLANT, ...behind] : [LIVE, PLANT, ...behind];
  return { troubles: isLasting ? [linkTrouble(facts)] : [], undecided, causes: [] };
}

function linkTrouble({ link, timeZone, now }: PlantFacts): Trouble {
  const since = formatInstant(link.since, timeZone, now);
  if (link.state === "down") {
    const message = `The MQTT broker ${link.broker} cannot be reached since ${since}: ${link.error ?? "no answer"}. Until it is back, no alarm can come from the plant.`;
    return { id: BROKER, message, ...STOPS_ALARMS };
  }
  const message = `The MQTT broker ${link.broker} has given us none of the live topics since ${since}: what falls silent goes unnoticed. See /status.`;
  return { id: LIVE, message, ...STOPS_ALARMS };
}

function diagnoseBehindBroker(facts: PlantFacts): PlantDiagnosis {
  const { now, bridges } = facts;
  const downBridges = bridges.filter(({ isUp }) => isUp === false);
  const downDevices = facts.devices.filter(({ isUp }) => isUp === false);
  const signs = signsOf(facts);
  const isExplained = (sign: TopicSign): boolean =>
    downDevices.some(({ root }) => sign.topic.startsWith(root)) ||
    downBridges.some((bridge) => followsFrom(bridge, sign));

  const newestAt = newestOf(signs);
  const unexplained = signs.filter((sign) => !isExplained(sign));
  const judge = createJudge(unexplained, newestAt, now);
  const quietSince = Math.max(...signs.map(({ waitingSince }) => waitingSince));
  // A bridge may be the cause before anybody knows that it is down.
  const isBridgeDoubtful = bridges.length > 0 && now < quietSince + NOTICE_MS;
  const judged = unexplained
    .filter((sign) => isSilent(sign, now) && (!isBridgeDoubtful || isSurvived(sign, newestAt)))
    .map((sign) => ({ sign, verdict: judge(sign) }));
  const isPlantQuiet = judged.some(({ verdict }) => verdict === "together");
  const alone = judged.filter(({ verdict }) => verdict === "alone").map(({ sign }) => sign);
  const missed = facts.devices.filter(({ key }) => alone.some((sign) => sign.key === key));
  const isOfMissed = ({ topic }: TopicSign): boolean => missed.some(({ root }) => topic.startsWith(root));
  return {
    troubles: [
      ...downBridges.map((bridge) => bridgeTrouble(bridge, facts)),
      ...downDevices.map((device) => deviceTrouble(device, facts)),
      ...(isPlantQuiet ? [plantTrouble(Number.isFinite(newestAt) ? newestAt : quietSince, facts)] : []),
      ...missed.map((device) => missedTrouble(device, facts)),
      ...alone.filter((sign) => !isOfMissed(sign)).map((sign) => topicTrouble(sign, facts)),
    ],
    undecided: [
      ...[...bridges, ...facts.devices].filter(({ isUp }) => isUp === null).map(({ key }) => troubleId(key)),
      ...(isUndecided(signs, now) ? [PLANT] : []),
      ...signs.filter((sign) => isSilent(sign, now) || !wasHeard(sign)).map(({ key }) => troubleId(key)),
    ],
    causes: [...downBridges, ...downDevices, ...(isPlantQuiet ? [{ since: quietSince }] : [])],
  };
}

/** What is to come from the plant, each once: a device's description is its own sign, and no topic beside it. */
function signsOf({ devices, topics }: PlantFacts): readonly TopicSign[] {
  const own = devices.flatMap(({ sign, root, isUp }) =>
    sign === null || isUp === false ? [] : [{ ...sign, topic: `${root}${DESC}` }],
  );
  return [...topics.filter(({ topic }) => own.every((sign) => sign.topic !== topic)), ...own];
}

/** How a device is, by what it said and what came of it. `null`: nobody can tell. */
export function presenceAt({ isUp, since, sign }: DeviceFacts, now: number): Pick<Presence, "isUp" | "since"> {
  if (isUp !== false && sign !== null && isSilent(sign, now)) return { isUp: false, since: sign.lastAt ?? since };
  return { isUp, since };
}

function bridgeTrouble({ key, name, since }: Presence, { timeZone, now }: PlantFacts): Trouble {
  const at = formatInstant(since, timeZone, now);
  return {
    id: troubleId(key),
    ...STOPS_ALARMS,
    message: `The plant's bridge ${quoted(name)} is down, since ${at} at the latest. Nothing comes over it until it is back.`,
  };
}

function deviceTrouble({ key, name, root, since }: DeviceFacts, { timeZone, now }: PlantFacts): Trouble {
  const at = formatInstant(since, timeZone, now);
  return {
    id: troubleId(key),
    // Its alarms cannot come: those who get them are told at all times.
    severity: "critical",
    about: `${root}Messages/0`,
    message: `The device ${quoted(name)} is offline, since ${at} at the latest. No alarm can come from it until it is back.`,
  };
}

function missedTrouble({ key, name, root, since, sign }: DeviceFacts, { timeZone, now }: PlantFacts): Trouble {
  const { lastAt = null, intervalMs = null } = sign ?? {};
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

function plantTrouble(since: number, { timeZone, now, link }: PlantFacts): Trouble {
  const at = formatInstant(since, timeZone, now);
  return {
    id: PLANT,
    ...STOPS_ALARMS,
    message: `Nothing comes from the plant any more, on any topic, since ${at}. The broker ${link.broker} is up: look at the plant's power, network and bridge.`,
  };
}

function topicTrouble(
  { key, name, topic, lastAt, waitingSince, intervalMs }: TopicSign,
  { timeZone, now }: PlantFacts,
): Trouble {
  const at = formatInstant(lastAt ?? waitingSince, timeZone, now);
  const what = lastAt === null ? `nothing has come since ${at}` : `the last message came at ${at}`;
  const message = `${quoted(name)} is silent: ${what}, and one is due every ${formatDuration(intervalMs ?? 0)}.`;
  return { id: troubleId(key), message, severity: "error", about: topic };
}
