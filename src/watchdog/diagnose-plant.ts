import { DESC } from "../devices/topics.ts";
import type { DevicePresence } from "../devices/types.ts";
import {
  createClassifier,
  followsFrom,
  isSilent,
  isSurvived,
  isUndecided,
  newestOf,
  NOTICE_MS,
  hasCome,
  type Cause,
} from "./classify.ts";
import type { DeviceFacts, PlantFacts, Presence, TopicObservation } from "./plant-facts.ts";
import {
  BROKER,
  bridgeTrouble,
  deviceTrouble,
  linkTrouble,
  LIVE,
  missedTrouble,
  PLANT,
  plantTrouble,
  topicTrouble,
} from "./plant-troubles.ts";
import { troubleId, type Trouble } from "./trouble.ts";

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

function diagnoseBehindBroker(facts: PlantFacts): PlantDiagnosis {
  const { now, bridges } = facts;
  const downBridges = bridges.filter(({ isUp }) => isUp === false);
  const downDevices = facts.devices.filter(({ isUp }) => isUp === false);
  const observations = observationsOf(facts);
  const isExplained = (observation: TopicObservation): boolean =>
    downDevices.some(({ root }) => observation.topic.startsWith(root)) ||
    downBridges.some((bridge) => followsFrom(bridge, observation));

  const newestAt = newestOf(observations);
  const unexplained = observations.filter((observation) => !isExplained(observation));
  const classify = createClassifier(unexplained, newestAt, now);
  const quietSince = Math.max(...observations.map(({ waitingSince }) => waitingSince));
  // A bridge may be the cause before anybody knows that it is down.
  const isBridgeDoubtful = bridges.length > 0 && now < quietSince + NOTICE_MS;
  const classified = unexplained
    .filter((observation) => isSilent(observation, now) && (!isBridgeDoubtful || isSurvived(observation, newestAt)))
    .map((observation) => ({ observation, kind: classify(observation) }));
  const isPlantQuiet = classified.some(({ kind }) => kind === "together");
  const alone = classified.filter(({ kind }) => kind === "alone").map(({ observation }) => observation);
  const missed = facts.devices.filter(({ key }) => alone.some((observation) => observation.key === key));
  const isOfMissed = ({ topic }: TopicObservation): boolean => missed.some(({ root }) => topic.startsWith(root));
  return {
    troubles: [
      ...downBridges.map((bridge) => bridgeTrouble(bridge, facts)),
      ...downDevices.map((device) => deviceTrouble(device, facts)),
      ...(isPlantQuiet ? [plantTrouble(Number.isFinite(newestAt) ? newestAt : quietSince, facts)] : []),
      ...missed.map((device) => missedTrouble(device, facts)),
      ...alone.filter((observation) => !isOfMissed(observation)).map((observation) => topicTrouble(observation, facts)),
    ],
    undecided: [
      ...[...bridges, ...facts.devices].filter(({ isUp }) => isUp === null).map(({ key }) => troubleId(key)),
      ...(isUndecided(observations, now) ? [PLANT] : []),
      ...observations
        .filter((observation) => isSilent(observation, now) || !hasCome(observation))
        .map(({ key }) => troubleId(key)),
    ],
    causes: [...downBridges, ...downDevices, ...(isPlantQuiet ? [{ since: quietSince }] : [])],
  };
}

/** What is to come from the plant, each once: a device's description is its own observation, and no topic beside it. */
function observationsOf({ devices, topics }: PlantFacts): readonly TopicObservation[] {
  const own = devices.flatMap(({ observation, root, isUp }) =>
    observation === null || isUp === false ? [] : [{ ...observation, topic: `${root}${DESC}` }],
  );
  return [...topics.filter(({ topic }) => own.every((observation) => observation.topic !== topic)), ...own];
}

/** How the devices are, by what they said and what came of them. `null`: nobody can tell. */
export const presencesOf = ({ devices, link, now }: PlantFacts): DevicePresence[] =>
  devices.map((device) => ({
    root: device.root,
    ...(link.state === "up" ? presenceAt(device, now) : { isUp: null, since: link.since }),
  }));

function presenceAt({ isUp, since, observation }: DeviceFacts, now: number): Pick<Presence, "isUp" | "since"> {
  if (isUp !== false && observation !== null && isSilent(observation, now))
    return { isUp: false, since: observation.lastAt ?? since };
  return { isUp, since };
}
