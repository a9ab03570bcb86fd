import { must } from "../lib/must.ts";
import type { Broker, MqttSettings } from "./settings.ts";
import { wordsOfError } from "./error-words.ts";

/** What is wrong with each broker of the list, in words that follow its name; told when it is not what was wrong with it before. */
export class BrokerTroubles {
  readonly #settings: Pick<MqttSettings, "brokers" | "minVersion">;
  readonly #onTrouble: (trouble: string, broker: Broker) => void;
  /** `null`: nothing that is known. */
  readonly #troubles: (string | null)[];

  constructor(
    settings: Pick<MqttSettings, "brokers" | "minVersion">,
    onTrouble: (trouble: string, broker: Broker) => void,
  ) {
    this.#settings = settings;
    this.#onTrouble = onTrouble;
    this.#troubles = settings.brokers.map(() => null);
  }

  /** By place; `null`: nothing that is known. */
  all(): readonly (string | null)[] {
    return this.#troubles;
  }

  clear(place: number): void {
    this.#troubles[place] = null;
  }

  /** @param trouble an error, or words that follow the broker's name */
  note(place: number, trouble: unknown): void {
    const { brokers, minVersion } = this.#settings;
    const broker = must(brokers[place], "a broker");
    const text = typeof trouble === "string" ? trouble : wordsOfError(trouble, { url: broker.url, minVersion });
    if (this.#troubles[place] === text) return;
    this.#troubles[place] = text;
    this.#onTrouble(text, broker);
  }
}
