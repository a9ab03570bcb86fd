/** What an entry holds behind its time, in the order of a bulk update (FACTS: A8). */
export const COLUMNS = [
  "field1",
  "field2",
  "field3",
  "field4",
  "field5",
  "field6",
  "field7",
  "field8",
  "latitude",
  "longitude",
  "elevation",
  "status",
] as const;

export type Column = (typeof COLUMNS)[number];

/** What a column is called in `/update` and in MQTT messages (FACTS: A8, A9). */
export function parameterOf(column: Column): string {
  if (column === "latitude") return "lat";
  return column === "longitude" ? "long" : column;
}
