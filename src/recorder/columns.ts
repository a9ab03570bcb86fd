import { deflateRawSync, inflateRawSync } from "node:zlib";

/**
 * Columns of numbers as bytes, exactly and small. What sensors send has few decimals and moves in small steps: as whole numbers of
 * its last decimal, each as the step from the one before, most take a byte or two where a double takes eight.
 */

/** More decimals are no decimals, but what a division left. */
const MAX_DECIMALS = 6;
/** Marks a column of plain doubles in the place of its decimals. */
const DOUBLES = 255;
const FASTEST = { level: 1 };

/** Packs columns of one length. Values are finite or `NaN`. */
export function packColumns(columns: readonly Float64Array[]): Uint8Array {
  const writer = createWriter();
  writer.whole(columns[0]?.length ?? 0);
  for (const column of columns) writeColumn(writer, column);
  return deflateRawSync(writer.bytes(), FASTEST);
}

/**
 * Unpacks what `packColumns` made.
 * @returns what reads the next column; it throws a RangeError if there is none
 * @throws RangeError or an error of zlib if the bytes are no such columns
 */
export function unpackColumns(packed: Uint8Array): () => Float64Array<ArrayBuffer> {
  const reader = createReader(inflateRawSync(packed));
  const length = reader.whole();
  return () => readColumn(reader, length);
}

function writeColumn(writer: ByteWriter, column: Float64Array): void {
  const decimals = decimalsOf(column);
  if (decimals === null) {
    writer.byte(DOUBLES);
    for (const value of column) writer.double(value);
    return;
  }
  writer.byte(decimals);
  const scale = 10 ** decimals;
  let before = 0;
  for (const value of column) {
    const scaled = Math.round(value * scale);
    writer.signed(scaled - before);
    before = scaled;
  }
}

function readColumn(reader: ByteReader, length: number): Float64Array<ArrayBuffer> {
  const column = new Float64Array(length);
  const decimals = reader.byte();
  if (decimals === DOUBLES) {
    for (let i = 0; i < length; i++) column[i] = reader.double();
    return column;
  }
  const scale = 10 ** decimals;
  let scaled = 0;
  for (let i = 0; i < length; i++) {
    scaled += reader.signed();
    column[i] = scaled / scale;
  }
  return column;
}

/** The fewest decimals with which every value comes back as it is; `null`: there are none. */
function decimalsOf(column: Float64Array): number | null {
  let decimals = 0;
  let scale = 1;
  for (const value of column) {
    while (!comesBack(value, scale)) {
      decimals += 1;
      scale = 10 ** decimals;
      if (decimals > MAX_DECIMALS) return null;
    }
  }
  // More decimals for a later value may be too many for an earlier one that is large.
  return column.every((value) => comesBack(value, scale)) ? decimals : null;
}

/** Half of what a double holds exactly, so that steps between two such values are exact, too. */
const MAX_SCALED = 2 ** 51;

function comesBack(value: number, scale: number): boolean {
  const scaled = Math.round(value * scale);
  return Math.abs(scaled) <= MAX_SCALED && scaled / scale === value && !Object.is(value, -0);
}

/** As nearly all steps are, these are counted with as whole numbers of 32 bits: remainders of doubles take ten times as long. */
const MAX_SMALL = 2 ** 31 - 1;

type ByteWriter = ReturnType<typeof createWriter>;
type ByteReader = ReturnType<typeof createReader>;

/** Bytes that grow; whole numbers take seven bits a byte, the lowest first, as in MQTT and protocol buffers. */
function createWriter() {
  let buffer = Buffer.alloc(1_024);
  let at = 0;
  const reserve = (more: number): void => {
    if (at + more > buffer.length) buffer = Buffer.concat([buffer], Math.max(buffer.length * 2, at + more));
  };
  const whole = (value: number): void => {
    reserve(8);
    let rest = value;
    for (; rest > MAX_SMALL; rest = Math.floor(rest / 128)) buffer[at++] = (rest % 128) | 128;
    for (; rest >= 128; rest >>= 7) buffer[at++] = (rest & 127) | 128;
    buffer[at++] = rest;
  };
  return {
    whole,
    signed: (value: number): void => whole(value >= 0 ? value * 2 : -value * 2 - 1),
    byte(value: number): void {
      reserve(1);
      buffer[at++] = value;
    },
    double(value: number): void {
      reserve(8);
      at = buffer.writeDoubleLE(value, at);
    },
    bytes: (): Buffer => buffer.subarray(0, at),
  };
}

function createReader(buffer: Buffer) {
  let at = 0;
  const byte = (): number => {
    const next = buffer[at++];
    if (next === undefined) throw new RangeError("the columns end too early");
    return next;
  };
  const whole = (): number => {
    const first = byte();
    if (first < 128) return first;
    let value = first & 127;
    for (let factor = 128; ; factor *= 128) {
      const next = byte();
      value += (next & 127) * factor;
      if (next < 128) return value;
    }
  };
  return {
    byte,
    whole,
    signed(): number {
      const value = whole();
      if (value <= MAX_SMALL) return (value >> 1) ^ -(value & 1);
      return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    },
    double(): number {
      at += 8;
      return buffer.readDoubleLE(at - 8);
    },
  };
}
