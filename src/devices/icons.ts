/**
 * The icons of TwinCAT's app by what their names speak of: the list of names grows with the app, so the first word that is in a name
 * decides, and a name that has none of them still gets a picture.
 */
const ICONS: readonly (readonly [RegExp, string])[] = [
  [/warn|alarm|alert|error|fault/, "⚠️"],
  [/lightbulb|lamp|light|bulb/, "💡"],
  [/thermo|temp|heat|coil|oven|furnace|boiler/, "🌡️"],
  [/fire|flame|burner/, "🔥"],
  [/snow|cool|freez|chill|climate/, "❄️"],
  [/fan|vent|wind|air/, "🌀"],
  [/pump|water|drop|liquid|tank|valve|pipe/, "💧"],
  [/plug|power|electr|energy|volt|battery|current/, "⚡"],
  [/solar|sun/, "☀️"],
  [/robot/, "🤖"],
  [/gear|cog|motor|machine|drive|engine|bearing|spindle/, "⚙️"],
  [/wrench|tool|service|mainten/, "🔧"],
  [/factory|plant|industr|production|hall/, "🏭"],
  [/home|house|building|room|office/, "🏢"],
  [/door|gate|window|blind|shutter/, "🚪"],
  [/lock|key|access/, "🔒"],
  [/truck|car|vehicle|conveyor|transport|crane|lift|elevator/, "🚚"],
  [/camera|video|eye/, "📷"],
  [/clock|timer|time/, "⏱️"],
  [/chart|graph|meter|gauge|scale|measure|sensor/, "📈"],
  [/computer|pc|plc|server|chip|network|controller/, "🖥️"],
];
const FALLBACK = "📟";
/** Names of icons are short; what is longer is none. */
const MAX_NAME = 100;

/** An emoji for an icon of the app, by its name; one that is a picture already stays. */
export function emojiOf(icon: string | null): string {
  const name = (icon ?? "").trim();
  if (name === "" || name.length > MAX_NAME) return FALLBACK;
  if (/^\p{RGI_Emoji}$/v.test(name)) return name;
  const words = name.replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2").toLowerCase();
  return ICONS.find(([meant]) => meant.test(words))?.[1] ?? FALLBACK;
}
