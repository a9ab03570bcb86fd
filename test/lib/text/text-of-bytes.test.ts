import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inTime } from "../../fuzz/cases.ts";
import { textOf } from "../../../src/lib/text/text-of-bytes.ts";

const utf8 = (text: string) => Buffer.from(text);
const latin = (text: string) => Buffer.from(text, "latin1");
const wide = (text: string) => Buffer.from(text, "utf16le");
const wideBig = (text: string) => wide(text).swap16();
const bytes = (...all: (Buffer | number[])[]) => Buffer.concat(all.map((one) => Buffer.from(one)));
const TEXT = "Öl 82.1 °C – zu heiß";

describe("text comes out of", () => {
  it.each<[string, Uint8Array, string]>([
    ["UTF-8", utf8(TEXT), TEXT],
    ["UTF-8 with a byte order mark", utf8(`\ufeff${TEXT}`), TEXT],
    ["UTF-8 with two of them", utf8(`\ufeff\ufeff${TEXT}`), TEXT],
    ["nothing", bytes(), ""],
    ["a byte order mark alone", utf8("\ufeff"), ""],
    ["a buffer of NULs", Buffer.alloc(256), ""],
    ["a text padded with NULs", bytes(utf8(TEXT), Buffer.alloc(80)), TEXT],
    ["a text with the tail of an older one", utf8("Pump stopped\0is too hot"), "Pump stopped"],
    ["a word with a NUL", utf8("0\0"), "0"],
    ["two words in a buffer", utf8("online\0ine\0\0\0"), "online"],
    [
      "a NUL within JSON, which goes on",
      utf8('{"message":"Oil\0low","severity":"critical"}'),
      '{"message":"Oil low","severity":"critical"}',
    ],
    ["JSON in a buffer", utf8('{"a":1}\0"b":2}\0\0'), '{"a":1}'],
    ["what begins with NUL and is not empty", utf8("\0Pump stopped"), "Pump stopped"],
    ["UTF-16 with a mark", bytes([0xff, 0xfe], wide(TEXT)), TEXT],
    ["UTF-16 the other way round, with a mark", bytes([0xfe, 0xff], wideBig(TEXT)), TEXT],
    ["UTF-16 with two marks", bytes([0xff, 0xfe, 0xff, 0xfe], wide(TEXT)), TEXT],
    ["UTF-16 without a mark", wide(TEXT), TEXT],
    ["UTF-16 the other way round, without a mark", wideBig(TEXT), TEXT],
    ["UTF-16 padded with NULs", bytes(wide(TEXT), Buffer.alloc(31)), TEXT],
    ["UTF-16 of JSON", wide('{"message":"x"}'), '{"message":"x"}'],
    ["UTF-16 cut within a unit", wide(TEXT).subarray(0, -1), `${TEXT.slice(0, -1)}\ufffd`],
    ["windows-1252", latin("Öl 82.1 °C zu heiß"), "Öl 82.1 °C zu heiß"],
    ["windows-1252 that ends beyond ASCII", latin("zu heiß"), "zu heiß"],
    ["windows-1252 with its signs in C1", bytes(latin("5 "), [0x80], latin(" "), [0x96, 0x20, 0x85]), "5 € – …"],
    ["UTF-8 cut within a character", utf8("Öl zu heiß").subarray(0, -1), "Öl zu hei\ufffd"],
    ["a frame of a serial line", utf8("\u0002ERROR Pump 3\u0003"), "ERROR Pump 3"],
    ["a log with colours", utf8("\u001b[31mERROR\u001b[0m Pump 3"), "ERROR Pump 3"],
  ])("%s", (_, payload, text) => expect(textOf(payload)).toBe(text));
});

describe("binary is", () => {
  it.each<[string, Uint8Array]>([
    ["gzip", gzipSync(TEXT)],
    ["gzip that is short", Uint8Array.of(0x1f, 0x8b)],
    ["Sparkplug", Buffer.from("08d8a5c6f1b8311a120a0b54656d70657261747572651809655c8fa240", "hex")],
    ["a float in the middle of NULs", Buffer.from("0000a4420100000000807f43", "hex")],
    ["a PNG", Buffer.from("89504e470d0a1a0a0000000d49484452", "hex")],
    ["controls", Uint8Array.of(1, 5, 6, 14, 15)],
    ["text whose NULs are followed by what is none", bytes(utf8("abc\0"), [1, 6, 5, 0, 7, 19])],
  ])("%s", (_, payload) => expect(textOf(payload)).toBeNull());
});

it("any text comes back as it was, from each of the ways to write it", () => {
  const word = fc.stringMatching(/^[ -~äöüÄÖÜåß°µ]{2,40}$/);
  fc.assert(
    fc.property(word, fc.nat(40), (text, padding) => {
      const pad = (payload: Buffer) => bytes(payload, Buffer.alloc(padding));
      for (const payload of [utf8(text), pad(utf8(text)), utf8(`\ufeff${text}`), pad(wide(text)), pad(wideBig(text))]) {
        expect(textOf(payload)).toBe(text);
      }
    }),
  );
});

it("never throws, whatever the bytes, and never gives a NUL", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (payload) => {
      expect(textOf(payload) ?? "").not.toContain("\0");
    }),
    { numRuns: 2_000 },
  );
});

it.each([1, 0, 0x1b, 0xff, 0xc3, 0x20, 0x5b])("64 KiB of byte %i take the time that their length needs", (byte) => {
  for (const [first, last] of [
    [0x78, 0x78],
    [byte, 0x78],
    [0xff, byte],
    [0x7b, 0x00],
  ]) {
    const payload = Buffer.concat([Buffer.of(first!), Buffer.alloc(65_534, byte), Buffer.of(last!)]);
    expect(() => inTime(() => textOf(payload))).not.toThrow();
  }
});
