import type { LinkState } from "./plant-facts.ts";

/** What the broker link says of itself. */
export interface BrokerStatus {
  readonly isConnected: boolean;
  /** Since when it is so; epoch ms. */
  readonly since: number;
  readonly broker: string;
  readonly error: string | null;
  /** Live ones are granted if their `qos` is not `null`. */
  readonly subscriptions: readonly { readonly qos: number | null; readonly isLive: boolean }[];
}

/**
 * Makes the function that tells how the link is now. It has to be asked often, as it is then that changes are seen.
 * @param hasLiveTopics whether there is anything to listen to besides alarms
 * @param now epoch ms
 */
export function createBrokerLink(
  broker: () => BrokerStatus,
  hasLiveTopics: boolean,
  now: () => number,
): () => LinkState {
  let state: LinkState["state"] = "down";
  let since = now();
  return () => {
    const status = broker();
    const isHeard = !hasLiveTopics || status.subscriptions.some(({ isLive, qos }) => isLive && qos !== null);
    const present = !status.isConnected ? "down" : isHeard ? "up" : "deaf";
    if (present !== state) {
      state = present;
      since = now();
    }
    // A connection that was lost and found again between two looks is a new one.
    return {
      state,
      since: state === "down" ? status.since : Math.max(since, status.since),
      broker: status.broker,
      error: status.error,
    };
  };
}
