import { isTimeZone } from "./time.ts";
import { isNear } from "../text/near.ts";
import { fold } from "../text/fold.ts";

/** What a person may mean by the name of a time zone. */
export type TimeZoneSearch =
  | { readonly kind: "found"; readonly zone: string }
  /** Those that it may be; none if nothing is like it. */
  | { readonly kind: "unclear"; readonly zones: readonly string[] };

/** As many as can be told in a sentence. */
const MAX_ZONES = 4;
/** No name of a zone is longer. */
const MAX_NAME = 40;

/** Finds a time zone by its IANA name in any case, or by its city alone: `Europe/Helsinki`, `helsinki`, `new york`. */
export function findTimeZone(text: string): TimeZoneSearch {
  const typed = plain(text);
  if (typed.length > MAX_NAME) return { kind: "unclear", zones: [] };
  const all = Intl.supportedValuesOf("timeZone");
  const named = all.find((zone) => plain(zone) === typed);
  if (named !== undefined) return { kind: "found", zone: named };
  const [zone, ...others] = all.filter((one) => plain(cityOf(one)) === typed);
  if (zone !== undefined && others.length === 0) return { kind: "found", zone };
  if (zone !== undefined) return { kind: "unclear", zones: [zone, ...others].slice(0, MAX_ZONES) };
  // Older names, which nobody lists any more.
  const written = text.trim().replace(/\s+/g, "_");
  if (isTimeZone(written)) return { kind: "found", zone: written };
  const near = all.filter((one) => isNear(typed, plain(cityOf(one))) || isNear(typed, plain(one)));
  return { kind: "unclear", zones: near.slice(0, MAX_ZONES) };
}

const plain = (name: string): string =>
  fold(name)
    .trim()
    .replace(/[\s_]+/g, " ");

const cityOf = (zone: string): string => zone.slice(zone.lastIndexOf("/") + 1);
