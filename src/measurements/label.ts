/** A field's label and the unit that stands behind it; ThingSpeak has no place for a unit of its own. */
export interface LabelWithUnit {
  readonly label: string;
  readonly unit: string | null;
}

/** Units that are no word and no name of anything, so that they may stand behind a blank. */
const UNITS: ReadonlySet<string> = new Set(
  [
    "°C ℃ ºC degC °F ℉ ºF degF % %RH %rH %rF ‰ ° deg",
    "Pa hPa kPa MPa mbar bar psi mmHg mV kV mA µA μA uA kA W/m² W/m2 kW MW mW VA kVA VAr kvar Wh kWh MWh kJ MJ",
    "Hz kHz MHz GHz rpm RPM 1/min 1/s U/min r/min mm cm km µm μm um nm m/s km/h mm/s m/s² m/s2 kg mg µg μg",
    "ml mL m² m2 m³ m3 l/min L/min l/h L/h l/s L/s m³/h m3/h Nm kN ms µs μs us ppm ppb µg/m³ μg/m³ ug/m3 mg/m³ mg/m3",
    "lx lux dB dBm dB(A) dBA Ω kΩ MΩ mΩ ohm µS/cm μS/cm uS/cm mS/cm mA/cm² µT mT pcs kbit/s kB MB GB",
  ].flatMap((line) => line.split(" ")),
);
/** These are names as well (*Coil A*), so a sign has to stand between. */
const LETTERS: ReadonlySet<string> = new Set("A V W K C F m g t l L s h min J N".split(" "));
/** What stands for a unit in brackets only, or in a quotient; some of it are words, or names of other things as well. */
const OTHERS: ReadonlySet<string> = new Set(
  [
    "€ $ £ EUR ct d a rad mol mmol µmol cd µS mS T mG mH µH F µF nF pF nA pA nV nT nm ns pm Ah mAh VAh J cal kcal kp kgf lbs lb",
    "oz ft in³ ft³ gal mi mph kn yd acre ha in2 inch bit Mbit Gbit bps kbps Mbps baud px dpi fps rev imp pulses pulse ticks tick counts count",
    "cts cnt pcs. Stk Stück St. kpl NTU FNU VDC Vdc VAC Vac Vrms Arms barg bara degrees degree degs gon mbara mbarg inHg inH2O mmH2O mH2O",
    "slm sccm Nl Nm³ Nm3 Sm³ Sm3 Bq kBq Gy Sv mSv µSv dBµV dBV dBFS dB(C) lm cP mPas Pas cSt gr Mt kt TEU °dH °Bx °Bé pH Hz/s",
  ].flatMap((line) => line.split(" ")),
);
/** As people type them, and as they are written. */
const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ...["C", "℃", "ºC", "degC", "deg C", "° C", "Celsius", "celsius"].map((one) => [one, "°C"] as const),
  ...["F", "℉", "ºF", "degF", "deg F", "° F", "Fahrenheit", "fahrenheit"].map((one) => [one, "°F"] as const),
]);

const isKnown = (text: string): boolean =>
  UNITS.has(text) || LETTERS.has(text) || OTHERS.has(text) || SPELLINGS.has(text);

/** `€/kWh`, `m^3/h`, `kg·m²`: each part is one, but for its power, and so many of it. */
const isComposed = (text: string): boolean =>
  text !== "N/A" &&
  text.split(/[/·⋅*]/u).every((part, i) => {
    const one = part.trim().replace(/^\d+\s*(?=\D)/u, "");
    return isKnown(one) || isKnown(one.replace(/(?:\^?[-+]?[2-9]|\^?-1|[⁻²³⁴¹]+)$/u, "")) || (i === 0 && one === "1");
  }) &&
  text !== "1";

const IN_BRACKETS = /^(?<label>.*\S)\s*[([{](?<unit>[^()[\]{}]{1,12})[)\]}]\s*$/u;
const BEHIND_BLANK = /^(?<label>.*\S)[\s_](?<unit>[^\s_]+)\s*$/u;
const BEHIND_SIGN = /^(?<label>.*?\S)(?:\s*[,;:/|]\s*|\s+(?:in|-|–)\s+)(?<unit>\S+)\s*$/u;
const ATTACHED = /^(?<label>.*[^\s\d])(?<unit>%|‰|°C|°F)\s*$/u;

/**
 * Takes the unit off a label, where people write it: `Coil temperature (°C)`, `Speed [rpm]`, `Humidity %`, `pressure_hPa`, `Flow, l/min`,
 * `Current / A`, `Temperature in C`. Any other word in brackets belongs to the name: `Temperature (inside)`.
 */
export function splitLabel(text: string): LabelWithUnit {
  const { label, unit } = readUnit(IN_BRACKETS, text, (found) => isKnown(found) || isComposed(found)) ??
    readUnit(BEHIND_BLANK, text, (found) => UNITS.has(found)) ??
    readUnit(BEHIND_SIGN, text, (found) => UNITS.has(found) || LETTERS.has(found)) ??
    readUnit(ATTACHED, text, () => true) ?? { label: text, unit: null };
  return { label, unit: unit === null ? null : (SPELLINGS.get(unit) ?? unit) };
}

function readUnit(form: RegExp, text: string, isUnit: (found: string) => boolean): LabelWithUnit | null {
  const { label = "", unit = "" } = form.exec(text)?.groups ?? {};
  if (unit === "" || !isUnit(unit.trim())) return null;
  // What stands between the two belongs to neither.
  const own = label.replace(/(?:\s*[,;:/|_–-]|\s+in)\s*$/u, "");
  return own === "" ? null : { label: own, unit: unit.trim() };
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
    return alike.length === 1 ? (cut[i] ?? label) : cutInMiddle(differenceOf(label, alike), limit);
  });
  const isTold = (i: number): boolean => apart.every((text, other) => other === i || text !== apart[i]);
  if (apart.every((_, i) => isTold(i))) return apart;
  return fields.map(({ number, label }, i) => {
    const own = apart[i] ?? label;
    return isTold(i) && !/^[1-8] /.test(own) ? own : `${number} ${cutInMiddle(label, limit - 2)}`;
  });
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
