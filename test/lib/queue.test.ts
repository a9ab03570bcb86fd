import { describe, expect, it } from "vitest";
import { createQueue } from "../../src/lib/queue.ts";

const full = () => new Error("full");

describe("a queue", () => {
  it("works at so many at once, then at the next in order, and refuses what is more than may wait", async () => {
    const inQueue = createQueue({ atOnce: 2, maxWaiting: 3, full });
    const begun: number[] = [];
    const ends = new Map<number, () => void>();
    const all = [0, 1, 2, 3, 4, 5].map((i) =>
      inQueue(async () => {
        begun.push(i);
        await new Promise<void>((resolve) => ends.set(i, resolve));
        if (i === 1) throw new Error("one fails");
        return i;
      }),
    );
    const settled = Promise.allSettled(all);
    await expect(all[5]).rejects.toThrow("full");
    expect(begun).toEqual([0, 1]);
    for (const i of [1, 0, 2, 3, 4]) {
      ends.get(i)?.();
      await all[i]!.catch(() => undefined);
      await Promise.resolve();
    }
    expect(begun).toEqual([0, 1, 2, 3, 4]);
    expect((await settled).map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
      "fulfilled",
      "fulfilled",
      "rejected",
    ]);
    expect(await inQueue(async () => "free again")).toBe("free again");
  });
});
