import { hostOf, hostsOf, type MqttSettings } from "./settings.ts";
import type { Subscription } from "./subscriber.ts";

/** A broker that could not be used. */
export interface PassedOver {
  /** Host and port. */
  readonly broker: string;
  /** In words that follow its name. */
  readonly reason: string;
}

/** The broker link as /status shows it. */
export interface MqttStatus {
  readonly isConnected: boolean;
  /** Since when it is up, or down; epoch ms. */
  readonly since: number;
  /** Host and port of the one that we are at, without credentials; of all while we are at none. */
  readonly broker: string;
  /** What went wrong last, at each of them; `null` while all is well. A refused live topic is not counted. */
  readonly error: string | null;
  /** Those that stand before it in the list, and why we are not there. */
  readonly passedOver: readonly PassedOver[];
  /** The topics on which nothing is published for now, as it hangs up on that, each with the reason in words. */
  readonly refusedTopics: ReadonlyMap<string, string>;
  /** Empty until the broker has answered. */
  readonly subscriptions: readonly Subscription[];
  /** Whether others throw us out again and again, as a program with our client id does; see flapping.ts. */
  readonly isContested: boolean | null;
  /** Why what came could not be stored, the last time; `null` since a time that it could. */
  readonly storeError: string | null;
}

/** Brokers that could not be used, each with the reason. */
export const namesOfBrokers = (brokers: readonly PassedOver[]): string =>
  brokers.map(({ broker, reason }) => `${broker} (${reason})`).join(", ");

/** Why a link that is contested does not stand, in words that follow the broker's name. */
export const contestedBy = (clientId: string): string =>
  `it ends each link of ours soon after it came up: does another program use the client id “${clientId}” (MQTT_CLIENT_ID), too?`;

/** At which place of the list a link is, and what is wrong with each broker in it; `null`: nothing that is known. */
interface Whereabouts {
  readonly at: number;
  readonly troubles: readonly (string | null)[];
}

/** Where we are, or why we are nowhere. */
export function whereaboutsOf(
  settings: Pick<MqttSettings, "brokers">,
  { at, troubles }: Whereabouts,
  { isConnected, error }: Pick<MqttStatus, "isConnected" | "error">,
): Pick<MqttStatus, "broker" | "error" | "passedOver"> {
  const known = settings.brokers.map((broker, place) => ({
    broker: hostOf(broker),
    reason: troubles[place] ?? "connection lost",
  }));
  const here = isConnected ? known[at] : undefined;
  if (here) return { broker: here.broker, error, passedOver: known.slice(0, at) };
  const isAlone = known.length === 1 || error === null;
  const reasons = isAlone ? error : known.map(({ broker, reason }) => `${broker}: ${reason}`).join("; ");
  return { broker: hostsOf(settings), error: reasons, passedOver: [] };
}

/** Of two links, if there are two: what is known of either; a calm one says nothing of the other. */
export function contestedOf(main: boolean | null, live: boolean | null): boolean | null {
  if (main === true || live === true) return true;
  return main === null ? null : false;
}
