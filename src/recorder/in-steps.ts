import { setImmediate } from "node:timers/promises";

/** A few milliseconds of unpacking. */
const PIECES_AT_ONCE = 4;

/** A year of minutes takes a tenth of a second to unpack: others have their turns in between. */
export async function withPauses<T, Made>(pieces: readonly T[], make: (piece: T) => Made): Promise<Made[]> {
  const all: Made[] = [];
  for (const piece of pieces) {
    if (all.length % PIECES_AT_ONCE === PIECES_AT_ONCE - 1) await setImmediate();
    all.push(make(piece));
  }
  return all;
}
