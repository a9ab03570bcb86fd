/** A stream of numbers from 0 up to 1, the same for the same seed. */
export type Random = () => number;

/** The mulberry32 generator: 32 bits of state, good enough for noise, and quick. */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A number from 0 up to 1 that belongs to `index` alone: what a plan of shifts needs to be asked in any order. */
export function randomAt(seed: number, index: number): number {
  return createRandom(Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(index | 0, 0x85ebca6b))();
}

/** Noise around 0 with a standard deviation of 1 (Box and Muller). */
export function noise(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
