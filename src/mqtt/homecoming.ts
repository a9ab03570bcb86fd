import mqtt from "mqtt";
import { withDeadline } from "../lib/time/deadline.ts";
import { clientOptions, targetOf, type Broker, type MqttSettings } from "./settings.ts";

/** Finds out, while we are at a later broker of the list, whether an earlier one can be used again. */
export interface Homecoming {
  /** We are at this place of the list. */
  arrived(place: number): void;
  /** We are at none. */
  left(): void;
}

const FIRST_MS = 30_000;
/** An earlier one that lets us in and does not keep us is tried more and more rarely. */
const MAX_MS = 600_000;
const DEADLINE_MS = 10_000;
/** CONNACK's word for "I take nobody now": MQTT 3.1.1, 3.2.2.3. */
const UNAVAILABLE = 3;

/**
 * Looks whether an earlier broker takes logins again while we are at a later one, and says when we may go there.
 *
 * We do go back. What was published at the first one in the moment in which it died waits there for us; and where the brokers are no
 * cluster, so does all that the plant publishes there from now on, with nobody to fetch it.
 * @param options.goTo is told which one can be used
 * @param options.firstMs how long to wait for the first look
 */
export function createHomecoming(options: {
  readonly settings: MqttSettings;
  readonly clientId: string;
  readonly mayConnect: () => boolean;
  readonly goTo: (place: number) => void;
  /** Is told why one cannot be used. */
  readonly onTrouble: (place: number, error: unknown) => void;
  /** Resolves when the link may be ended without anything being half done: what is not acknowledged there would wait for our next visit. */
  readonly settled?: (() => Promise<void>) | undefined;
  readonly elapsed: () => number;
  readonly firstMs?: number | undefined;
}): Homecoming {
  const {
    settings,
    clientId,
    mayConnect,
    goTo,
    onTrouble,
    settled = async () => undefined,
    elapsed,
    firstMs = FIRST_MS,
  } = options;
  let waitMs = firstMs;
  let wentAt: number | null = null;
  let looking: AbortController | null = null;

  async function look(place: number, signal: AbortSignal): Promise<void> {
    for (const [index, broker] of settings.brokers.slice(0, place).entries()) {
      if (!mayConnect()) continue;
      const trouble = await refusalOf(settings, broker, `${clientId}-look`);
      if (trouble !== null) {
        onTrouble(index, trouble);
        continue;
      }
      await withDeadline(settled(), DEADLINE_MS, () => new Error("never settled")).catch(() => undefined);
      if (signal.aborted) return;
      wentAt = elapsed();
      return goTo(index);
    }
    if (!signal.aborted) lookLater(place, signal);
  }

  function lookLater(place: number, signal: AbortSignal): void {
    const timer = setTimeout(() => void look(place, signal), waitMs).unref();
    signal.addEventListener("abort", () => clearTimeout(timer));
  }

  function left(): void {
    looking?.abort();
    looking = null;
  }

  return {
    left,
    arrived(place) {
      left();
      if (place === 0) return;
      const isBack = wentAt !== null && elapsed() - wentAt < MAX_MS;
      waitMs = isBack ? Math.min(MAX_MS, waitMs * 2) : firstMs;
      looking = new AbortController();
      lookLater(place, looking.signal);
    },
  };
}

/**
 * Why a broker takes no login; `null`: it does. Tried with another client id, as ours would end the link that stands where both are one
 * cluster. A login that is refused may be so for that name only.
 */
async function refusalOf(settings: MqttSettings, broker: Broker, clientId: string): Promise<Error | null> {
  const asking = { clientId, clean: true, reconnectPeriod: 0, connectTimeout: DEADLINE_MS };
  const options = Object.assign(clientOptions(settings), targetOf(broker), asking);
  try {
    const client = await mqtt.connectAsync(broker.url, options, false);
    await client.endAsync(true);
    return null;
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    return typeof code === "number" && code !== UNAVAILABLE ? null : (error as Error);
  }
}
