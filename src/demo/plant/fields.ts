import type { Readings } from "./machine.ts";

/** One measurement of the plant. */
export interface PlantField {
  /** ThingSpeak's number for it. */
  readonly number: number;
  readonly label: string;
  readonly unit: string;
  readonly decimals: number;
  readonly key: keyof Readings;
}

/** Field 1 of the plant's channel. */
export const COIL: PlantField = { number: 1, label: "Coil temperature", unit: "°C", decimals: 2, key: "coilC" };
/** Field 5 of the plant's channel. */
export const POSITION: PlantField = {
  number: 5,
  label: "Rotor position",
  unit: "µm",
  decimals: 1,
  key: "positionUm",
};

/** What the plant measures, in order of field number. */
export const PLANT_FIELDS: readonly PlantField[] = [
  COIL,
  { number: 2, label: "Coil current", unit: "A", decimals: 3, key: "currentA" },
  { number: 3, label: "Coil voltage", unit: "V", decimals: 2, key: "voltageV" },
  { number: 4, label: "Rotor speed", unit: "rpm", decimals: 0, key: "speedRpm" },
  POSITION,
];

/** A reading as the sensor sends it, rounded to what the sensor resolves. */
export function roundReading(readings: Readings, field: PlantField): number {
  return Number(readings[field.key].toFixed(field.decimals));
}
