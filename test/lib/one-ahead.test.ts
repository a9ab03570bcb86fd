import { expect, it } from "vitest";
import { oneAhead } from "../../src/lib/one-ahead.ts";

it("hands out results in order, with the next piece of work begun and no more", async () => {
  const begun: number[] = [];
  const work = async (item: number): Promise<number> => {
    begun.push(item);
    return item * 10;
  };
  const seen: (readonly [result: number, begun: number])[] = [];
  for await (const result of oneAhead([1, 2, 3], work)) seen.push([result, begun.length]);
  expect(seen).toEqual([
    [10, 2],
    [20, 3],
    [30, 3],
  ]);
  expect(await oneAhead([], work).next()).toMatchObject({ done: true });
});

it("throws what goes wrong in its turn, and never beside it", async () => {
  const work = (item: number): Promise<number> =>
    item > 1 ? Promise.reject(new Error(`no ${item}`)) : Promise.resolve(item);
  const results = oneAhead([1, 2, 3], work);
  expect(await results.next()).toMatchObject({ value: 1 });
  await expect(results.next()).rejects.toThrow("no 2");
  const left = oneAhead([1, 2], work);
  expect(await left.next()).toMatchObject({ value: 1 });
  // Who goes away does not hear of the second.
  await left.return(undefined);
});
