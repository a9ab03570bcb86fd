import { expect, it } from "vitest";
import { createUnreadCounts } from "../../src/measurements/unread.ts";

it("counts what could not be read by topic, with the newest as an example, for a day and of a hundred topics", () => {
  let now = 0;
  const unread = createUnreadCounts({ now: () => now });
  unread.add("plant/a", Buffer.from("ERR 1"));
  unread.add("plant/b", Buffer.from([0x1f, 0x8b, 8, 0]));
  now = 1_000;
  unread.add("plant/a", Buffer.from(`ERR\0\0 ${"<b>".repeat(500)}`));
  expect(unread.lately()).toEqual([
    { topic: "plant/a", count: 2, example: "“ERR”", lastAt: 1_000 },
    { topic: "plant/b", count: 1, example: "binary, 4 bytes", lastAt: 0 },
  ]);
  for (let i = 0; i < 200; i++) unread.add(`many/${i}/${"x".repeat(60_000)}`, Buffer.from("y".repeat(60_000)));
  const found = unread.lately();
  expect(found).toHaveLength(100);
  for (const { topic, example } of found) expect(topic.length + example.length).toBeLessThan(320);
  now += 25 * 3_600_000;
  expect(unread.lately()).toEqual([]);
});
