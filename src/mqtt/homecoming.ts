import mqtt from "mqtt";
import { withDeadline } from "../lib/time/deadline.ts";
import { systemClock } from "../lib/time/clock.ts";
import { createLoop, type Loop } from "../lib/time/loop.ts";
import { clientOptions, targetOf, type Broker, type MqttSettings } from "./settings.ts";
import { codeOf } from "./error-words.ts";

const FIRST_MS = 30_000;
/** An earlier one that lets us in and does not keep us is tried more and more rarely. */
const MAX_MS = 600_000;
const DEADLINE_MS = 10_000;
/** CONNACK's word for "I take nobody now": MQTT 3.1.1, 3.2.2.3. */
const UNAVAILABLE = 3;

/** What is looked for, and who is told. */
interface HomecomingOptions {
  readonly settings: MqttSettings;
  readonly clientId: string;
  readonly mayConnect: () => boolean;
  /** Is told which one can be used. */
  readonly goTo: (place: number) => void;
  /** Is told why one cannot be used. */
  readonly onTrouble: (place: number, error: unknown) => void;
  /** Resolves when the link may be ended without anything being half done: what is not acknowledged there would wait for our next visit. */
  readonly settled?: (() => Promise<void>) | undefined;
  readonly elapsed: () => number;
  /** How long to wait for the first look. */
  readonly firstMs?: number | undefined;
}

/**
 * Looks whether an earlier broker takes logins again while we are at a later one, and says when we may go there.
 *
 * We do go back. What was published at the first one in the moment in which it died waits there for us; and where the brokers are no
 * cluster, so does all that the plant publishes there from now on, with nobody to fetch it.
 */
export class Homecoming {
  readonly #options: HomecomingOptions;
  readonly #firstMs: number;
  #waitMs: number;
  #wentAt: number | null = null;
  #looking: Loop | null = null;

  constructor(options: HomecomingOptions) {
    this.#options = options;
    this.#firstMs = options.firstMs ?? FIRST_MS;
    this.#waitMs = this.#firstMs;
  }

  /** We are at this place of the list. */
  arrived(place: number): void {
    this.left();
    if (place === 0) return;
    const isBack = this.#wentAt !== null && this.#options.elapsed() - this.#wentAt < MAX_MS;
    this.#waitMs = isBack ? Math.min(MAX_MS, this.#waitMs * 2) : this.#firstMs;
    const looking = createLoop({
      step: () => this.#look(place, () => this.#looking === looking),
      clock: systemClock,
      onError: (error) => this.#options.onTrouble(0, error),
    });
    this.#looking = looking;
    looking.wake(this.#waitMs);
  }

  /** We are at none. */
  left(): void {
    void this.#looking?.stop();
    this.#looking = null;
  }

  /** @returns when to look again; `null`: we go */
  async #look(place: number, isWanted: () => boolean): Promise<number | null> {
    const { settings, clientId, mayConnect, onTrouble } = this.#options;
    for (const [index, broker] of settings.brokers.slice(0, place).entries()) {
      if (!mayConnect()) continue;
      const trouble = await refusalOf(settings, broker, `${clientId}-look`);
      if (trouble === null) {
        await this.#goWhenSettled(index, isWanted);
        return null;
      }
      onTrouble(index, trouble);
    }
    return this.#waitMs;
  }

  async #goWhenSettled(place: number, isWanted: () => boolean): Promise<void> {
    const { settled, elapsed, goTo } = this.#options;
    const isSettled = settled?.() ?? Promise.resolve();
    await withDeadline(isSettled, DEADLINE_MS, () => new Error("never settled")).catch(() => undefined);
    if (!isWanted()) return;
    this.#wentAt = elapsed();
    goTo(place);
  }
}

/**
 * Why a broker takes no login; `null`: it does. Tried with another client id, as ours would end the link that stands where both are one
 * cluster. A login that is refused may be so for that name only.
 */
async function refusalOf(settings: MqttSettings, broker: Broker, clientId: string): Promise<unknown> {
  const asking = { clientId, clean: true, reconnectPeriod: 0, connectTimeout: DEADLINE_MS };
  const options = Object.assign(clientOptions(settings), targetOf(broker), asking);
  try {
    const client = await mqtt.connectAsync(broker.url, options, false);
    await client.endAsync(true);
    return null;
  } catch (error) {
    const code = codeOf(error);
    return typeof code === "number" && code !== UNAVAILABLE ? null : error;
  }
}
