import { doubtsOf } from "../alarms/alarm-filter.ts";
import { deepFreeze } from "../lib/deep-freeze.ts";
import { ConfigError } from "../lib/errors.ts";
import { matchesFilter } from "../lib/text/topic-filter.ts";
import type { HistorySize } from "../store/history-size.ts";
import { haveAllPasswords } from "./broker-urls.ts";
import { configSchema } from "./config-schema.ts";
import type { Config } from "./config.ts";
import { readDatabase } from "./database-url.ts";
import { unquoted } from "./env-file.ts";
import { checkNamed, readTlsFiles } from "./files.ts";
import { CONFIG_NAMES, readGiven, SECRET_NAMES } from "./given.ts";
import { misnamed } from "./names.ts";
import { alarmsOf, plantOf, servicesOf, type GivenSettings } from "./parts.ts";
import { sentenceOf } from "./sentence.ts";
import type { Settings, Variables } from "./settings-file.ts";

/** Unless a size is set. */
const HALF_OF_DISK: HistorySize = { share: 0.5 };

/**
 * Reads the environment into one frozen `Config` and reports every problem at once. `.env.example` lists the same names
 * with the same defaults; a test holds the two together.
 * @param found what the file that they were read from, if any, is to blame for
 * @throws ConfigError with one sentence per problem, naming the variable and never its value.
 */
export function readConfig(
  env: Variables,
  found: Pick<Settings, "problems" | "notes"> = { problems: [], notes: [] },
): Config {
  const problems = [...found.problems, ...misnamed(env, CONFIG_NAMES, SECRET_NAMES)];
  const notes = [...found.notes];
  if (unquoted(env["NODE_TLS_REJECT_UNAUTHORIZED"] ?? "") === "0") {
    problems.push(
      "NODE_TLS_REJECT_UNAUTHORIZED=0 lets anybody pose as Telegram and the broker: remove it. An authority of your own " +
        "goes into MQTT_CA_FILE or NODE_EXTRA_CA_CERTS.",
    );
  }
  const given = readGiven(env, { problems, notes });
  const files = readTlsFiles(given, { problems, notes });
  checkNamed(given, { problems, notes });
  const parsed = configSchema.safeParse(given);
  for (const issue of parsed.error?.issues ?? []) {
    const name = String(issue.path[0]);
    // What NAME_FILE or the line of a file was refused for is reported already.
    const isTold = env[`${name}_FILE`] || found.problems.some((problem) => problem.includes(`: ${name} `));
    if (given[name] !== undefined || !isTold) problems.push(sentenceOf(issue, given[name]));
  }
  problems.push(...contradictionsIn(given, parsed.data));
  const database = readDatabase(given, { problems, notes });
  const historySize = parsed.data?.KEEP_HISTORY_SIZE ?? HALF_OF_DISK;
  if (database?.kind === "postgres" && parsed.data?.KEEP_HISTORY_SIZE && "share" in historySize) {
    problems.push(
      "KEEP_HISTORY_SIZE is a share of the disk, and PostgreSQL’s disk cannot be seen from here: name a size, such as 5GB.",
    );
  }
  if (!parsed.success || database === null || problems.length > 0) throw new ConfigError([...new Set(problems)]);

  const v = parsed.data;
  return deepFreeze({
    ...servicesOf(v, files),
    ...plantOf(v),
    ...alarmsOf(v),
    database,
    keepHistoryMs: v.KEEP_HISTORY,
    historySize,
    recording: { keepMs: v.RECORD_KEEP, maxBytes: v.RECORD_LIMIT },
    http: { host: v.HTTP_HOST ?? null, port: v.HTTP_PORT, token: v.HTTP_TOKEN ?? null },
    logLevel: v.LOG_LEVEL,
    notes: [...notes, ...doubtsAbout(v)],
  });
}

/** Settings that do not go together. @param v `undefined`: some of them have not their form */
function contradictionsIn(given: Variables, v: GivenSettings | undefined): readonly string[] {
  const problems: string[] = [];
  if (given["FEED_FILE"] !== undefined && given["THINGSPEAK_CHANNEL_ID"] !== undefined) {
    problems.push("FEED_FILE and THINGSPEAK_CHANNEL_ID are both set: keep the one to plot.");
  }
  const secondTopic = v?.SECOND_PATH_TOPIC;
  if (secondTopic !== undefined && v?.MQTT_ALARM_TOPICS.some((filter) => matchesFilter(filter, secondTopic))) {
    problems.push(
      "SECOND_PATH_TOPIC is one of MQTT_ALARM_TOPICS: what is published there would come back as an alarm.",
    );
  }
  if (given["MQTT_PASSWORD"] !== undefined && v !== undefined && haveAllPasswords(v.MQTT_URL)) {
    problems.push("MQTT_PASSWORD is set, and MQTT_URL holds a password for each broker: keep one of them.");
  }
  return problems;
}

const doubtsAbout = (v: GivenSettings): readonly string[] => [
  ...doubtsOf("MQTT_ALARM_TOPICS", v.MQTT_ALARM_TOPICS),
  // A live topic is often named as it is; one that ends so never is.
  ...doubtsOf(
    "MQTT_LIVE_TOPICS",
    v.MQTT_LIVE_TOPICS.filter((filter) => filter.endsWith("/")),
  ),
];
