import { PLANT_FIELDS, roundReading } from "./fields.ts";
import { createLimitWatch, LIMITS } from "./limits.ts";
import { createMachine } from "./machine.ts";
import type { Disturbance, Machine, Readings } from "./machine.ts";
import { limitMessage, moduleMessage, noteMessage, pointMessage, sensorMessage } from "./messages.ts";
import type { PlantMessage } from "./messages.ts";
import { modulesAt } from "./supply-dip.ts";
import { liveTrouble, noteAt, pastTrouble } from "./troubles.ts";

/** ThingSpeak's shortest interval on the free plan, and the cadence of the thesis' long runs. */
const POINT_MS = 15_000;
/** The limits are watched this often. */
const STEP_MS = 1_000;
/** After a longer sleep of the computer the plant goes on from now, instead of telling all that was missed. */
const MAX_CATCH_UP_MS = 60_000;

/** A period of the past as columns; `columns` by ThingSpeak's names, `NaN` where a sensor was dead. */
interface PlantHistory {
  readonly times: Float64Array;
  readonly columns: Readonly<Record<string, Float64Array>>;
}

/** The simulated plant. It only moves forward: ask for the history first, then for samples or ticks. */
export interface Plant {
  /** Points from `startAt` to `endAt` (epoch ms, both included), and the state at the end to go on from. */
  history(startAt: number, endAt: number, everyMs?: number): PlantHistory;
  /** The sensors at an instant; goes on where the last call ended. */
  sample(at: number): Readings;
  /** What the plant has published since the last tick: a point every 15 s, and warnings. The first tick makes it live. */
  tick(at: number): PlantMessage[];
}

/**
 * Makes the AMB plant of the thesis, the same for the same seed and calls. Live, it goes through its troubles in a cycle of
 * seven minutes: a dead sensor, an overheating, a chattering limit, a cabinet that loses its supply, and notes in between. Who publishes is not its business.
 */
export function createPlant({
  seed,
  channelId,
  writeApiKey,
}: {
  readonly seed: number;
  readonly channelId: number;
  readonly writeApiKey: string;
}): Plant {
  const pointTopic = `remote/thingspeak/${channelId}/publish/${writeApiKey}`;
  const watches = LIMITS.map((limit) => ({ limit, watch: createLimitWatch(limit) }));
  let machine: Machine | null = null;
  let liveAt: number | null = null;
  let tickedAt = 0;
  let deadField: number | null = null;

  function troubleAt(at: number): Disturbance {
    return liveAt === null ? pastTrouble(seed, at) : liveTrouble(seed, at - liveAt);
  }

  function sample(at: number): Readings {
    machine ??= createMachine({ seed, startAt: at });
    return machine.advance(at, troubleAt(at));
  }

  function tellSensor(nowDead: number | null): PlantMessage[] {
    const wasDead = deadField;
    deadField = nowDead;
    if (nowDead === wasDead) return [];
    const back = wasDead === null ? [] : [sensorMessage(wasDead, false)];
    return nowDead === null ? back : [...back, sensorMessage(nowDead, true)];
  }

  function step(at: number, sinceMs: number): PlantMessage[] {
    const readings = sample(at);
    const messages = tellSensor(troubleAt(at).deadField);
    for (const { limit, watch } of watches) {
      const value = roundReading(readings, limit.field);
      const news = watch(at, value);
      if (news !== null) messages.push(limitMessage(at, limit, news, value));
    }
    for (const { name, severity, isDown } of modulesAt(sinceMs))
      messages.push(moduleMessage(at, name, severity, isDown));
    const note = noteAt(sinceMs);
    if (note !== null) messages.push(noteMessage(at, note));
    if (at % POINT_MS === 0) {
      const alive = PLANT_FIELDS.filter(({ number }) => number !== deadField);
      const values = new Map(alive.map((field) => [field.number, roundReading(readings, field)]));
      messages.push(pointMessage(pointTopic, at, values));
    }
    return messages;
  }

  return {
    history(startAt, endAt, everyMs = POINT_MS) {
      machine = createMachine({ seed, startAt });
      const length = Math.max(0, Math.floor((endAt - startAt) / everyMs) + 1);
      const times = Float64Array.from({ length }, (_, i) => startAt + i * everyMs);
      const columns = PLANT_FIELDS.map((field) => ({ field, values: new Float64Array(length) }));
      for (const [i, at] of times.entries()) {
        const readings = sample(at);
        const dead = troubleAt(at).deadField;
        for (const { field, values } of columns) {
          values[i] = field.number === dead ? Number.NaN : roundReading(readings, field);
        }
      }
      const named = columns.map(({ field, values }) => [`field${field.number}`, values]);
      return { times, columns: Object.fromEntries(named) };
    },
    sample,
    tick(at) {
      const stepAt = Math.floor(at / STEP_MS) * STEP_MS;
      const isFirst = liveAt === null;
      liveAt ??= stepAt;
      if (isFirst || stepAt - tickedAt > MAX_CATCH_UP_MS) tickedAt = stepAt - STEP_MS;
      const messages: PlantMessage[] = [];
      while (tickedAt < stepAt) {
        tickedAt += STEP_MS;
        messages.push(...step(tickedAt, tickedAt - liveAt));
      }
      return messages;
    },
  };
}
