import { PLANT_FIELDS, POSITION, roundReading, SENSORS, TEST_SIGNALS } from "./fields.ts";
import type { SimulatedDevice } from "./device.ts";
import { createLimitWatch, LIMITS } from "./limits.ts";
import type { Disturbance, SensorReadings } from "./machine.ts";
import { bulkMessage, fieldMessage, pointMessage, type Sample } from "./measurements.ts";
import type { SimulatedMessage } from "./message.ts";
import { createWarnings } from "./warnings.ts";
import type { Signals } from "./signals.ts";
import { modulesAt } from "./supply-dip.ts";
import { noteAt } from "./troubles.ts";

/** What a controller sends at all; each alarm goes one way only. */
export const SENT_KINDS = ["points", "bulk", "warnings", "twincat"] as const;
export type SentKind = (typeof SENT_KINDS)[number];

/** How a controller is programmed. */
export interface ControllerSettings {
  readonly machine: string;
  readonly send: ReadonlySet<SentKind>;
  /** ThingSpeak's number, for the topics of points. */
  readonly channelId: number;
  /** What stands at the end of the topics of points; `null`: nothing, as ThingSpeak has it today. */
  readonly writeKey: string | null;
  readonly warningTopic: string;
  readonly bulkTopic: string;
  /** Between two samples for ThingSpeak, ms; whole seconds. */
  readonly everyMs: number;
  /** What one bulk message covers, ms; a multiple of `everyMs`. */
  readonly bulkEveryMs: number;
}

/** What a controller sees at one whole second. */
interface Scan {
  /** Epoch ms. */
  readonly at: number;
  /** What the clock shows, epoch ms. */
  readonly now: number;
  /** How long the cycle of troubles has been going round, ms; `null`: there is none. */
  readonly cycleMs: number | null;
  readonly readings: SensorReadings & Signals;
  readonly disturbance: Disturbance;
  readonly hallC: number;
}

/** The PLC of the thesis: looks at its sensors, and says what its program has it say. */
export interface Controller {
  /** What it publishes at a whole second. */
  scan(scan: Scan): SimulatedMessage[];
  /** The bulk message that has begun. @param now what the clock shows, epoch ms */
  flush(now: number): SimulatedMessage[];
}

/** A plant that is behind by no more than this counts as up to date. */
export const NOW_WITHIN_MS = 2_000;
const isNow = (at: number, now: number): boolean => now - at < NOW_WITHIN_MS;

/** Starts one; `device` is its part for the phone app. */
export function createController(settings: ControllerSettings, device: SimulatedDevice): Controller {
  const { machine, send, everyMs, bulkEveryMs } = settings;
  const warnings = createWarnings(machine, settings.warningTopic);
  const watches = LIMITS.map((limit) => ({ limit, watch: createLimitWatch(limit) }));
  // What goes by points is not sent in bulk as well.
  const bulkFields = send.has("points") ? TEST_SIGNALS : PLANT_FIELDS;
  const pointFields = send.has("bulk") ? SENSORS : PLANT_FIELDS;
  let deadField: number | null = null;
  let trip: { readonly slot: SimulatedMessage | null } | null = null;
  let samples: Sample[] = [];
  let sampledAt: number | null = null;

  function tellSensor(nowDead: number | null): SimulatedMessage[] {
    const wasDead = deadField;
    deadField = nowDead;
    if (nowDead === wasDead) return [];
    const back = wasDead === null ? [] : [warnings.sensor(wasDead, false)];
    return nowDead === null ? back : [...back, warnings.sensor(nowDead, true)];
  }

  /** On the ring of the phone app, if there is one: the slot is emptied when it is over. */
  function tellTrip(at: number, isTripped: boolean): SimulatedMessage[] {
    if (isTripped === (trip !== null)) return [];
    if (isTripped) {
      const slot = send.has("twincat") ? device.messages.message(at, "Critical", "Drive tripped") : null;
      trip = { slot };
      return [slot ?? warnings.trip(at, true)];
    }
    const slot = trip?.slot ?? null;
    trip = null;
    return [slot === null ? warnings.trip(at, false) : { ...slot, payload: Buffer.alloc(0) }];
  }

  function tellWarnings({ at, cycleMs, readings }: Scan): SimulatedMessage[] {
    const messages: SimulatedMessage[] = [];
    for (const { limit, watch } of watches) {
      if (limit.field.number === deadField) continue;
      const value = roundReading(readings, limit.field);
      const news = watch(at, value);
      if (news !== null) messages.push(warnings.limit(at, limit, news, value));
    }
    if (cycleMs === null) return messages;
    const modules = modulesAt(cycleMs);
    return [...messages, ...modules.map(({ name, severity, isDown }) => warnings.module(at, name, severity, isDown))];
  }

  function tellNote({ at, cycleMs }: Scan): SimulatedMessage[] {
    const note = cycleMs === null ? null : noteAt(cycleMs);
    return note === null ? [] : [device.messages.message(at, "Info", note)];
  }

  function measure({ readings }: Scan, fields: typeof PLANT_FIELDS): Map<number, number> {
    const alive = fields.filter(({ number }) => number !== deadField);
    return new Map(alive.map((field) => [field.number, roundReading(readings, field)]));
  }

  /** Both forms: the rotor's position goes in a message of its own, if it is of now, since that form has no date. */
  function tellPoints(scan: Scan): SimulatedMessage[] {
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
    scan(scan) {
      const { at, now } = scan;
      const sensor = tellSensor(scan.disturbance.deadField);
      const messages = send.has("warnings") ? [...sensor, ...tellWarnings(scan)] : [];
      if (send.has("warnings") || send.has("twincat")) messages.push(...tellTrip(at, scan.disturbance.isTripped));
      if (send.has("twincat")) {
        messages.push(...tellNote(scan));
        // Live values of the past are of no use to anybody.
        if (isNow(at, now)) messages.push(...device.tick(scan));
      }
      if (at % everyMs !== 0) return messages;
      if (send.has("points")) messages.push(...tellPoints(scan));
      if (send.has("bulk")) {
        samples.push({ at, values: measure(scan, bulkFields) });
        if (at % bulkEveryMs === 0) messages.push(...flush(now));
      }
      return messages;
    },
  };
}
