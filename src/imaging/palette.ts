/** A picture of few colours. */
export interface Indexed {
  /** At most 256, as pixels hold them: red in the lowest byte. The one that covers most is the first. */
  readonly colours: Uint32Array;
  /** The number of its colour for each pixel, and before each row a 0: how PNG says that the row is as it is. */
  readonly rows: Uint8Array;
}

const MAX_COLOURS = 256;
/** A picture with more is no chart. */
const MAX_DISTINCT = 4_096;
/** One with more stretches of one colour than this share of its pixels is none either. */
const MAX_RUNS = 1 / 3;
const TABLE_BITS = 14;
/** Knuth's multiplier for hashing (The Art of Computer Programming, 6.4). */
const MULTIPLIER = 0x9e3779b1;

/**
 * Numbers the colours of a picture. Of more than 256, those that cover least become the nearest of the others: they are the soft
 * edges of letters and lines, while large areas, however pale, keep their colour. `null`: far too many.
 */
export function indexColours(pixels: Uint32Array, width: number): Indexed | null {
  const found = runsOf(pixels, width);
  if (found === null) return null;
  const { colours, counts, ends, numbers } = found;
  const countOf = (number: number): number => counts[number] ?? 0;
  const order = Uint32Array.from(colours, (_, number) => number).sort((a, b) => countOf(b) - countOf(a) || a - b);
  const kept = Uint32Array.from(order.subarray(0, MAX_COLOURS), (number) => colours[number] ?? 0);
  const places = new Uint8Array(colours.length);
  order.forEach((number, place) => {
    places[number] = place < MAX_COLOURS ? place : nearest(colours[number] ?? 0, kept);
  });
  const rows = new Uint8Array(pixels.length + pixels.length / width);
  let at = 1;
  let [from, rowEnd] = [0, width];
  for (let run = 0; run < ends.length; run++) {
    const end = ends[run]!;
    const place = places[numbers[run]!]!;
    // Most of the picture is of the first colour, and zero already.
    if (place === 0) at += end - from;
    else for (const to = at + end - from; at < to; at++) rows[at] = place;
    if (end === rowEnd) [at, rowEnd] = [at + 1, rowEnd + width];
    from = end;
  }
  return { colours: kept, rows };
}

/**
 * The stretches of one colour that the rows consist of, and the colours in the order in which they are met. Stretches, as they are
 * a twentieth of the pixels; and a table of our own, as a `Map` takes four times as long.
 */
function runsOf(pixels: Uint32Array, width: number) {
  const table = new Int16Array(1 << TABLE_BITS).fill(-1);
  const colours = new Uint32Array(MAX_DISTINCT);
  const counts = new Uint32Array(MAX_DISTINCT);
  const ends = new Uint32Array(pixels.length * MAX_RUNS);
  const numbers = new Uint16Array(ends.length);
  let [count, runs] = [0, 0];
  for (let at = 0, rowEnd = width; at < pixels.length; rowEnd += width) {
    while (at < rowEnd) {
      const pixel = pixels[at]!;
      const from = at;
      do at++;
      while (at < rowEnd && pixels[at] === pixel);
      if (runs === ends.length) return null;
      let slot = Math.imul(pixel, MULTIPLIER) >>> (32 - TABLE_BITS);
      while (table[slot]! >= 0 && colours[table[slot]!] !== pixel) slot = (slot + 1) & ((1 << TABLE_BITS) - 1);
      if (table[slot]! < 0) {
        if (count === MAX_DISTINCT) return null;
        table[slot] = count;
        colours[count++] = pixel;
      }
      const number = table[slot]!;
      counts[number]! += at - from;
      ends[runs] = at;
      numbers[runs++] = number;
    }
  }
  return { colours: colours.subarray(0, count), counts, ends: ends.subarray(0, runs), numbers };
}

/** The place of the colour that is most like another. */
function nearest(colour: number, colours: Uint32Array): number {
  let [best, least] = [0, Number.POSITIVE_INFINITY];
  for (let place = 0; place < colours.length; place++) {
    const other = colours[place]!;
    const red = (colour & 255) - (other & 255);
    const green = ((colour >>> 8) & 255) - ((other >>> 8) & 255);
    const blue = ((colour >>> 16) & 255) - ((other >>> 16) & 255);
    const distance = red * red + green * green + blue * blue;
    if (distance < least) [best, least] = [place, distance];
  }
  return best;
}
