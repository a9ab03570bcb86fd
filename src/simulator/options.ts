import { ConfigError } from "../lib/errors.ts";
import { CommandLine } from "./command-line.ts";
import { SENT_KINDS } from "./controller-settings.ts";
import {
  MAX_SPEED,
  readKinds,
  readSpeed,
  readStart,
  readTroubles,
  readUrl,
  readWhole,
  readWriteKey,
  toSecond,
} from "./option-values.ts";
import { USUAL_PLANT, type PlantSettings } from "./plant.ts";

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

/**
 * Reads the command line.
 * @param now epoch ms
 * @returns `null` if help is asked for
 * @throws ConfigError with everything that is wrong
 */
export function readOptions(argv: readonly string[], now: number): Options | null {
  const line = new CommandLine(argv);
  if (line.isHelpAskedFor) return null;
  const address = "an address such as mqtt://localhost or mqtts://broker.example.org:8883";
  const url = line.take("broker", "", readUrl, address);
  if (line.text("broker") === null) {
    line.problems.push("--broker is missing: the address of the broker, such as mqtt://localhost.");
  }
  const start = "a date that has passed, or how long ago: 7d";
  const options: Options = {
    plant: readPlant(line),
    broker: {
      url,
      username: line.text("username"),
      password: line.file("password-file")?.toString().trim() ?? null,
      ca: line.file("ca"),
      cert: line.file("cert"),
      key: line.file("key"),
    },
    from: line.take("from", toSecond(now), (text) => readStart(text, now), start),
    forMs: line.duration("for", Infinity),
    speed: line.take("speed", 1, readSpeed, `a number from 1 to ${MAX_SPEED}`),
  };
  if (line.problems.length > 0) throw new ConfigError(line.problems);
  return options;
}

function readPlant(line: CommandLine): PlantSettings {
  const everyMs = line.duration("every", USUAL_PLANT.everyMs);
  const bulkEveryMs = line.duration("bulk-every", Math.max(everyMs, USUAL_PLANT.bulkEveryMs));
  if (bulkEveryMs % everyMs !== 0) line.problems.push("--bulk-every is a multiple of --every.");
  const machine = line.topic("machine", USUAL_PLANT.machine);
  if (machine.includes("/")) line.problems.push("--machine is one level of a topic: without a slash.");
  return {
    seed: line.take("seed", USUAL_PLANT.seed, readWhole, "a whole number"),
    troubles: line.take("troubles", USUAL_PLANT.troubles, readTroubles, "off, daily or cycle"),
    machine,
    mainTopic: line.topic("main-topic", USUAL_PLANT.mainTopic),
    warningTopic: line.topic("warning-topic", USUAL_PLANT.warningTopic),
    bulkTopic: line.topic("bulk-topic", USUAL_PLANT.bulkTopic),
    channelId: line.take("channel", USUAL_PLANT.channelId, readWhole, "the number of a channel"),
    writeKey: line.take("write-key", null, readWriteKey, "letters and digits"),
    send: line.take("send", USUAL_PLANT.send, readKinds, `some of ${SENT_KINDS.join(",")}`),
    everyMs,
    bulkEveryMs,
  };
}
