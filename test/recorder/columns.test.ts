import { array, assert, constantFrom, double, integer, oneof, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { packColumns, unpackColumns } from "../../src/recorder/columns.ts";

const roundTrip = (values: readonly number[]): number[] => [
  ...unpackColumns(packColumns([Float64Array.from(values)]))(),
];

describe("packed columns", () => {
  it("come back bit by bit, whatever they hold", () => {
    const value = oneof(
      double({ noDefaultInfinity: true }),
      integer({ min: -(2 ** 53), max: 2 ** 53 }),
      integer({ min: -100_000, max: 100_000 }).map((whole) => whole / 100),
      constantFrom(0, -0, Number.NaN, 2 ** 51, -(2 ** 51), 2 ** 51 + 1, 1e308, 5e-324, 0.1 + 0.2, 1_763_900_000_123),
    );
    assert(
      property(array(value, { maxLength: 200 }), (values) => {
        expect(roundTrip(values)).toStrictEqual(values);
      }),
    );
  });

  it("of several columns keep them apart", () => {
    const columns = [Float64Array.of(1, 2, 3), Float64Array.of(0.5, Number.NaN, -7), Float64Array.of(9, 9, 9)];
    const next = unpackColumns(packColumns(columns));
    expect([next(), next(), next()]).toStrictEqual(columns);
    expect(unpackColumns(packColumns([new Float64Array()]))()).toStrictEqual(new Float64Array());
  });

  it("of a sensor take three bytes an entry at the most, time and all", () => {
    let [at, value] = [1_763_900_000_000, 82.13];
    let seed = 1;
    const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    const entries = Array.from({ length: 600 }, () => {
      at += 1_000 + Math.round(random() * 3);
      value = Math.round((value + random() - 0.5) * 100) / 100;
      return { at, value };
    });
    const packed = packColumns([
      Float64Array.from(entries, (entry) => entry.at),
      Float64Array.from(entries, (entry) => entry.value),
    ]);
    expect(packed.length / entries.length).toBeLessThan(3);
  });

  it("that are none are refused", () => {
    expect(() => unpackColumns(Uint8Array.of(1, 2, 3))).toThrow("unexpected end of file");
  });
});
