import { contestedBy, namesOfBrokers } from "../mqtt/broker-status.ts";
import { clockCondition, diskCondition, standbyCondition, storeCondition } from "./host-conditions.ts";
import { lineOf } from "./loop-test.ts";
import type { FilterLoop } from "./loop-way.ts";
import type { SelfCondition, SelfFacts } from "./self-facts.ts";

/** A network is away for minutes, as anybody knows; after longer, people rely in vain on being told. */
const TELEGRAM_PATIENCE_MS = 10 * 60_000;
/** A broker that is restarted is back by then. */
const FALLBACK_PATIENCE_MS = 60_000;
/** A broker that starts may answer before it has read its access list. */
const REFUSED_PATIENCE_MS = 60_000;

/**
 * Finds out what is wrong with us; what cannot be known yet is left out. What means that alarms do not come, or are not shown, is
 * critical; what somebody can mend by a setting goes to the admins.
 */
export function selfConditions(facts: SelfFacts): readonly SelfCondition[] {
  return [
    storeCondition(facts),
    ...diskCondition(facts),
    clientId(facts),
    fallback(facts),
    subscriptions(facts),
    ...loops(facts),
    telegram(facts),
    receiving(facts),
    secondPath(facts),
    standbyCondition(facts),
    clockCondition(facts),
  ].filter((found) => found !== null);
}

function clientId({ clientId: name, mqtt: { isContested, broker } }: SelfFacts): SelfCondition | null {
  if (isContested === null) return null;
  const message = `The broker ${broker} lets us in, but ${contestedBy(name)} Then each gets only a part of the alarms. Give each program a client id of its own.`;
  return { id: "client id", severity: "critical", isForAdmins: true, message: isContested ? message : null };
}

/** Alarms come, but there is one broker less for the next time; and what waits at the first one does not come. */
function fallback({ mqtt: { isConnected, since, broker, passedOver }, now }: SelfFacts): SelfCondition | null {
  if (!isConnected || (passedOver.length > 0 && now - since < FALLBACK_PATIENCE_MS)) return null;
  const message = `We are at the broker ${broker}, because the first of MQTT_URL cannot be used: ${namesOfBrokers(passedOver)}. Alarms come by it. We go back as soon as we can; what waits there for us comes then.`;
  return {
    id: "broker passed over",
    severity: "warning",
    isForAdmins: true,
    message: passedOver.length > 0 ? message : null,
  };
}

function subscriptions({ mqtt, now }: SelfFacts): SelfCondition | null {
  const asked = mqtt.subscriptions.filter(({ isLive }) => !isLive);
  // Also what was granted is known only when all were answered.
  if (!mqtt.isConnected || asked.length === 0) return null;
  const weak = asked.filter(({ qos }) => qos !== 1);
  if (weak.length > 0 && now - mqtt.since < REFUSED_PATIENCE_MS) return null;
  const words = weak.map(({ topic, qos }) => (qos === null ? topic : `${topic} (only with QoS ${qos})`)).join(", ");
  const isRefused = weak.some(({ qos }) => qos === null);
  return {
    id: "subscriptions",
    severity: isRefused ? "critical" : "warning",
    isForAdmins: true,
    message:
      weak.length === 0
        ? null
        : `The broker ${mqtt.broker} does not grant all alarm topics: ${words}. ` +
          `${isRefused ? "Alarms on what it refuses do not come" : "What is sent there while we are away is lost"}. Check its access list.`,
  };
}

/** Two alarms: what never came back may be a right that was never given, and rings nobody. Where nothing is tested neither is. */
function loops({ loops: all, mqtt: { broker } }: SelfFacts): readonly SelfCondition[] {
  const inState = (state: FilterLoop["state"]) => all.filter((loop) => loop.state === state);
  const [lost, impossible] = [inState("lost"), inState("impossible")];
  const isKnown = inState("unknown").length === 0;
  const list = (found: readonly FilterLoop[]): string => found.map(lineOf).join("; ");
  const found: readonly [SelfCondition, readonly FilterLoop[]][] = [
    [
      {
        id: "loop test",
        severity: "critical",
        isForAdmins: true,
        message: `No alarm comes from the broker ${broker} any more: it takes what we publish, and gives nothing back, as it did before. Look at its access list, which must have for our user: ${list(lost)}.`,
      },
      lost,
    ],
    [
      {
        id: "loop test not allowed",
        severity: "info",
        isForAdmins: true,
        message: `Nobody would notice if the broker ${broker} gave us nothing any more: what we publish to try it does not come back. Its access list must have for our user: ${list(impossible)}. MQTT_LOOP_TEST=off ends the test.`,
      },
      impossible,
    ],
  ];
  return found.flatMap(([condition, loopsOf]) =>
    loopsOf.length > 0 ? [condition] : isKnown ? [{ ...condition, message: null }] : [],
  );
}

function telegram({ telegram: { isUp, isTokenRefused, error, since }, now }: SelfFacts): SelfCondition | null {
  const base = { id: "telegram", severity: "critical", isForEverybody: true } as const;
  if (isUp) return { ...base, message: null };
  if (isTokenRefused) {
    const message = `Telegram refuses our token (${error ?? "no reason"}): nobody can be told of alarms in a chat until TELEGRAM_BOT_TOKEN is right.`;
    return { ...base, message };
  }
  if (now - since < TELEGRAM_PATIENCE_MS) return null;
  const message = `Telegram cannot be reached (${error ?? "no answer"}): nobody can be told of alarms in a chat until it can.`;
  return { ...base, message };
}

function receiving({ telegram: { isUp, receiving: reason } }: SelfFacts): SelfCondition | null {
  if (!isUp) return null;
  const message = `Valvomo does not get what people write and press, or not all of it: ${reason ?? ""}. Alarms are shown, but people may be unable to acknowledge them.`;
  return { id: "receiving", severity: "error", isForAdmins: true, message: reason === null ? null : message };
}

/** It is used only where no chat can be told, so that it fails is all the worse. */
const secondPath = ({ secondPathFailures: failures }: SelfFacts): SelfCondition => ({
  id: "second path",
  severity: "critical",
  isForAdmins: true,
  message:
    failures.length === 0
      ? null
      : `The second path does not work: ${failures.join("; ")}. A critical alarm that no chat can be told of reaches nobody. Are SECOND_PATH_URL and SECOND_PATH_TOPIC right?`,
});
