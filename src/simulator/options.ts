import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { ConfigError } from "../lib/errors.ts";
import { readDuration } from "../lib/time/duration.ts";
import { SENT_KINDS, type SentKind } from "./controller.ts";
import { USUAL_PLANT, type PlantSettings, type Troubles } from "./plant.ts";

/** What the command line asks for. */
export interface Options {
  readonly plant: PlantSettings;
  readonly broker: {
    readonly url: string;
    readonly username: string | null;
    readonly password: string | null;
    /** PEM; `null`: the system's authorities, and no certificate of one's own. */
    readonly ca: Buffer | null;
    readonly cert: Buffer | null;
    readonly key: Buffer | null;
  };
  /** Epoch ms, at a whole second. */
  readonly from: number;
  /** `Infinity`: until it is ended. */
  readonly forMs: number;
  readonly speed: number;
}

/** What `--help` prints. */
export const USAGE = `npm run plant -- --broker mqtt://localhost [options]

Publishes what the PLC of a magnetic bearing does, until Ctrl+C.

  --broker URL          mqtt:// or mqtts://, with a port if it is not 1883 or 8883
  --username NAME       with the password in the file of --password-file
  --password-file PATH
  --ca PATH             certificate of the broker's own authority (PEM); --cert PATH and --key PATH: a certificate of the plant's

  --machine NAME        ${USUAL_PLANT.machine}
  --main-topic TOPIC    ${USUAL_PLANT.mainTopic}: before the machine in the topics of TwinCAT's IoT Communicator
  --warning-topic TOPIC ${USUAL_PLANT.warningTopic}
  --bulk-topic TOPIC    ${USUAL_PLANT.bulkTopic}; with the channel behind it, ${USUAL_PLANT.bulkTopic}/417
  --channel NUMBER      ${USUAL_PLANT.channelId}: ThingSpeak's, in the topics of points
  --write-key TEXT      what stands at the end of these, as in the thesis; else nothing does
  --send KINDS          points,bulk,warnings,twincat, or some of them; with points, bulk has the test signals only
  --every DURATION      15s: between two samples; --bulk-every DURATION, 1m: what one bulk message covers

  --seed NUMBER         1: the same seed, time and options give the same messages
  --troubles KIND       off | daily (as on real days) | cycle (all of them, every seven minutes)
  --from TIME           where it begins: a date (2026-11-20T06:00:00Z) or how long ago (7d); now
  --speed NUMBER        1: how many times as fast as the clock it goes, from there until now
  --for DURATION        how much of the plant's time it makes before it ends; for ever

Faults, typed here or published on <main topic>/<machine>/faults: overheat, sensor dead (or sensor dead 1 to 5), trip, calm.
`;

const STRING = { type: "string" } as const;
const OPTIONS = {
  broker: STRING,
  username: STRING,
  "password-file": STRING,
  ca: STRING,
  cert: STRING,
  key: STRING,
  machine: STRING,
  "main-topic": STRING,
  "warning-topic": STRING,
  "bulk-topic": STRING,
  channel: STRING,
  "write-key": STRING,
  send: STRING,
  every: STRING,
  "bulk-every": STRING,
  seed: STRING,
  troubles: STRING,
  from: STRING,
  speed: STRING,
  for: STRING,
  help: { type: "boolean" },
} as const;
const MAX_SPEED = 1_000_000;
const DAY_MS = 86_400_000;
const YEARS_MS = 10 * 366 * DAY_MS;

/**
 * Reads the command line.
 * @param now epoch ms
 * @returns `null` if help is asked for
 * @throws ConfigError with everything that is wrong
 */
