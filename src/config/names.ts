import { slipsBetween } from "../lib/text/near.ts";

/** Of other programs, however much they are like ours. */
const OF_OTHERS: ReadonlySet<string> = new Set(["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "HTTPS_PORT"]);
/** So many letters wrong, missing, too many or exchanged are a slip; in a short name, which is like many, one. */
const MAX_SLIPS = 2;
const SHORT = 12;

/**
 * Variables that look like a setting and are not one: otherwise what they say would be lost silently.
 * @param known the names of all settings; `secrets`: those that may stand in a file, named by `NAME_FILE`
 * @returns one sentence each
 */
export function misnamed(
  variables: Readonly<Record<string, string | undefined>>,
  known: readonly string[],
  secrets: readonly string[],
): string[] {
  const names = [...known, ...secrets.map((name) => `${name}_FILE`)];
  return Object.entries(variables).flatMap(([name, value]) => {
    if (!value || names.includes(name)) return [];
    const open = known.find((setting) => name === `${setting}_FILE`);
    if (open !== undefined) return [`${name} is not a setting: ${open} is not a secret, and takes its value directly.`];
    const meant = meantBy(name, names);
    return meant === null ? [] : [`${name} is not a setting: did you mean ${meant}?`];
  });
}

/**
 * The setting that somebody meant; `null`: none is like it.
 * @param known the names of all settings
 */
export function meantBy(name: string, known: readonly string[]): string | null {
  const upper = name.toUpperCase();
  if (known.includes(name) || OF_OTHERS.has(upper)) return null;
  const candidates = known
    .map((setting) => {
      const plain = setting.replaceAll("_", "");
      const typed = upper.replaceAll("_", "");
      const isAlike = Math.abs(typed.length - plain.length) <= MAX_SLIPS;
      const slips = isShortened(upper, setting) ? 1 : isAlike ? slipsBetween(typed, plain) : Infinity;
      return { setting, slips, length: plain.length };
    })
    .filter(({ slips, length }) => slips <= (length < SHORT ? 1 : MAX_SLIPS));
  return candidates.sort((a, b) => a.slips - b.slips)[0]?.setting ?? null;
}

/** Whether a name is the other without some of its words, or of their ends: `TELEGRAM_TOKEN`, `MQTT_USER`. */
function isShortened(name: string, setting: string): boolean {
  const [first, ...rest] = name.split("_");
  const [wantedFirst, ...wanted] = setting.split("_");
  if (first !== wantedFirst || rest.length === 0) return false;
  let left = rest;
  for (const word of wanted) {
    const [next] = left;
    if (next !== undefined && next.length > 1 && word.startsWith(next)) left = left.slice(1);
  }
  return left.length === 0;
}
