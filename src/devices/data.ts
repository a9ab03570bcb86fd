import { membersByName } from "../alarms/payloads/json-members.ts";
import { clean, inOneLine, shorten } from "../alarms/text.ts";
import { isObject, readJson, writeJson } from "../lib/text/lenient-json.ts";
import { textOf } from "../lib/text/text-of-bytes.ts";
import { parseDecimal } from "../lib/text/number.ts";
import { permittedUsersOf } from "./description.ts";

/** The value of a member; an array is shown as JSON. `null`: the device sent none, as for a number that is not a number. */
export type Value = number | boolean | string | null;

/** What a device says of one of its members: attributes that its owner wrote into the PLC's program (FACTS: B1). */
export interface Attributes {
  readonly displayName: string | null;
  readonly unit: string | null;
  /** `null`: it does not say. */
  readonly isReadOnly: boolean | null;
  readonly min: number | null;
  readonly max: number | null;
  /** Decimals to show. */
  readonly decimals: number | null;
  /** `null`: everybody. */
  readonly permittedUsers: readonly string[] | null;
}

/** One message with values: a whole snapshot of a group, or what changed in it. */
export interface DataMessage {
  readonly group: string;
  /** The PLC's clock, as if it showed UTC: for the order of one device's messages only. `null`: it does not say. */
  readonly sentAt: number | null;
  /** By path: `stSensor.fREAL`. */
  readonly values: ReadonlyMap<string, Value>;
  readonly attributes: ReadonlyMap<string, Partial<Attributes>>;
  /** What of it was left out, and why. */
  readonly problems: readonly string[];
}

/** Several times what the largest groups have; an array of a thousand numbers fits. */
const MAX_PAYLOAD_BYTES = 1024 * 1024;
const MAX_MEMBERS = 2_000;
const MAX_PATH = 200;
/** Structures in structures; JSON may hold many thousands. */
const MAX_DEPTH = 32;
const MAX_NAME = 100;
const MAX_UNIT = 20;
const MAX_TEXT = 200;
/** As many as a double has. */
const MAX_DECIMALS = 15;

/** Reads values, nested or dotted, in any mixture (FACTS: B3, F4); `null`: it is none of that. */
export function readData(payload: Uint8Array): DataMessage | null {
  const text = payload.length > MAX_PAYLOAD_BYTES ? null : textOf(payload);
  const json = text === null ? null : readJson(text)?.value;
  if (!isObject(json)) return null;
  const members = membersByName(json);
  if (!members.has("values") && !members.has("metadata")) return null;
  const problems: string[] = [];
  const values = objectOf(members, "values", "Values", problems);
  const attributes = objectOf(members, "metadata", "MetaData", problems);
  const group = members.get("groupname");
  return {
    group: typeof group === "string" ? nameOf(group, MAX_NAME) : "",
    sentAt: plcTimeOf(members.get("timestamp")),
    values: valuesOf(values, problems),
    attributes: attributesOf(attributes, problems),
    problems,
  };
}

function objectOf(
  members: ReadonlyMap<string, unknown>,
  key: string,
  name: string,
  problems: string[],
): Readonly<Record<string, unknown>> {
  const given = members.get(key);
  if (isObject(given)) return given;
  if (given !== undefined && given !== null) problems.push(`${name} is not an object`);
  return {};
}

function valuesOf(values: Readonly<Record<string, unknown>>, problems: string[]): ReadonlyMap<string, Value> {
  const found = new Map<string, Value>();
  const left = leftOut(problems);
  function walk(object: Readonly<Record<string, unknown>>, above: readonly string[]): void {
    if (above.length > MAX_DEPTH) return left(TOO_DEEP);
    for (const [name, given] of Object.entries(object)) {
      const path = [...above, name].join(".");
      if (isObject(given)) walk(given, [...above, name]);
      else if (!isPath(path)) left(NO_PATH);
      else if (found.size >= MAX_MEMBERS && !found.has(path)) left(`more than ${MAX_MEMBERS} members`);
      else found.set(path, valueOf(given));
    }
  }
  walk(values, []);
  return found;
}

