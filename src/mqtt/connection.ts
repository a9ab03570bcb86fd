import type { Duplex } from "node:stream";
import type { IClientOptions, MqttClient } from "mqtt";
import { must } from "../lib/must.ts";
import { BrokerTroubles } from "./broker-troubles.ts";
import { createDeadEnd, gated } from "./gate.ts";
import { Homecoming } from "./homecoming.ts";
import { openStream } from "./open-stream.ts";
import { createPatchedClient, type Patches } from "./patched-client.ts";
import { Rotation } from "./rotation.ts";
import { clientOptions, targetOf, type Broker, type MqttSettings } from "./settings.ts";
import { sieved } from "./sieve.ts";
import { codeOf, HUNG_UP } from "./error-words.ts";

/** How one link of ours presents itself. */
interface LinkOptions {
  readonly settings: MqttSettings;
  readonly clientId: string;
  /** `false`: the broker keeps subscriptions, and what we miss, under the client id. */
  readonly clean: boolean;
  readonly keepaliveSeconds?: number;
  /** Whether this process may speak to the broker now; asked before each attempt, and before anything is written. */
  readonly mayConnect?: (() => boolean) | undefined;
  /** While we are at a later broker of the list: when it is looked first whether an earlier one can be had. */
  readonly homeAfterMs?: number | undefined;
  readonly receive: Patches["receive"];
  /** Resolves when the link may be ended without anything being half done. */
  readonly settled?: (() => Promise<void>) | undefined;
  /** Is told what is wrong with a broker, when it is not what was wrong with it before. */
  readonly onTrouble: (trouble: string, broker: Broker) => void;
  /** A link, or an attempt, is over; whether that broker throws us out again and again. */
  readonly onEnd: (broker: Broker, isContested: boolean) => void;
}

/** An attempt, or the link that came of it. */
interface Attempt {
  readonly isAllowed: boolean;
  /** Whether was told what is wrong with it. */
  isTold: boolean;
  isAnswered: boolean;
  /** Whether the broker ends it, not we. */
  isTheirs: boolean;
}

/** Until the rotation says how long to wait; 0 would mean: never again. */
const RECONNECT_MS = 1_000;
const MAY_NOT = "another process may be speaking to it";

/** A client that speaks MQTT 3.1.1, at one of the brokers at a time; it reconnects for ever, and goes on to the next one where one cannot be used. */
export class Link {
  /** Connects, and again for ever, when `connect()` is called: what a broker keeps comes right after CONNACK, before later listeners. */
  readonly client: MqttClient;
  readonly #options: LinkOptions;
  readonly #mayConnect: () => boolean;
  readonly #rotation: Rotation;
  readonly #troubles: BrokerTroubles;
  readonly #homecoming: Homecoming;
  #attempt: Attempt = { isAllowed: true, isTold: false, isAnswered: false, isTheirs: true };
  /** What is told of the one that is over. */
  #left: Parameters<LinkOptions["onEnd"]> | null = null;

  constructor(options: LinkOptions) {
    const { settings, clientId, clean, keepaliveSeconds = 20, receive, mayConnect = () => true } = options;
    const elapsed = () => performance.now();
    this.#options = options;
    this.#mayConnect = mayConnect;
    this.#rotation = new Rotation({ count: settings.brokers.length, elapsed, random: Math.random });
    this.#troubles = new BrokerTroubles(settings, options.onTrouble);
    const how: IClientOptions = {
      ...clientOptions(settings),
      clientId,
      clean,
      reconnectPeriod: RECONNECT_MS,
      // A link that swallows everything is seen after 1.5 times this; mosquitto gives up after the same.
      keepalive: keepaliveSeconds,
      // We subscribe ourselves after each CONNACK, to see what the SUBACK says.
      resubscribe: false,
    };
    const open: Patches["open"] = (self) => this.#beginAttempt(self);
    this.client = createPatchedClient(how, { open, closed: () => this.#closed(), receive });
    this.#homecoming = new Homecoming({
      settings,
      clientId,
      mayConnect,
      firstMs: options.homeAfterMs,
      settled: options.settled,
      elapsed,
      onTrouble: (place, trouble) => this.#troubles.note(place, trouble),
      goTo: (place) => {
        this.#rotation.goTo(place);
        this.#end();
      },
    });
    this.#follow();
  }

