import type { FieldSetting } from "../measurements/measurement.ts";
import type { Plants } from "./plants.ts";

/** What the plants file says about each field: in its own row, and how often its sign of life comes, by number or topic. */
export function fieldSettings({ fields, heartbeats }: Pick<Plants, "fields" | "heartbeats">): readonly FieldSetting[] {
  const everyMsOf = (field: number, topic: string | null): number | null =>
    heartbeats.find((one) => one.everyMs !== null && (one.field === field || (topic !== null && one.topic === topic)))
      ?.everyMs ?? null;
  const rows: readonly (FieldSetting & { readonly topic: string | null })[] = [
    ...fields,
    ...heartbeats.flatMap(({ field }) =>
      field === null || fields.some((row) => row.field === field)
        ? []
        : [{ field, unit: null, decimals: null, limits: [], topic: null }],
    ),
  ];
  return rows.map(({ field, unit, decimals, limits, topic }) => {
    const everyMs = everyMsOf(field, topic);
    return { field, unit, decimals, limits, ...(everyMs !== null && { everyMs }) };
  });
}
