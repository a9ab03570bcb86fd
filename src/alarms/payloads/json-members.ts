import { isObject, readJsonObject } from "../../lib/text/lenient-json.ts";

/**
 * The members of a JSON message, whatever it is wrapped in: `{"payload": {"message": …}}` holds the same as what is inside. Names are
 * the same in any case.
 */

type Members = ReadonlyMap<string, unknown>;

/** A message, as its parts lie within each other. */
export interface Message {
  /** The part that tells of the alarm: the outermost that says what, how bad, or whether it is. */
  readonly core: Members;
  /** What it is wrapped in, nearest first. */
  readonly outer: readonly Members[];
  /** What lies within it, or beside it. */
  readonly others: readonly Members[];
}

/** The names under which plants say something; the first that is there counts. */
export const NAMES = {
  message: ["message", "text", "msg", "description", "summary", "title"],
  severity: ["severity", "perceivedseverity", "sev"],
  /** Also how high something is, or of which kind: `degree.ts` tells them apart. */
  degree: ["level", "priority", "type"],
  state: ["state", "active", "isactive"],
  /** Only words that are about alarms: the status may be that of a pump. */
  status: ["status"],
  source: ["source", "device", "machine"],
  time: ["timestamp", "time", "ts", "datetime"],
  value: ["value"],
  unit: ["unit"],
  limit: ["limit"],
  field: ["field"],
  id: ["id"],
} as const;

/** What lies in a member: an object, or a text that is one. */
export function partIn(value: unknown): Readonly<Record<string, unknown>> | null {
  if (isObject(value)) return value;
  return typeof value === "string" && /^\s*["'{]/.test(value) ? readJsonObject(value) : null;
}

/** The members of an object by their names in small letters. */
export const membersByName = (object: Readonly<Record<string, unknown>>): Members =>
  new Map(Object.entries(object).map(([name, value]) => [name.toLowerCase(), value]));

const TELLING = [...NAMES.message, ...NAMES.severity, ...NAMES.state];

/** More levels and members than a message has. */
const MAX_DEPTH = 4;
const MAX_PARTS = 100;

/** Finds the parts of a message. */
export function partsOfMessage(content: Readonly<Record<string, unknown>>): Message {
  const parts: { readonly members: Members; readonly outer: readonly Members[] }[] = [];
  let level: { content: Readonly<Record<string, unknown>>; outer: readonly Members[] }[] = [{ content, outer: [] }];
  for (let depth = 0; depth < MAX_DEPTH && parts.length < MAX_PARTS; depth++) {
    const next: typeof level = [];
    for (const { content: object, outer } of level.slice(0, MAX_PARTS)) {
      const members = membersByName(object);
      parts.push({ members, outer });
      for (const inner of members.values()) {
        const held = partIn(inner);
        if (held !== null) next.push({ content: held, outer: [members, ...outer] });
      }
    }
    level = next;
  }
  const core = parts.find(({ members }) => TELLING.some((name) => isTold(members.get(name)))) ?? parts[0];
  return {
    core: core?.members ?? new Map(),
    outer: core?.outer ?? [],
    others: parts.filter((part) => part !== core && !core?.outer.includes(part.members)).map(({ members }) => members),
  };
}

/** Whether it is a value, rather than nothing, or a part of its own. */
const isTold = (value: unknown): boolean =>
  value !== null && value !== undefined && value !== "" && partIn(value) === null;

/** The first of these names that has a value. */
export function find(members: Members, names: readonly string[]): unknown {
  return members.get(names.find((name) => isTold(members.get(name))) ?? "") ?? null;
}

/** How much of what a message says beside what is understood is shown, and how deep. */
const MAX_SHOWN = 20;
const MAX_VALUE = 200;
const MAX_PATH = 80;

/**
 * What a part says beside what is understood: `temp: 82.1, pump.id: 3`; and the same without numbers, which names it.
 * @param isUnderstood whether something else is made of a member
 */
export function restOf(
  core: Members,
  isUnderstood: (name: string, value: unknown) => boolean,
): { readonly text: string; readonly name: string } {
  const shown: { readonly path: string; readonly value: string; readonly isNumber: boolean }[] = [];
  let left = 0;

  function add(path: string, value: unknown, depth: number): void {
    if (value === null || value === undefined || value === "") return;
    const isScalar = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    if (!isScalar && depth < MAX_DEPTH) {
      for (const [name, inner] of Object.entries(value)) add(`${path}.${name}`, inner, depth + 1);
    } else if (shown.length < MAX_SHOWN) {
      const words = isScalar ? String(value) : "…";
      const isShort = words.length <= MAX_VALUE;
      shown.push({
        path: path.slice(0, MAX_PATH),
        value: isShort ? words : `${words.slice(0, MAX_VALUE)}…`,
        isNumber: typeof value === "number",
      });
    } else {
      left += 1;
    }
  }

  for (const [name, value] of core) if (!isUnderstood(name, value)) add(name, value, 1);
  const rest = left > 0 ? [`… and ${left} more`] : [];
  return {
    text: [...shown.map(({ path, value }) => `${path}: ${value}`), ...rest].join(", "),
    name: shown.map(({ path, value, isNumber }) => (isNumber ? path : `${path}: ${value}`)).join(", "),
  };
}
