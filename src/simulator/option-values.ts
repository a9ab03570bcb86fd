import { readFileSync } from "node:fs";
import { readDuration } from "../lib/time/duration.ts";
import { SENT_KINDS, type SentKind } from "./controller-settings.ts";
import type { Troubles } from "./plant.ts";

/* What options say: each gives `null` for what cannot be meant. */

/** How many times as fast as the clock a plant may go. */
export const MAX_SPEED = 1_000_000;
const DAY_MS = 86_400_000;
const YEARS_MS = 10 * 366 * DAY_MS;

/** A whole number of up to nine digits. */
export const readWhole = (text: string): number | null => (/^\d{1,9}$/.test(text) ? Number(text) : null);

/** A time of whole seconds, up to ten years. @returns ms */
export const readSeconds = (text: string): number | null => {
  const ms = readDuration(text);
  return ms !== null && ms % 1_000 === 0 && ms <= YEARS_MS ? ms : null;
};

export function readSpeed(text: string): number | null {
  const speed = Number(text);
  return speed >= 1 && speed <= MAX_SPEED ? speed : null;
}

/** The whole second in which an instant lies, epoch ms. */
export const toSecond = (at: number): number => Math.floor(at / 1_000) * 1_000;

/** A date that has passed, or how long ago, up to ten years. @returns epoch ms, at a whole second */
export function readStart(text: string, now: number): number | null {
  const ago = readDuration(text);
  const at = ago === null ? (/^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN) : now - ago;
  return at <= now && now - at <= YEARS_MS ? toSecond(at) : null;
}

export const readWriteKey = (text: string): string | null => (/^\w{1,64}$/.test(text) ? text : null);

/** Levels of a topic without wildcards. */
export const readTopic = (text: string): string | null => (text !== "" && !/[#+\0]/.test(text) ? text : null);

export const readTroubles = (text: string): Troubles | null =>
  text === "off" || text === "daily" || text === "cycle" ? text : null;

/** Kinds with commas between; all of them have to be known. */
export function readKinds(text: string): ReadonlySet<SentKind> | null {
  const words = text.split(",").map((word) => word.trim());
  const kinds = SENT_KINDS.filter((kind) => words.includes(kind));
  return kinds.length === words.length ? new Set(kinds) : null;
}

/** The address of a broker, without a password in it. */
export function readUrl(text: string): string | null {
  const url = URL.parse(text);
  return url !== null && /^mqtts?:$/.test(url.protocol) && url.hostname !== "" && url.password === "" ? text : null;
}

export function readFile(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}
