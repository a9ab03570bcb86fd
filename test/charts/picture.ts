import { createCanvas, loadImage } from "canvas";

/** A decoded PNG that can be asked what is where. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Pixels of the line's colour in a column; `from` and `to` are rows. */
  readonly countLine: (x: number, from?: number, to?: number) => number;
  /** The columns in which the line is seen first and last. */
  readonly lineSpan: () => readonly [number, number];
  /** Pixels darker than mid-grey in a region. */
  countDark(left: number, top: number, right: number, bottom: number): number;
  /** The share of white pixels. */
  blankShare(): number;
}

const LINE = [0x00, 0x72, 0xb2];

export async function decode(png: Uint8Array): Promise<Picture> {
  const image = await loadImage(Buffer.from(png));
  const { width, height } = image;
  const context = createCanvas(width, height).getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const channels = (x: number, y: number) => data.subarray((y * width + x) * 4, (y * width + x) * 4 + 3);
  const isLine = (x: number, y: number) => channels(x, y).every((value, i) => Math.abs(value - LINE[i]!) < 8);

  const countLine = (x: number, from = 0, to = height) => {
    let count = 0;
    for (let y = from; y < to; y++) if (isLine(x, y)) count++;
    return count;
  };
  return {
    width,
    height,
    countLine,
    lineSpan() {
      const columns = Array.from({ length: width }, (_, x) => x).filter((x) => countLine(x) > 0);
      return [columns[0]!, columns.at(-1)!];
    },
    countDark(left, top, right, bottom) {
      let count = 0;
      for (let y = top; y < bottom; y++)
        for (let x = left; x < right; x++) if (channels(x, y).every((value) => value < 128)) count++;
      return count;
    },
    blankShare() {
      let count = 0;
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) if (channels(x, y).every((value) => value === 255)) count++;
      return count / (width * height);
    },
  };
}
