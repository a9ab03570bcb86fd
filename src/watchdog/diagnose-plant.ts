import { DESC } from "../devices/topics.ts";
import type { DevicePresence } from "../devices/types.ts";
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
import type { DeviceFacts, PlantFacts, Presence, TopicSign } from "./plant-facts.ts";
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

/** How the devices are, by what they said and what came of them. `null`: nobody can tell. */
export const presencesOf = ({ devices, link, now }: PlantFacts): DevicePresence[] =>
  devices.map((device) => ({
    root: device.root,
    ...(link.state === "up" ? presenceAt(device, now) : { isUp: null, since: link.since }),
  }));

function presenceAt({ isUp, since, sign }: DeviceFacts, now: number): Pick<Presence, "isUp" | "since"> {
  if (isUp !== false && sign !== null && isSilent(sign, now)) return { isUp: false, since: sign.lastAt ?? since };
  return { isUp, since };
}
