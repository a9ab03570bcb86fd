/** Even noise from −1 to 1 for an entry's number, the same at each run; `seed` tells one series from another. */
export function noise(i: number, seed: number): number {
  // Mulberry32 (public domain): one step of it is enough for a picture.
  let t = Math.imul(i + 1, 0x6d2b79f5) + Math.imul(seed, 0x9e3779b9);
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
}
