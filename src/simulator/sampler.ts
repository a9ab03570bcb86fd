import type { ControllerSettings } from "./controller-settings.ts";
import { PLANT_FIELDS, POSITION, roundReading, SENSORS, TEST_SIGNALS, type PlantField } from "./fields.ts";
import { bulkMessage, fieldMessage, pointMessage, type Sample } from "./measurements.ts";
import type { SimulatedMessage } from "./message.ts";
import { isNow, type Scan } from "./scan.ts";

/** What a controller measures for ThingSpeak. */
interface Sampler {
  /** Takes a sample, if it is time for one. @returns what is to be published */
  sample(scan: Scan): SimulatedMessage[];
  /** The bulk message that has begun. @param now what the clock shows, epoch ms */
  readonly flush: (now: number) => SimulatedMessage[];
}

/** Has taken no sample so far. */
export function createSampler(settings: ControllerSettings): Sampler {
  const { send, everyMs, bulkEveryMs } = settings;
  // What goes by points is not sent in bulk as well.
  const bulkFields = send.has("points") ? TEST_SIGNALS : PLANT_FIELDS;
  const pointFields = send.has("bulk") ? SENSORS : PLANT_FIELDS;
  let samples: Sample[] = [];
  let sampledAt: number | null = null;

  /** Both forms: the rotor's position goes in a message of its own, if it is of now, since that form has no date. */
  function points(scan: Scan): SimulatedMessage[] {
    const values = measure(scan, pointFields);
    const position = isNow(scan.at, scan.now) ? values.get(POSITION.number) : undefined;
    if (position === undefined) return [pointMessage(settings, scan.at, values)];
    values.delete(POSITION.number);
    return [pointMessage(settings, scan.at, values), fieldMessage(settings, POSITION.number, position)];
  }

  function flush(now: number): SimulatedMessage[] {
    const [first] = samples;
    const last = samples.at(-1);
    if (first === undefined || last === undefined) return [];
    const times = isNow(last.at, now) ? "relative" : "absolute";
    const message = bulkMessage(settings.bulkTopic, samples, times, sampledAt ?? first.at - everyMs);
    sampledAt = last.at;
    samples = [];
    return [message];
  }

  return {
    flush,
    sample(scan) {
      const { at, now } = scan;
      if (at % everyMs !== 0) return [];
      const messages = send.has("points") ? points(scan) : [];
      if (!send.has("bulk")) return messages;
      samples.push({ at, values: measure(scan, bulkFields) });
      return at % bulkEveryMs === 0 ? [...messages, ...flush(now)] : messages;
    },
  };
}

/** The values of fields by their numbers; a dead sensor has none. */
function measure({ readings, disturbance }: Scan, fields: readonly PlantField[]): Map<number, number> {
  const alive = fields.filter(({ number }) => number !== disturbance.deadField);
  return new Map(alive.map((field) => [field.number, roundReading(readings, field)]));
}
