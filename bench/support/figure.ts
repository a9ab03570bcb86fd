/** One line of the table: what was measured, against what was aimed at. */
export interface Figure {
  readonly what: string;
  readonly aim: string;
  readonly measured: string;
  readonly isMet: boolean;
}

/** Notes how to end something that was started; what was started last is ended first, whatever happens. */
export type Defer = (end: () => Promise<unknown>) => void;

/** One measurement, which may give several figures. It throws when what it measured came out wrong. */
export interface Bench {
  /** For `--only`. */
  readonly name: string;
  /** It takes so long that it is only run when it is named. */
  readonly isLong?: true;
  /** @param seconds how long what is to last lasts */
  run(defer: Defer, seconds: number): Promise<Figure[]>;
}

/** A figure that should not be above `aim`. */
export function atMost(what: string, aim: number, value: number, unit: string): Figure {
  return { what, aim: `≤ ${format(aim)} ${unit}`, measured: `${format(value)} ${unit}`, isMet: value <= aim };
}

/** A figure that should not be below `aim`. */
export function atLeast(what: string, aim: number, value: number, unit: string): Figure {
  return { what, aim: `≥ ${format(aim)} ${unit}`, measured: `${format(value)} ${unit}`, isMet: value >= aim };
}

/** Ours beside another's in the same run: on a machine that others use nothing else means anything. */
export function ratio(
  what: string,
  aim: { readonly atMost: number } | { readonly atLeast: number },
  ours: number,
  theirs: number,
  unit: string,
): Figure {
  const times = ours / theirs;
  const [sign, bound, isMet] =
    "atMost" in aim ? ["≤", aim.atMost, times <= aim.atMost] : ["≥", aim.atLeast, times >= aim.atLeast];
  const measured = `${times.toFixed(2)} × (${format(ours)} : ${format(theirs)} ${unit})`;
  return { what, aim: `${sign} ${bound} ×`, measured, isMet };
}

/** Two digits are all that such a measurement is worth; whole numbers from ten on. */
function format(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 1 : 0 });
}

/** The value that `share` (0 to 1) of all values do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new Error("nothing was measured");
  return value;
}
