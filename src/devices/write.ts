import type { Parsed } from "../lib/text/parsed.ts";
import { parseDecimal } from "../lib/text/number.ts";
import type { Value } from "./data.ts";
import type { Member } from "./types.ts";

/** A value that may be written. */
type WrittenValue = number | boolean | string;

/** A PLC's texts have 80 characters unless its program says more, which nobody can see from here. */
const MAX_TEXT = 80;
const ON = new Set(["on", "true", "1", "yes"]);
const OFF = new Set(["off", "false", "0", "no"]);

/**
 * Reads what somebody wants to write to a member: only what it says itself may be written, of the kind that it has, within its limits.
 * @returns the value, or a sentence that says what is in the way
 */
export function readWrite(member: Member, typed: string): Parsed<WrittenValue> {
  const { value: old, isReadOnly, at } = member;
  if (isReadOnly === true) return { problem: "It is read-only." };
  if (isReadOnly === null)
    return { problem: "Its program does not say that it may be written (iot.ReadOnly = false)." };
  if (at === null || old === null)
    return { problem: "No value has come since the start, so nobody knows what it is now." };
  const read =
    typeof old === "boolean"
      ? readSwitch(typed)
      : typeof old === "number"
        ? readNumber(member, typed)
        : readText(old, typed);
  if ("value" in read && isWhatWasWritten(member, read.value, old)) return { problem: "It has that value already." };
  return read;
}

function readSwitch(typed: string): Parsed<boolean> {
  const word = typed.toLowerCase();
  if (ON.has(word)) return { value: true };
  return OFF.has(word) ? { value: false } : { problem: "It is a switch: write on or off." };
}

function readNumber({ min, max, decimals }: Member, typed: string): Parsed<number> {
  const value = parseDecimal(typed.replace(/\u2212/g, "-"));
  if (Number.isNaN(value)) return { problem: "It is a number: write digits, without a unit." };
  if (min !== null && value < min) return { problem: `It must not be below ${min}.` };
  if (max !== null && value > max) return { problem: `It must not be above ${max}.` };
  // What is not shown would be written all the same.
  if (decimals !== null && Number(value.toFixed(decimals)) !== value)
    return {
      problem:
        decimals === 0
          ? "It is a whole number."
          : `It has ${decimals} ${decimals === 1 ? "decimal" : "decimals"} at most.`,
    };
  return { value };
}

function readText(old: string, typed: string): Parsed<string> {
  if (/^\s*[[{]/.test(old)) return { problem: "It is a list, and I write single values only." };
  if (typed.length > MAX_TEXT) return { problem: `It is a text of ${MAX_TEXT} characters at most.` };
  return { value: typed };
}

/** Whether the plant says what was written; a REAL holds seven digits of a number. */
export function isWhatWasWritten({ decimals }: Pick<Member, "decimals">, written: Value, said: Value): boolean {
  if (typeof written !== "number" || typeof said !== "number") return written === said;
  if (Math.fround(written) === Math.fround(said)) return true;
  return decimals !== null && written.toFixed(decimals) === said.toFixed(decimals);
}

/** The message by which a device takes a value: one variable each (FACTS: B2). */
export const writeMessage = (path: string, value: WrittenValue): string =>
  JSON.stringify({ Values: { [path]: value } });
