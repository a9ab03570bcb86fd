/** Colours as pixels hold them, red in the lowest byte, and the number of its colour for each pixel. */
export interface Indexed {
  /** At most 256. */
  readonly colours: Uint32Array;
  readonly numbers: Uint8Array;
}

const MAX_COLOURS = 256;
/** A picture with more is no chart. */
const MAX_DISTINCT = 4_096;
const TABLE_BITS = 14;
/** Knuth's multiplier for hashing (The Art of Computer Programming, 6.4). */
const MULTIPLIER = 0x9e3779b1;

/**
 * Numbers the colours of a picture. Of more than 256, those that cover least become the nearest of the others: they are the soft
 * edges of letters and lines, while large areas, however pale, keep their colour. `null`: far too many.
 */
export function indexColours(pixels: Uint32Array): Indexed | null {
  const found = distinctOf(pixels);
  if (found === null) return null;
  const { colours, counts, numbers } = found;
  const countOf = (number: number): number => counts[number] ?? 0;
  const order = Uint32Array.from(colours, (_, number) => number).sort((a, b) => countOf(b) - countOf(a) || a - b);
  const kept = Uint32Array.from(order.subarray(0, MAX_COLOURS), (number) => colours[number] ?? 0);
  const places = new Uint8Array(colours.length);
  order.forEach((number, place) => {
    places[number] = place < MAX_COLOURS ? place : nearest(colours[number] ?? 0, kept);
  });
  const placed = new Uint8Array(numbers.length);
  for (let i = 0; i < numbers.length; i++) placed[i] = places[numbers[i]!]!;
  return { colours: kept, numbers: placed };
}

/** The colours in the order in which they are met; in a table of our own, as a `Map` takes four times as long. */
function distinctOf(pixels: Uint32Array) {
  const table = new Int16Array(1 << TABLE_BITS).fill(-1);
  const colours = new Uint32Array(MAX_DISTINCT);
  const counts = new Uint32Array(MAX_DISTINCT);
  const numbers = new Uint16Array(pixels.length);
  let count = 0;
  let [last, number] = [-1, 0];
  for (let i = 0; i < pixels.length; i++) {
    const pixel = pixels[i]!;
    // Most pixels are like the one before.
    if (pixel !== last) {
      let slot = Math.imul(pixel, MULTIPLIER) >>> (32 - TABLE_BITS);
      while (table[slot]! >= 0 && colours[table[slot]!] !== pixel) slot = (slot + 1) & ((1 << TABLE_BITS) - 1);
      number = table[slot]!;
      if (number < 0) {
        if (count === MAX_DISTINCT) return null;
        number = count++;
        table[slot] = number;
        colours[number] = pixel;
      }
      last = pixel;
    }
    counts[number]!++;
    numbers[i] = number;
  }
  return { colours: colours.subarray(0, count), counts, numbers };
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
