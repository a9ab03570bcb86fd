import { REMEDIES, type Remedy } from "../../quality/candidates.ts";

/** What `remedyCode` writes. */
export const REMEDY = "(?:delay|hysteresis|chatter|(?:above|below)_-?[\\de.+-]{1,24})";

/** A remedy in the data of a button. */
export function remedyCode({ delayMs, hysteresis, limit }: Remedy): string {
  if (limit != null) return `${limit.side}_${limit.value}`;
  return delayMs != null ? "delay" : hysteresis != null ? "hysteresis" : "chatter";
}

/** A remedy as a button names it; `null`: none, or none that we ever wrote. */
export function readRemedy(code: string): Remedy | null {
  if (code === "delay" || code === "hysteresis" || code === "chatter") return REMEDIES[code];
  const [side, text = ""] = code.split("_");
  const value = text === "" ? Number.NaN : Number(text);
  if ((side !== "above" && side !== "below") || !Number.isFinite(value)) return null;
  return { limit: { side, value } };
}