export function readOptions(argv: readonly string[], now: number): Options | null {
  const values = parse(argv);
  if (values.help === true) return null;
  const problems: string[] = [];

  /** Reads one option; what is wrong with it is noted. */
  function take<T>(
    name: Exclude<keyof typeof OPTIONS, "help">,
    usual: T,
    read: (text: string) => T | null,
    form: string,
  ): T {
    const text = values[name];
    if (text === undefined) return usual;
    const value = read(text);
    if (value === null) problems.push(`--${name} is ${form}, not “${text}”.`);
    return value ?? usual;
  }
  const file = (name: "ca" | "cert" | "key" | "password-file"): Buffer | null =>
    take(name, null, readFile, "a file that can be read");
  const topic = (name: "machine" | "main-topic" | "warning-topic" | "bulk-topic", usual: string): string =>
    take(name, usual, readTopic, "part of a topic: without # and +");
  const duration = (name: "every" | "bulk-every" | "for", usual: number): number =>
    take(name, usual, readSeconds, "a time of whole seconds, such as 15s, 5m or 2d");

  const url = take("broker", "", readUrl, "an address such as mqtt://localhost or mqtts://broker.example.org:8883");
  if (values.broker === undefined)
    problems.push("--broker is missing: the address of the broker, such as mqtt://localhost.");
  const everyMs = duration("every", USUAL_PLANT.everyMs);
  const bulkEveryMs = duration("bulk-every", Math.max(everyMs, USUAL_PLANT.bulkEveryMs));
  if (bulkEveryMs % everyMs !== 0) problems.push("--bulk-every is a multiple of --every.");
  const machine = topic("machine", USUAL_PLANT.machine);
  if (machine.includes("/")) problems.push("--machine is one level of a topic: without a slash.");
  const options: Options = {
    plant: {
      seed: take("seed", USUAL_PLANT.seed, readWhole, "a whole number"),
      troubles: take("troubles", USUAL_PLANT.troubles, readTroubles, "off, daily or cycle"),
      machine,
      mainTopic: topic("main-topic", USUAL_PLANT.mainTopic),
      warningTopic: topic("warning-topic", USUAL_PLANT.warningTopic),
      bulkTopic: topic("bulk-topic", USUAL_PLANT.bulkTopic),
      channelId: take("channel", USUAL_PLANT.channelId, readWhole, "the number of a channel"),
      writeKey: take("write-key", null, (text) => (/^\w{1,64}$/.test(text) ? text : null), "letters and digits"),
      send: take("send", USUAL_PLANT.send, readKinds, `some of ${SENT_KINDS.join(",")}`),
      everyMs,
      bulkEveryMs,
    },
    broker: {
      url,
      username: values.username ?? null,
      password: file("password-file")?.toString().trim() ?? null,
      ca: file("ca"),
      cert: file("cert"),
      key: file("key"),
    },
    from: take("from", toSecond(now), (text) => readStart(text, now), "a date that has passed, or how long ago: 7d"),
    forMs: duration("for", Infinity),
    speed: take("speed", 1, readSpeed, `a number from 1 to ${MAX_SPEED}`),
  };
  if (problems.length > 0) throw new ConfigError(problems);
  return options;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS }).values;
  } catch (error) {
    // Node.js says in its first sentence which option it is.
    const [what = ""] = (error instanceof Error ? error.message : String(error)).split(/[.\n]/);
    throw new ConfigError([`${what}. --help tells which options there are.`]);
  }
}

const readWhole = (text: string): number | null => (/^\d{1,9}$/.test(text) ? Number(text) : null);

const readSeconds = (text: string): number | null => {
  const ms = readDuration(text);
  return ms !== null && ms % 1_000 === 0 && ms <= YEARS_MS ? ms : null;
};

function readSpeed(text: string): number | null {
  const speed = Number(text);
  return speed >= 1 && speed <= MAX_SPEED ? speed : null;
}

const toSecond = (at: number): number => Math.floor(at / 1_000) * 1_000;

function readStart(text: string, now: number): number | null {
  const ago = readDuration(text);
  const at = ago === null ? (/^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN) : now - ago;
  return at <= now && now - at <= YEARS_MS ? toSecond(at) : null;
}

const readTopic = (text: string): string | null => (text !== "" && !/[#+\0]/.test(text) ? text : null);

const readTroubles = (text: string): Troubles | null =>
  text === "off" || text === "daily" || text === "cycle" ? text : null;

function readKinds(text: string): ReadonlySet<SentKind> | null {
  const words = text.split(",").map((word) => word.trim());
  const kinds = SENT_KINDS.filter((kind) => words.includes(kind));
  return kinds.length === words.length ? new Set(kinds) : null;
}

function readUrl(text: string): string | null {
  const url = URL.parse(text);
  return url !== null && /^mqtts?:$/.test(url.protocol) && url.hostname !== "" && url.password === "" ? text : null;
}

function readFile(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}
