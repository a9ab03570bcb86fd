/** Numbers as plants write them: with groups of thousands, a decimal comma or point, and a unit behind. */

const SIGN = String.raw`[-+−]?`;

/** A measured value with its unit. */
export interface Quantity {
  /** `null`: it cannot be told, since `12,040` is twelve in some countries and twelve thousand in others. */
  readonly value: number | null;
  readonly unit: string | null;
}

const QUANTITY = new RegExp(
  String.raw`^\s*(?<number>${SIGN}\s?(?:\d[\d.,\u0020\u00a0\u2007\u2009\u202f'’]*|[.,]\d+)(?:[eE][-+]?\d+)?)\s*(?<unit>[\p{L}%‰°℃℉µμΩ][^\s]{0,11}(?:\s[\p{L}%°][^\s\d]{0,3})?)?\s*$`,
  "u",
);
/** `x10` and `A3` are part of a name; `m3`, `kg/m3` and `mmH2O` are units. */
const UNIT = /^(?:m[23]|H2O|\D)+$/u;
/** Longer is not a quantity. */
const MAX_LENGTH = 60;

/** Reads a whole text as one quantity: `82.1 °C`, `1 234,5`, `−3`; `null` if it is none, such as words, dates, and `NaN`. */
export function readQuantity(text: string): Quantity | null {
  if (text.length > MAX_LENGTH) return null;
  const { number, unit = null } = QUANTITY.exec(text)?.groups ?? {};
  if (number === undefined || (unit !== null && !UNIT.test(unit))) return null;
  const value = numberOf(number.trim());
  return value === undefined ? null : { value, unit };
}

/**
 * The number that some digits mean.
 * @returns `null` if it cannot be told, `undefined` if they are no number
 */
export function numberOf(written: string): number | null | undefined {
  const text = written.replace("−", "-").replace(/^([-+])\s/, "$1");
  const [, sign = "", body = "", power = ""] = /^([-+]?)(.*?)(e[-+]?\d+)?$/i.exec(text) ?? [];
  const plain = plainOf(body.trim().replace(/(?<=\d)[\u0020\u00a0\u2007\u2009\u202f'’](?=\d{3}(?!\d))/g, "_"));
  if (plain === null || plain === undefined) return plain;
  const value = Number(sign + plain + power);
  return Number.isFinite(value) ? value : undefined;
}

/** Digits with a decimal point and nothing else; `_` stands for what can only separate thousands. */
function plainOf(body: string): string | null | undefined {
  const [, grouped, decimals = "0"] = /^(\d{1,3}(?:_\d{3})+)(?:[.,](\d+))?$/.exec(body) ?? [];
  if (grouped !== undefined) return `${grouped.replaceAll("_", "")}.${decimals}`;
  if (/^\d+\.?\d*$|^\.\d+$/.test(body)) return body;
  if (/^\d{1,3}(?:,\d{3})+\.\d+$|^\d{1,3}(?:,\d{3}){2,}$/.test(body)) return body.replaceAll(",", "");
  if (/^\d{1,3}(?:\.\d{3})+,\d+$|^\d{1,3}(?:\.\d{3}){2,}$/.test(body)) {
    return body.replaceAll(".", "").replace(",", ".");
  }
  if (/^[1-9]\d{0,2},\d{3}$/.test(body)) return null;
  return /^\d*,\d+$|^\d+,$/.test(body) ? body.replace(",", ".") : undefined;
}

/** The number that a member of a message holds: a number, or a quantity in a text; `null` for whatever else, `NaN` and `1e999` too. */
export function readNumber(given: unknown): number | null {
  if (typeof given === "number") return Number.isFinite(given) ? given : null;
  return typeof given === "string" ? (readQuantity(given)?.value ?? null) : null;
}
