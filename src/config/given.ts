import { configSchema } from "./config-schema.ts";
import { unquoted } from "./env-file.ts";
import { readNamed, type Findings } from "./files.ts";
import type { Variables } from "./settings-file.ts";

/** Variables whose value may stand in a file named by `NAME_FILE`, as container platforms mount secrets. */
const SECRETS = [
  "TELEGRAM_BOT_TOKEN",
  "TELEGRAM_ADMIN_TOTP",
  "MQTT_URL",
  "MQTT_PASSWORD",
  "MQTT_KEY_PASSPHRASE",
  "SECOND_PATH_URL",
  "THINGSPEAK_READ_API_KEY",
  "THINGSPEAK_WRITE_API_KEY",
  "THINGSPEAK_USER_API_KEY",
  "DATABASE_URL",
  "DATABASE_PASSWORD",
  "HTTP_TOKEN",
  "HTTPS_PROXY",
] as const;
/** Names that many programs take, in lower case too. */
const IN_EITHER_CASE: ReadonlySet<string> = new Set(["HTTPS_PROXY", "NO_PROXY"]);

/** Every environment variable that is a setting. */
export const CONFIG_NAMES: readonly string[] = Object.keys(configSchema.shape);
/** Those of them that may be given as `NAME_FILE` too. */
export const SECRET_NAMES: readonly string[] = SECRETS;
/** Both, in all their forms. */
export const SETTING_NAMES: readonly string[] = [
  ...CONFIG_NAMES,
  ...SECRETS.map((name) => `${name}_FILE`),
  ...[...IN_EITHER_CASE].map((name) => name.toLowerCase()),
];

/** The settings that are set, each as it is or from the file that `NAME_FILE` names. */
export function readGiven(env: Variables, { problems, notes }: Findings): Readonly<Record<string, string>> {
  // An empty variable counts as not set, as compose files and CI systems write it.
  const given: Record<string, string> = {};
  for (const name of CONFIG_NAMES) {
    const value = unquoted(env[name] ?? "") || (IN_EITHER_CASE.has(name) && unquoted(env[name.toLowerCase()] ?? ""));
    if (value) given[name] = value;
  }
  for (const name of SECRETS) {
    const path = unquoted(env[`${name}_FILE`] ?? "");
    if (path === "") continue;
    if (given[name] !== undefined) problems.push(`${name} and ${name}_FILE are both set: keep one of them.`);
    const content = readNamed(`${name}_FILE`, path, true, { problems, notes });
    if (content) given[name] = content.toString("utf8").trim();
  }
  return given;
}
