import * as fc from "fast-check";
import { expect } from "vitest";

/**
 * What outsiders may send. Each property of this folder tries `RUNS` cases: 1,000 with the other tests, 100,000 in
 * `npm run fuzz`. A failure prints its seed and the smallest case that fast-check found.
 */

/** How many cases each property tries. */
export const RUNS = Number(process.env["FUZZ_RUNS"] ?? 1_000);

/** Tries a property on cases of one kind. */
export function check<T>(cases: fc.Arbitrary<T>, property: (value: T) => void): void {
  fc.assert(fc.property(cases, property), { numRuns: RUNS });
}

/** The same for one that takes its time. */
export async function checkAsync<T>(cases: fc.Arbitrary<T>, property: (value: T) => Promise<void>): Promise<void> {
  await fc.assert(fc.asyncProperty(cases, property), { numRuns: RUNS });
}

/** The same for cases that go to a program by the hundred: it remembers them, so that no smaller one can be looked for. */
export async function checkTogether<T>(
  count: number,
  cases: fc.Arbitrary<T>,
  property: (values: readonly T[]) => Promise<void>,
): Promise<void> {
  const together = fc.array(cases, { minLength: count, maxLength: count });
  await fc.assert(fc.asyncProperty(together, property), { numRuns: Math.ceil(RUNS / count), endOnFailure: true });
}

/** Everything that is known to hurt somewhere: ends of strings, other directions, markup, formulas, other languages' syntax. */
const SPICES = [
  "\0", "\r\n", "\u001b[2J", "\u009b", "\u2028", "\ud800", "\udfff", "\u202e", "\u2066", "\ufeff", "e\u0301".repeat(9), "👩‍👩‍👧‍👦", "İ",
  "<b>", "</b>", "<a href=", "&lt", "&#0;", "]]>", "<!--", "'", '"', "`", "\\", "--", ";", "%s", "$1", "${x}", "{{x}}",
  "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "../", "..\\", "/", "#", "+", "$SYS/", "~", "[", "]", "{", "}", "(", ")", ",", ":", "&a", "*a",
  "!!js/function", "<<:", "__proto__", "constructor", "toString", "prototype", "NaN", "-0", "1e999", "9007199254740993", "0x10",
  "CRITICAL:", "[warn]", "82.1 °C", "450 rpm", "1.1.1.1", "2026-02-30T25:61:61Z", " ", "\t",
]; // prettier-ignore

const spice = fc.constantFrom(...SPICES);
const anyText = fc.string({ unit: "binary", maxLength: 40 });

/** Text of any kind, a few hundred characters at most. */
export const text: fc.Arbitrary<string> = fc
  .array(fc.oneof(spice, anyText, fc.string({ maxLength: 20 })), { maxLength: 12 })
  .map((parts) => parts.join(""));

/** A short pattern again and again, up to a length: what makes a bad regular expression, or a bad parser, take for ever. */
export const repeated = (length: number): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.oneof(spice, fc.string({ unit: "binary", minLength: 1, maxLength: 6 }), fc.constantFrom("1", "a", " ", "1.")),
      text,
      text,
    )
    .map(([pattern, head, tail]) => head + pattern.repeat(Math.ceil(length / pattern.length)).slice(0, length) + tail);

/** Values as JSON may hold, deep ones and huge numbers among them. */
const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  text,
  fc.jsonValue(),
  fc.double(),
  fc.constantFrom(null, true, -0, 1e308, 5e-324, Number.MAX_SAFE_INTEGER, "1,5", "8.64e15"),
);

/** JSON with some of these members, or something like it: with members twice, names of prototypes, brackets without end, cut. */
export function jsonLike(members: readonly string[]): fc.Arbitrary<string> {
  const name = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...members) },
    fc.constantFrom("__proto__", "constructor", "toJSON"),
    text,
  );
  const json = fc
    .array(fc.tuple(name, anyValue), { maxLength: 8 })
    .map(
      (pairs) => `{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value) ?? "1"}`).join(",")}}`,
    );
  const deep = fc
    .tuple(
      fc.constantFrom("[", '{"a":', '[{"message":'),
      fc.integer({ min: 1, max: 16_000 }),
      fc.constantFrom(...members),
    )
    .map(([open, depth, key]) => `{"${members[0]}":"x",${JSON.stringify(key)}:${open.repeat(depth)}`);
  const nested = fc
    .tuple(fc.integer({ min: 1, max: 32_000 }), fc.constantFrom(...members))
    .map(([depth, key]) => `{"${members[0]}":"x",${JSON.stringify(key)}:${"[".repeat(depth)}${"]".repeat(depth)}}`);
  const cut = fc.tuple(json, fc.nat(), text).map(([whole, at, rest]) => whole.slice(0, at % (whole.length + 1)) + rest);
  return fc.oneof({ weight: 6, arbitrary: json }, cut, deep, nested);
}

/** Text as bytes, halves of characters included; or any bytes. */
export const bytesOf = (texts: fc.Arbitrary<string>): fc.Arbitrary<Buffer> =>
  fc.oneof(
    { weight: 5, arbitrary: texts.map((one) => Buffer.from(one)) },
    texts.map((one) => Buffer.from(one, "utf16le")),
    texts.map((one) => Buffer.from(one, "latin1")),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  );

/** Far more than linear work takes for 64 KiB, and far less than what grows with the square of it. */
const MAX_CPU_MS = 400;

/** Does something within the processor time that linear work takes; other processes do not count. */
export function inTime<T>(work: () => T): T {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(MAX_CPU_MS);
  return result;
}

/** Nobody wrote to what all objects share. */
export function expectCleanPrototypes(): void {
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(Object.keys(Array.prototype)).toEqual([]);
}
