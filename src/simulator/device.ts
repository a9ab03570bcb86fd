import { z } from "zod";
import { readJsonObject } from "../lib/text/lenient-json.ts";
import { textOf } from "../lib/text/text-of-bytes.ts";
import { SENSORS, roundReading, type SensorField } from "./fields.ts";
import { USUAL_COOLING_PERCENT, type Disturbance, type SensorReadings } from "./machine.ts";
import { createTwincatMessages, type SimulatedMember, type TwincatMessages } from "./twincat.ts";
import type { SimulatedMessage } from "./message.ts";
import type { Signals } from "./signals.ts";

/** The machine as the vendor's phone app sees it. */
export interface SimulatedDevice {
  readonly messages: TwincatMessages;
  /** How fast somebody has set the fan, percent. */
  readonly coolingPercent: number;
  /** What it sends at a whole second, epoch ms; a sensor that is dead has no member. */
  tick(scan: {
    readonly at: number;
    readonly readings: SensorReadings & Signals;
    readonly disturbance: Disturbance;
    readonly hallC: number;
  }): SimulatedMessage[];
  /** Somebody looks: everything is sent anew. */
  showAll(): void;
  /** Takes what somebody writes, and nothing that is read-only, unknown or out of its limits. */
  write(payload: Uint8Array): void;
}

/** The function block's own interval (FACTS: B1). */
const HEARTBEAT_MS = 60_000;
const ON_CHANGE_MS = 5_000;

const COOLING = {
  path: "nCooling",
  displayName: "Cooling fan",
  unit: "%",
  isReadOnly: false,
  min: 0,
  max: 100,
  decimals: 0,
} as const satisfies SimulatedMember;
/** The thesis' own example: `nTemp`, Celsius, 5 to 30. */
const HALL: SimulatedMember = {
  path: "nTemp",
  displayName: "Hall temperature",
  unit: "Celsius",
  isReadOnly: true,
  min: 5,
  max: 30,
  decimals: 1,
};
/** Member and limits of each sensor. */
const PATHS: Readonly<Record<keyof SensorReadings, readonly [path: string, min: number, max: number]>> = {
  coilC: ["stCoil.fTemp", 10, 80],
  currentA: ["stCoil.fCurrent", 0, 9],
  voltageV: ["stCoil.fVoltage", 0, 20],
  speedRpm: ["nSpeed", 0, 10_000],
  positionUm: ["fPosition", -40, 40],
};
const MEASURED: readonly { readonly member: SimulatedMember; readonly field: SensorField }[] = SENSORS.map((field) => {
  const [path, min, max] = PATHS[field.key];
  const { label: displayName, unit, decimals } = field;
  return { field, member: { path, displayName, unit, decimals, isReadOnly: true, min, max } };
});

const written = z.object({ Values: z.object({ [COOLING.path]: z.number().min(COOLING.min).max(COOLING.max) }) });

/** Makes a device that nobody has looked at so far. */
export function createDevice(machine: string, mainTopic: string): SimulatedDevice {
  const members = [...MEASURED.map(({ member }) => member), HALL, COOLING];
  const messages = createTwincatMessages({ mainTopic, device: machine, group: "AMB", members });
  let coolingPercent = USUAL_COOLING_PERCENT;
  let isWritten = false;
  let isToShowAll = true;
  let toldAt = -Infinity;
  let sent: ReadonlyMap<string, number> = new Map();

  return {
    messages,
    get coolingPercent() {
      return coolingPercent;
    },
    tick({ at, readings, disturbance, hallC }) {
      const alive = MEASURED.filter(({ field }) => field.number !== disturbance.deadField);
      const now = new Map(alive.map(({ member, field }) => [member.path, roundReading(readings, field)]));
      now.set(HALL.path, Number(hallC.toFixed(HALL.decimals))).set(COOLING.path, coolingPercent);
      if (isToShowAll || at - toldAt >= HEARTBEAT_MS) {
        [isToShowAll, isWritten, toldAt, sent] = [false, false, at, now];
        return [messages.desc(at), messages.snapshot(at, now)];
      }
      const changed = new Map([...now].filter(([path, value]) => value !== sent.get(path)));
      if (changed.size === 0 || (!isWritten && at % ON_CHANGE_MS !== 0)) return [];
      [isWritten, sent] = [false, now];
      return [messages.onChange(at, changed)];
    },
    showAll: () => void (isToShowAll = true),
    write(payload) {
      const reading = written.safeParse(readJsonObject(textOf(payload) ?? ""));
      if (!reading.success) return;
      coolingPercent = Math.round(reading.data.Values[COOLING.path]);
      isWritten = true;
    },
  };
}