function valueOf(given: unknown): Value {
  if (typeof given === "boolean") return given;
  if (typeof given === "number") return Number.isFinite(given) ? given : null;
  if (given === null || given === undefined) return null;
  const text = typeof given === "string" ? given : (writeJson(given) ?? "…");
  return shorten(inOneLine(clean(text.slice(0, 4 * MAX_TEXT))), MAX_TEXT);
}

/** Attributes stand by the dotted path of their member; nested ones are taken as well. */
function attributesOf(
  metadata: Readonly<Record<string, unknown>>,
  problems: string[],
): ReadonlyMap<string, Partial<Attributes>> {
  const found = new Map<string, Partial<Attributes>>();
  const left = leftOut(problems);
  function walk(object: Readonly<Record<string, unknown>>, names: readonly string[]): void {
    if (names.length > MAX_DEPTH) return left(TOO_DEEP);
    const path = names.join(".");
    const own: Record<string, unknown> = {};
    for (const [name, given] of Object.entries(object)) {
      if (!isObject(given)) own[name.toLowerCase().replace(/^iot\./, "")] = given;
      else walk(given, [...names, name]);
    }
    const read = readAttributes(own);
    if (names.length === 0 || Object.keys(read).length === 0) return;
    if (!isPath(path)) return left(NO_PATH);
    if (found.size >= MAX_MEMBERS && !found.has(path)) return left(`attributes of more than ${MAX_MEMBERS} members`);
    found.set(path, { ...found.get(path), ...read });
  }
  walk(metadata, []);
  return found;
}

/** Text, numbers and booleans alike; what is not understood says nothing, but a flag that keeps people out, or off. */
function readAttributes(own: Readonly<Record<string, unknown>>): Partial<Attributes> {
  const has = (name: string): boolean => Object.hasOwn(own, name);
  return {
    ...(has("displayname") && { displayName: textAttribute(own["displayname"], MAX_NAME) }),
    ...(has("unit") && { unit: textAttribute(own["unit"], MAX_UNIT) }),
    ...(has("readonly") && { isReadOnly: flagOf(own["readonly"]) }),
    ...(has("minvalue") && { min: numberOf(own["minvalue"]) }),
    ...(has("maxvalue") && { max: numberOf(own["maxvalue"]) }),
    ...(has("decimalprecision") && { decimals: decimalsOf(own["decimalprecision"]) }),
    ...(has("permittedusers") && { permittedUsers: permittedUsersOf(own["permittedusers"]) }),
  };
}

/** Only what clearly says no is no: what is not understood is never taken for the milder. */
const flagOf = (given: unknown): boolean => !["false", "0", "no", "off"].includes(String(given).trim().toLowerCase());

function numberOf(given: unknown): number | null {
  if (typeof given === "number") return Number.isFinite(given) ? given : null;
  const number = typeof given === "string" ? parseDecimal(given) : Number.NaN;
  return Number.isNaN(number) ? null : number;
}

function decimalsOf(given: unknown): number | null {
  const number = numberOf(given);
  return number !== null && Number.isInteger(number) && number >= 0 && number <= MAX_DECIMALS ? number : null;
}

const textAttribute = (given: unknown, limit: number): string | null =>
  typeof given === "string" || typeof given === "number" ? nameOf(String(given), limit) || null : null;

const nameOf = (text: string, limit: number): string => shorten(inOneLine(clean(text.slice(0, 4 * limit))), limit);

const NO_PATH = "a member's path is too long, or has characters that no path has";
const TOO_DEEP = `structures in structures, more than ${MAX_DEPTH}`;

/** What a control or a line break in it would do to a list; and halves of a character are all the same to a database. */
const isPath = (path: string): boolean =>
  path.length <= MAX_PATH && path !== "" && path.isWellFormed() && !/\p{Cc}/u.test(path);

/** Says once what was left out, however often. */
const leftOut =
  (problems: string[]) =>
  (problem: string): void => {
    if (!problems.includes(problem)) problems.push(problem);
  };

const TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d+))?/;

/** Without a zone, as the PLC writes it, with any number of digits behind the second. */
function plcTimeOf(given: unknown): number | null {
  const [, day, time, fraction = ""] = TIME.exec(typeof given === "string" ? given.trim() : "") ?? [];
  if (day === undefined || time === undefined) return null;
  const at = Date.parse(`${day}T${time}.${fraction.padEnd(3, "0").slice(0, 3)}Z`);
  return Number.isNaN(at) ? null : at;
}
