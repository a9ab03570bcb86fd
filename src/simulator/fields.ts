import type { SensorReadings } from "./machine.ts";
import type { Signals } from "./signals.ts";

/** One measurement of the plant. */
export interface PlantField {
  /** ThingSpeak's number for it. */
  readonly number: number;
  readonly label: string;
  readonly unit: string;
  readonly decimals: number;
  readonly key: keyof (SensorReadings & Signals);
}

/** What one of the machine's sensors measures. */
export interface SensorField extends PlantField {
  readonly key: keyof SensorReadings;
}

/** Field 1 of the plant's channel. */
export const COIL: SensorField = { number: 1, label: "Coil temperature", unit: "°C", decimals: 2, key: "coilC" };
/** Field 5 of the plant's channel. */
export const POSITION: SensorField = {
  number: 5,
  label: "Rotor position",
  unit: "µm",
  decimals: 1,
  key: "positionUm",
};

/** What the machine's sensors measure, in order of field number. */
export const SENSORS: readonly SensorField[] = [
  COIL,
  { number: 2, label: "Coil current", unit: "A", decimals: 3, key: "currentA" },
  { number: 3, label: "Coil voltage", unit: "V", decimals: 2, key: "voltageV" },
  { number: 4, label: "Rotor speed", unit: "rpm", decimals: 0, key: "speedRpm" },
  POSITION,
];

/** What the signal generator gives. */
export const TEST_SIGNALS: readonly PlantField[] = [
  { number: 6, label: "Test sine", unit: "V", decimals: 4, key: "sineV" },
  { number: 7, label: "Test ramp", unit: "%", decimals: 2, key: "rampPercent" },
];

/** All of the plant's channel, in order of field number. */
export const PLANT_FIELDS: readonly PlantField[] = [...SENSORS, ...TEST_SIGNALS];

/** A reading as the sensor sends it, rounded to what the sensor resolves. */
export function roundReading(readings: SensorReadings & Signals, field: PlantField): number {
  return Number(readings[field.key].toFixed(field.decimals));
}
