import { expect, it } from "vitest";
import { unpackColumns } from "../../src/recorder/columns.ts";
import { OpenEntries } from "../../src/recorder/open-entries.ts";

const MAX_UNSAVED_ENTRIES = 2_000_000;

it("what comes while the journal is written is in the next one, also where the older half goes for want of room meanwhile", async () => {
  let dropped = 0;
  const entries = new OpenEntries((count) => (dropped = count));
  for (let at = 1; at < MAX_UNSAVED_ENTRIES; at += 1) entries.put(1, at, 0);
  await entries.journal(async () => {
    for (let at = MAX_UNSAVED_ENTRIES; at <= MAX_UNSAVED_ENTRIES + 2; at += 1) entries.put(1, at, 0);
  });
  expect(dropped).toBe(MAX_UNSAVED_ENTRIES + 1);
  const journaled: number[] = [];
  await entries.journal(async (packed) => {
    const next = unpackColumns(packed);
    next();
    journaled.push(...next());
  });
  expect(journaled).toEqual([MAX_UNSAVED_ENTRIES, MAX_UNSAVED_ENTRIES + 1, MAX_UNSAVED_ENTRIES + 2]);
});
