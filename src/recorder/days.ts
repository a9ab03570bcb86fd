import { utcDayOf } from "../store/recordings/block-rows.ts";
import type { Block, RecordingBlocks } from "../store/recordings/types.ts";
import { blocksOf, concatenated, meansOf, minutesBlock, unpackMinutes, unpackRaw, type Recorded } from "./blocks.ts";
import { withPauses } from "./in-steps.ts";
import { mergeMinutes, minutesOf } from "./minutes.ts";

const DAY_MS = 86_400_000;
/** A period with more entries is told by the minute: a picture shows no more, and a hundred a second are ten million a day. */
const MAX_RAW_ENTRIES = 200_000;

/** For a day that is over: what came late is put to what was summed up before; the blocks of ten minutes become a few. */
export async function sumUp(blocks: RecordingBlocks, id: number, dayAt: number): Promise<void> {
  const fresh = await withPauses(await blocks.unsummedWithin(id, dayAt, dayAt + DAY_MS - 1), unpackRaw);
  const former = await blocks.within(id, "minutes", dayAt, dayAt + DAY_MS - 1);
  const raw = concatenated(fresh);
  const minutes = [...former.map(unpackMinutes), ...(await withPauses(raw, minutesOf))].reduce(mergeMinutes);
  await blocks.putDay(
    minutesBlock(id, minutes),
    raw.flatMap((entries) => blocksOf(id, entries)),
    dayAt,
  );
}

/** What the blocks hold of a period: each entry, or minutes where it is much, or old. */
export async function readSealed(
  blocks: RecordingBlocks,
  id: number,
  startAt: number,
  endAt: number,
): Promise<readonly Recorded[]> {
  const summed = await blocks.within(id, "minutes", startAt, endAt);
  const minutesIn = (blocks: readonly Block[]) =>
    withPauses(blocks, (block) => meansOf(unpackMinutes(block), { startAt, endAt }));
  if ((await blocks.entriesWithin(id, startAt, endAt)) > MAX_RAW_ENTRIES) {
    const fresh = await blocks.unsummedWithin(id, startAt, endAt);
    const unsummed = await withPauses(fresh, (block) => meansOf(minutesOf(unpackRaw(block)), { startAt, endAt }));
    return [...(await minutesIn(summed)), ...unsummed];
  }
  const raw = await blocks.within(id, "raw", startAt, endAt);
  const whole = new Set(raw.map((block) => utcDayOf(block.startAt)));
  const thinned = summed.filter((block) => !whole.has(utcDayOf(block.startAt)));
  return [...(await minutesIn(thinned)), ...(await withPauses(raw, unpackRaw))];
}
