import { expect, it } from "vitest";
import { fieldSettings } from "../../src/plants/field-settings.ts";
import { parsePlants } from "../../src/plants/parse-plants.ts";

it("takes how often a field comes from its sign of life, by number or by topic", () => {
  const plants = parsePlants(
    `
heartbeats:
  - { field: 1, every: 60s }
  - { field: 2 }
  - { topic: plants/pump, every: 5s }
  - { field: 4, every: 1h }
fields:
  - { field: 1, unit: "°C", limits: [{ above: 80 }] }
  - { field: 3, topic: plants/pump }
  - { field: 5, unit: bar }
`,
    "plants.yaml",
  );
  expect(fieldSettings(plants).map(({ field, unit, everyMs }) => [field, unit, everyMs])).toEqual([
    [1, "°C", 60_000],
    [3, null, 5_000],
    [5, "bar", undefined],
    [2, null, undefined],
    [4, null, 3_600_000],
  ]);
  expect(fieldSettings(plants)[0]?.limits).toHaveLength(1);
});
