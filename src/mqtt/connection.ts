import { Duplex } from "node:stream";
import type { IClientOptions, MqttClient } from "mqtt";
import { createHomecoming } from "./homecoming.ts";
import { createPatchedClient, type Patches } from "./patched-client.ts";
import { createRotation } from "./rotation.ts";
import { clientOptions, targetOf, type Broker, type MqttSettings } from "./settings.ts";
import { sieved } from "./sieve.ts";
import { HUNG_UP, troubleOf } from "./trouble.ts";

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

/** One client, at one of the brokers at a time. */
export interface Link {
  /** Connects, and again for ever, when `connect()` is called: what a broker keeps comes right after CONNACK, before later listeners. */
  readonly client: MqttClient;
  /** The place in the list of the broker that is tried, or that we are at. */
  at(): number;
  /** What is wrong with each broker of the list, in words that follow its name; `null`: nothing that is known. */
  troubles(): readonly (string | null)[];
  /** Whether somebody throws us out again and again; see flapping.ts. */
  isContested(): boolean | null;
  /** Whether the broker, not we, ended the last link, and gave no reason. */
  isHungUp(): boolean;
  /** The newest links, so many, were ended because of what we did on them: nobody else is to blame. */
  forgive(links: number): void;
  /** Ends the link, so that it comes anew: for what we cannot take. */
  drop(): void;
  end(): Promise<void>;
}

/** Until the rotation says how long to wait; 0 would mean: never again. */
const RECONNECT_MS = 1_000;
const MAY_NOT = "another process may be speaking to it";

/** Makes a client that speaks MQTT 3.1.1, reconnects for ever, and goes on to the next broker where one cannot be used. */
export function createLink(options: LinkOptions): Link {
  const { settings, clientId, clean, keepaliveSeconds = 20, mayConnect = () => true } = options;
  const { brokers } = settings;
  const elapsed = () => performance.now();
  const rotation = createRotation({ count: brokers.length, elapsed, random: Math.random });
  const troubles = createTroubles(settings, options.onTrouble);
  const current = () => brokers[rotation.at()] as Broker;
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
  const client = createPatchedClient(current().url, how, { open: beginAttempt, closed, receive: options.receive });

  /** The attempt under way, or the link that came of it. */
  let attempt = { isAllowed: true, isTold: false, isAnswered: false, isTheirs: true };
  /** Tells what is wrong with it: the first is the cause, what comes after it is that the connection ends. */
  function tell(trouble: unknown): void {
    if (!attempt.isTold) troubles.note(rotation.at(), trouble);
    attempt.isTold = true;
  }
  function end(): void {
    attempt.isTheirs = false;
    client.stream.destroy();
  }
  function drop(): void {
    rotation.drop();
    end();
  }

  /** Each attempt begins here, the first one and all that follow. */
  function beginAttempt(self: MqttClient, open: () => Duplex): Duplex {
    attempt = { isAllowed: mayConnect(), isTold: false, isAnswered: false, isTheirs: true };
    if (!attempt.isAllowed) return createDeadEnd();
    Object.assign(self.options, targetOf(current()));
    const stream = gated(open(), mayConnect, drop);
    // mqtt.js keeps errors without a code to itself: what a WebSocket's server answers instead.
    stream.on("error", (error: Error & { code?: string }) => {
      if (error.code === undefined) tell(`it opens no WebSocket: ${error.message}`);
    });
    const onEndless = (bytes: number): void => {
      tell(`it announces a packet of ${Math.round(bytes / 1e6)} MB that is not a message`);
      stream.destroy();
    };
    // mqtt.js has no other place where one sees what comes before it keeps it.
    return sieved(stream, onEndless, settings.maxPayloadBytes);
  }

  const homecoming = createHomecoming({
    settings,
    clientId,
    mayConnect,
    firstMs: options.homeAfterMs,
    settled: options.settled,
    elapsed,
    onTrouble: troubles.note,
    goTo(place) {
      rotation.goTo(place);
      end();
    },
  });

  client.on("packetreceive", () => {
    attempt.isAnswered = true;
  });
  client.on("error", (error) => {
    tell(error);
    // A socket's error is theirs. What a broker says may be no MQTT at all: mqtt.js says so and reads on, where only a new connection helps.
    if ((error as { readonly code?: unknown }).code === undefined) attempt.isTheirs = false;
    client.stream.destroy();
  });
  client.on("connect", () => {
    rotation.up();
    troubles.clear(rotation.at());
    homecoming.arrived(rotation.at());
  });
  let left: Parameters<LinkOptions["onEnd"]> | null = null;
  function closed(): number {
    homecoming.left();
    if (!attempt.isAnswered && !client.disconnecting) tell(attempt.isAllowed ? HUNG_UP : MAY_NOT);
    const broker = current();
    // What was not tried, or ended as we may not speak, says nothing of the broker.
    const { waitMs, isContested } =
      attempt.isAllowed && mayConnect()
        ? rotation.down()
        : { waitMs: rotation.pause(), isContested: rotation.isContested() === true };
    left = [broker, isContested];
    return waitMs;
  }
  client.on("close", () => left && options.onEnd(...left));

  return {
    client,
    at: rotation.at,
    troubles: troubles.all,
    isContested: rotation.isContested,
    forgive: rotation.forgive,
    isHungUp: () => attempt.isTheirs && !client.connected && !client.disconnecting && mayConnect(),
    drop,
    async end() {
      homecoming.left();
      await client.endAsync(true);
    },
  };
}

/** Keeps what is wrong with each broker, and tells it when it is not what was wrong with it before. */
function createTroubles({ brokers, minVersion }: MqttSettings, onTrouble: LinkOptions["onTrouble"]) {
  const troubles: (string | null)[] = brokers.map(() => null);
  return {
    all: (): readonly (string | null)[] => troubles,
    clear: (place: number): void => void (troubles[place] = null),
    /** @param trouble an error, or words that follow the broker's name */
    note(place: number, trouble: unknown): void {
      const broker = brokers[place] as Broker;
      const text = typeof trouble === "string" ? trouble : troubleOf(trouble, { url: broker.url, minVersion });
      if (troubles[place] === text) return;
      troubles[place] = text;
      onTrouble(text, broker);
    },
  };
}

/** What an attempt gets that may not be made: it ends at once, and nothing leaves this machine. */
function createDeadEnd(): Duplex {
  const stream = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  setImmediate(() => stream.destroy());
  return stream;
}

/** Ends a connection in the place of writing what may not be written any more, a PUBACK and a ping as well. */
function gated(stream: Duplex, mayConnect: () => boolean, drop: () => void): Duplex {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  stream.write = (...args: unknown[]): boolean => {
    if (mayConnect()) return write(...args);
    drop();
    return false;
  };
  return stream;
}
