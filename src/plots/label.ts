/** A field's label and the unit that stands behind it; ThingSpeak has no place for a unit of its own. */
export interface LabelWithUnit {
  readonly label: string;
  readonly unit: string | null;
}

/** Takes the unit off a label, where people write it: `Coil temperature (°C)`, `Speed [rpm]`. */
export function splitLabel(text: string): LabelWithUnit {
  const match = /^(?<label>.*\S)\s*[([](?<unit>[^()[\]]{1,12})[)\]]\s*$/u.exec(text);
  return { label: match?.groups?.["label"] ?? text, unit: match?.groups?.["unit"]?.trim() ?? null };
}

/** A name in `limit` characters: what is left out is in the middle, as names of one plant mostly begin alike and end apart. */
export function cutInMiddle(name: string, limit: number): string {
  const characters = Array.from(name);
  if (characters.length <= limit) return name;
  const head = Math.ceil((limit - 1) / 2);
  const tail = limit - 1 - head;
  const end = tail === 0 ? "" : characters.slice(-tail).join("");
  return `${characters.slice(0, head).join("").trimEnd()}…${end.trimStart()}`;
}

/** What is told apart by its name. */
interface Named {
  /** ThingSpeak's, 1 to 8. */
  readonly number: number;
  readonly label: string;
}

/**
 * The labels of some fields in `limit` characters each, no two of which are alike: where cutting leaves the same of several, what
 * they differ by is shown; where they are the same, their numbers.
 * @returns in the order of the fields
 */
export function shortLabels(fields: readonly Named[], limit: number): string[] {
  const cut = fields.map(({ label }) => cutInMiddle(label, limit));
  const apart = fields.map(({ label }, i) => {
    const alike = fields.filter((_, other) => cut[other] === cut[i]).map((one) => one.label);
    return alike.length === 1 ? cut[i]! : cutInMiddle(differenceOf(label, alike), limit);
  });
  const isTold = (i: number): boolean => apart.every((text, other) => other === i || text !== apart[i]);
  if (apart.every((_, i) => isTold(i))) return apart;
  return fields.map(({ number, label }, i) =>
    isTold(i) && !/^[1-8] /.test(apart[i]!) ? apart[i]! : `${number} ${cutInMiddle(label, limit - 2)}`,
  );
}

/** What of a label is not the same at the beginning or the end of all, by whole words. */
function differenceOf(label: string, all: readonly string[]): string {
  const words = (text: string): string[] => text.split(" ");
  const lengthOf = (sides: readonly (readonly string[])[]): number => {
    const [first = []] = sides;
    const shared = first.findIndex((word, i) => sides.some((side) => side[i] !== word));
    return shared === -1 ? 0 : shared;
  };
  const head = lengthOf(all.map(words));
  const tail = lengthOf(all.map((one) => words(one).slice(head).toReversed()));
  const own = words(label).slice(head);
  const rest = own.slice(0, own.length - tail).join(" ");
  return rest === "" ? label : `${head > 0 ? "…" : ""}${rest}${tail > 0 ? "…" : ""}`;
}
