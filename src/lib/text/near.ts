/** Whether two words differ by no more than a slip of the finger: one in a word of four letters, two from seven on. */
export function isNear(typed: string, word: string): boolean {
  const slips = typed.length < 4 ? 0 : typed.length < 7 ? 1 : 2;
  return Math.abs(typed.length - word.length) <= slips && slipsBetween(typed, word) <= slips;
}

/** How many letters must be put in, left out, changed or exchanged with their neighbour (optimal string alignment). */
export function slipsBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isExchanged = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(Math.min(last[j]! + 1, row[j - 1]! + 1, changed, isExchanged ? beforeLast[j - 2]! + 1 : changed));
    }
    [beforeLast, last] = [last, row];
  }
  return last.at(-1) ?? 0;
}
