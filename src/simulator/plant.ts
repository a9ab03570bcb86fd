import { createController } from "./controller.ts";
import type { ControllerSettings } from "./controller-settings.ts";
import { createDevice, type SimulatedDevice } from "./device.ts";
import { dutyAt } from "./duty.ts";
import { createFaults, type Faults } from "./faults.ts";
import { PLANT_FIELDS, roundReading } from "./fields.ts";
import { createMachine, type Disturbance, type Machine, type SensorReadings } from "./machine.ts";
import type { SimulatedMessage } from "./message.ts";
import { signalsAt, type Signals } from "./signals.ts";
import { CALM, liveTrouble, pastTrouble } from "./troubles.ts";

/** ThingSpeak's shortest interval on the free plan, and the cadence of the thesis' long runs. */
const POINT_MS = 15_000;
/** The limits are watched this often. */
const STEP_MS = 1_000;
/** After a longer sleep of the computer the plant goes on from now, instead of telling all that was missed. */
export const MAX_CATCH_UP_MS = 60_000;

/** What goes wrong by itself: nothing; on some days something; or everything, in a cycle of seven minutes. */
export type Troubles = "off" | "daily" | "cycle";

/** What a plant is. */
export interface PlantSettings extends ControllerSettings {
  readonly seed: number;
  readonly troubles: Troubles;
  /** The start of the topics of the phone app. */
  readonly mainTopic: string;
}

/** A period of the past as columns; `columns` by ThingSpeak's names, `NaN` where a sensor was dead. */
interface PlantHistory {
  readonly times: Float64Array;
  readonly columns: Readonly<Record<string, Float64Array>>;
}

/** The simulated plant. It only moves forward: ask for the history first, then for samples or ticks. */
export interface SimulatedPlant {
  /** Points from `startAt` to `endAt` (epoch ms, both included), and the state at the end to go on from. */
  history(startAt: number, endAt: number, everyMs?: number): PlantHistory;
  /** The sensors at an instant; goes on where the last call ended. */
  sample(at: number): SensorReadings & Signals;
  /**
   * What the plant has published since the last tick. The first tick makes it live.
   * @param now what the clock shows, epoch ms, if that is not the same: a past is caught up with
   */
  tick(at: number, now?: number): SimulatedMessage[];
  /** What it has begun to say, and would end later. @param now what the clock shows, epoch ms */
  flush(now: number): SimulatedMessage[];
  /** What it listens to: topic filters, and what becomes of a message there, as a sentence if there is one to say. */
  readonly hears: readonly { readonly filter: string; readonly take: (payload: Buffer) => string | null }[];
  /** Commands a fault. @returns what is so now, as a sentence */
  command(text: string): string;
  /** What the broker is to say when the plant is gone; `null`: nothing. */
  readonly will: SimulatedMessage | null;
}

/** The thesis' plant with its topics: everything is sent, and nothing goes wrong by itself. */
export const USUAL_PLANT: PlantSettings = {
  seed: 1,
  troubles: "off",
  machine: "AMB-1",
  mainTopic: "plants",
  warningTopic: "lut/AMBsystem/warnings/chatbot",
  bulkTopic: "bulkWrite",
  channelId: 417,
  writeKey: null,
  send: new Set(["points", "bulk", "warnings", "twincat"]),
  everyMs: POINT_MS,
  bulkEveryMs: 60_000,
};

/** Makes the AMB plant of the thesis, the same for the same settings and calls. Who publishes is not its business. */
export function createSimulatedPlant(settings: PlantSettings): SimulatedPlant {
  const { seed, troubles } = settings;
  const device = createDevice(settings.machine, settings.mainTopic);
  const controller = createController(settings, device);
  const faults = createFaults();
  let machine: Machine | null = null;
  let liveAt: number | null = null;
  let tickedAt = 0;

  function troubleAt(at: number): Disturbance {
    if (liveAt === null) return pastTrouble(seed, at);
    if (troubles === "cycle") return faults.at(at, liveTrouble(seed, at - liveAt));
    return faults.at(at, troubles === "daily" ? pastTrouble(seed, at) : CALM);
  }

  function sample(at: number, disturbance = troubleAt(at)): SensorReadings & Signals {
    machine ??= createMachine({ seed, startAt: at });
    return { ...machine.advance(at, disturbance, device.coolingPercent), ...signalsAt(at) };
  }

  function step(at: number, now: number): SimulatedMessage[] {
    const disturbance = troubleAt(at);
    return controller.scan({
      at,
      now,
      cycleMs: troubles === "cycle" ? at - (liveAt ?? at) : null,
      readings: sample(at, disturbance),
      disturbance,
      hallC: dutyAt(seed, at).ambientC,
    });
  }

  return {
    history(startAt, endAt, everyMs = POINT_MS) {
      machine = createMachine({ seed, startAt });
      return record(timesOf(startAt, endAt, everyMs), (at) => {
        const disturbance = troubleAt(at);
        return { readings: sample(at, disturbance), deadField: disturbance.deadField };
      });
    },
    sample: (at) => sample(at),
    tick(at, now = at) {
      const stepAt = Math.floor(at / STEP_MS) * STEP_MS;
      const isFirst = liveAt === null;
      liveAt ??= stepAt;
      if (isFirst || stepAt - tickedAt > MAX_CATCH_UP_MS) tickedAt = stepAt - STEP_MS;
      const messages: SimulatedMessage[] = [];
      while (tickedAt < stepAt) {
        tickedAt += STEP_MS;
        messages.push(...step(tickedAt, now));
      }
      return messages;
    },
    flush: (now) => controller.flush(now),
    hears: hearingOf(settings, device, faults),
    command: (text) => faults.command(text),
    will: settings.send.has("twincat") ? device.messages.will : null,
  };
}

/** What a plant listens to: faults that somebody commands, values that somebody writes, and that somebody looks. */
function hearingOf(settings: PlantSettings, device: SimulatedDevice, faults: Faults): SimulatedPlant["hears"] {
  const faultsTopic = `${settings.mainTopic}/${settings.machine}/faults`;
  return [
    { filter: faultsTopic, take: (payload) => faults.command(payload.toString()) },
    {
      filter: device.messages.rxTopic,
      take(payload) {
        device.write(payload);
        return null;
      },
    },
    {
      filter: device.messages.activeFilter,
      take(payload) {
        if (payload.toString().replaceAll("\0", "").trim() === "1") device.showAll();
        return null;
      },
    },
  ];
}

function timesOf(startAt: number, endAt: number, everyMs: number): Float64Array {
  const length = Math.max(0, Math.floor((endAt - startAt) / everyMs) + 1);
  return Float64Array.from({ length }, (_, i) => startAt + i * everyMs);
}

/** Reads all fields at each time. */
function record(
  times: Float64Array,
  read: (at: number) => { readonly readings: SensorReadings & Signals; readonly deadField: number | null },
): PlantHistory {
  const columns = PLANT_FIELDS.map((field) => ({ field, values: new Float64Array(times.length) }));
  for (const [i, at] of times.entries()) {
    const { readings, deadField } = read(at);
    for (const { field, values } of columns) {
      values[i] = field.number === deadField ? Number.NaN : roundReading(readings, field);
    }
  }
  const named = columns.map(({ field, values }) => [`field${field.number}`, values]);
  return { times, columns: Object.fromEntries(named) };
}