  /** The place in the list of the broker that is tried, or that we are at. */
  at(): number {
    return this.#rotation.at();
  }

  /** The one at that place. */
  broker(): Broker {
    return must(this.#options.settings.brokers[this.at()], "a broker");
  }

  /** What is wrong with each broker of the list, in words that follow its name; `null`: nothing that is known. */
  troubles(): readonly (string | null)[] {
    return this.#troubles.all();
  }

  /** Whether somebody throws us out again and again; see flapping.ts. */
  isContested(): boolean | null {
    return this.#rotation.isContested();
  }

  /** Whether the broker, not we, ended the last link, and gave no reason. */
  isHungUp(): boolean {
    return this.#attempt.isTheirs && !this.client.connected && !this.client.disconnecting && this.#mayConnect();
  }

  /** The newest links, so many, were ended because of what we did on them: nobody else is to blame. */
  forgive(links: number): void {
    this.#rotation.forgive(links);
  }

  /** Ends the link, so that it comes anew: for what we cannot take. */
  drop(): void {
    this.#rotation.drop();
    this.#end();
  }

  async end(): Promise<void> {
    this.#homecoming.left();
    await this.client.endAsync(true);
  }

  #follow(): void {
    this.client.on("packetreceive", () => {
      this.#attempt.isAnswered = true;
    });
    this.client.on("error", (error) => {
      this.#tell(error);
      // A socket's error is theirs. What a broker says may be no MQTT at all: mqtt.js says so and reads on, where only a new connection helps.
      if (codeOf(error) === undefined) this.#attempt.isTheirs = false;
      this.client.stream.destroy();
    });
    this.client.on("connect", () => {
      this.#rotation.up();
      this.#troubles.clear(this.at());
      this.#homecoming.arrived(this.at());
    });
    this.client.on("close", () => this.#left && this.#options.onEnd(...this.#left));
  }

  /** Each attempt begins here, the first one and all that follow. */
  #beginAttempt(self: MqttClient): Duplex {
    this.#attempt = { isAllowed: this.#mayConnect(), isTold: false, isAnswered: false, isTheirs: true };
    if (!this.#attempt.isAllowed) return createDeadEnd();
    Object.assign(self.options, targetOf(this.broker()));
    const stream = gated(openStream(self, this.#options.settings), this.#mayConnect, () => this.drop());
    // mqtt.js keeps errors without a code to itself: what a WebSocket's server answers instead.
    stream.on("error", (error) => {
      if (codeOf(error) === undefined) this.#tell(`it opens no WebSocket: ${error.message}`);
    });
    const onEndless = (bytes: number): void => {
      this.#tell(`it announces a packet of ${Math.round(bytes / 1e6)} MB that is not a message`);
      stream.destroy();
    };
    // mqtt.js has no other place where one sees what comes before it keeps it.
    return sieved(stream, onEndless, this.#options.settings.maxPayloadBytes);
  }

  /** Tells what is wrong with it: the first is the cause, what comes after it is that the connection ends. */
  #tell(trouble: unknown): void {
    if (!this.#attempt.isTold) this.#troubles.note(this.at(), trouble);
    this.#attempt.isTold = true;
  }

  #end(): void {
    this.#attempt.isTheirs = false;
    this.client.stream.destroy();
  }

  #closed(): number {
    const { isAllowed, isAnswered } = this.#attempt;
    this.#homecoming.left();
    if (!isAnswered && !this.client.disconnecting) this.#tell(isAllowed ? HUNG_UP : MAY_NOT);
    const broker = this.broker();
    // What was not tried, or ended as we may not speak, says nothing of the broker.
    if (!isAllowed || !this.#mayConnect()) {
      const waitMs = this.#rotation.pause();
      this.#left = [broker, this.isContested() === true];
      return waitMs;
    }
    const { waitMs, isContested } = this.#rotation.down();
    this.#left = [broker, isContested];
    return waitMs;
  }
}
