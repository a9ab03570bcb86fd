import { encodePng } from "../imaging/png.ts";

/** Pixels a module: large enough to be read from a phone's screen at arm's length. */
const SCALE = 10;
/** ISO/IEC 18004 asks for four light modules around. */
const BORDER = 4;

/** A text as a QR code, black on white; PNG. */
export async function qrPicture(text: string): Promise<Uint8Array> {
  // Few invitations are made: a start does not wait for it.
  const { encodeQR } = await import("qr");
  const modules = encodeQR(text, "raw", { ecc: "medium", border: BORDER });
  const size = modules.length * SCALE;
  const pixels = new Uint32Array(size * size);
  for (let y = 0; y < size; y++) {
    const row = modules[Math.floor(y / SCALE)] ?? [];
    for (let x = 0; x < size; x++)
      pixels[y * size + x] = row[Math.floor(x / SCALE)] === true ? 0xff00_0000 : 0xffff_ffff;
  }
  return encodePng({ width: size, height: size, data: new Uint8ClampedArray(pixels.buffer) });
}
