/** A field's label and the unit that stands behind it; ThingSpeak has no place for a unit of its own. */
export interface LabelWithUnit {
  readonly label: string;
  readonly unit: string | null;
}

/** Takes the unit off a label, where people write it: `Coil temperature (°C)`, `Speed [rpm]`. */
export function splitLabel(text: string): LabelWithUnit {
  const match = /^(?<label>.*\S)\s*[([](?<unit>[^()[\]]{1,12})[)\]]\s*$/u.exec(text);
  return { label: match?.groups?.["label"] ?? text, unit: match?.groups?.["unit"]?.trim() ?? null };
}
