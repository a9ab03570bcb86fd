import { createCanvas, loadImage } from "canvas";
import { describe, expect, it } from "vitest";
import { encodePng } from "../../src/imaging/png.ts";

async function pixelsOf(png: Uint8Array): Promise<Uint8ClampedArray> {
  const image = await loadImage(Buffer.from(png));
  const context = createCanvas(image.width, image.height).getContext("2d");
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, image.width, image.height).data;
}

/** Opaque pixels, each by its number. */
function picture(width: number, height: number, colourOf: (i: number) => readonly [number, number, number]) {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) data.set([...colourOf(i), 255], i * 4);
  return { width, height, data };
}

describe("encodePng", () => {
  it("keeps each colour of a picture that has at most 256", async () => {
    const few = picture(64, 4, (i) => [i % 256, 17, 255 - (i % 256)]);
    expect(await pixelsOf(encodePng(few))).toEqual(few.data);
  });

  it("keeps what covers most where there are more, however pale, and changes others by less than the eye sees", async () => {
    // White and a grey next to it, and below them some thousand colours, each in one place.
    const many = picture(100, 100, (i) =>
      i < 4_000 ? [255, 255, 255] : i < 8_000 ? [241, 242, 242] : [i % 50, 200 + (i % 40), (i * 3) % 30],
    );
    const seen = await pixelsOf(encodePng(many));
    expect(seen.subarray(0, 32_000)).toEqual(many.data.subarray(0, 32_000));
    for (let i = 0; i < seen.length; i++) expect(Math.abs(seen[i]! - many.data[i]!)).toBeLessThan(16);
  });

  it("keeps a picture of all colours as it is", async () => {
    const noise = picture(128, 128, (i) => [(i * 2_654_435_761) & 255, (i * 40_503) & 255, (i * 97) & 255]);
    expect(await pixelsOf(encodePng(noise))).toEqual(noise.data);
  });

  it("gives the same bytes each time", () => {
    const few = picture(64, 64, (i) => [i & 15, 0, 0]);
    expect(encodePng(few)).toEqual(encodePng(few));
  });
});
