import { z } from "zod";
import { isPercentEncoded } from "./percent.ts";
import type { HistorySize } from "../store/history-size.ts";
import { readDuration } from "../lib/time/duration.ts";
import { isSafeUrl } from "../lib/outgoing.ts";
import { isTimeZone } from "../lib/time/time.ts";
import { isTopicFilter } from "../lib/text/topic-filter.ts";

/** What else is to be had on our port. */
const TAKEN_PATHS: ReadonlySet<string> = new Set(["/", "/healthz", "/active", "/status.json", "/metrics"]);

/** 16 random characters cannot be guessed over the network. */
export const MIN_TOKEN_LENGTH = 16;

const telegramId = z
  .string()
  .regex(/^-?\d{1,15}$/, "is not a Telegram id: write whole numbers, separated by commas")
  .transform(Number);

const userId = telegramId.refine(
  (id) => id > 0,
  "names a group or nobody: admins are people, whose numbers are positive",
);

/** What stands between the commas of a list. */
export const partsOf = (text: string): string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

const list = <T extends z.ZodType<unknown, string>>(item: T) => z.string().transform(partsOf).pipe(z.array(item));

const duration = z.string().transform((text, context): number => {
  const ms = readDuration(text);
  if (ms !== null) return ms;
  context.addIssue("is not a duration: write a number and s, m, h or d, for example 90s or 1h");
  return z.NEVER;
});

const BYTES = { kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 } as const;

/** `500MB`; `null`: it is none. */
function readBytes(text: string): number | null {
  const [, count, unit] = /^([1-9]\d{0,5})\s?(kB|MB|GB|TB)$/i.exec(text) ?? [];
  const known = Object.entries(BYTES).find(([name]) => name.toLowerCase() === unit?.toLowerCase());
  return count !== undefined && known ? Number(count) * known[1] : null;
}

const bytes = z.string().transform((text, context): number => {
  const count = readBytes(text);
  if (count !== null) return count;
  context.addIssue("is not a size: write a number and MB or GB, for example 500MB or 1GB");
  return z.NEVER;
});

/** `500MB`, or `50%` of the disk. */
const size = z.string().transform((text, context): HistorySize => {
  const count = readBytes(text);
  if (count !== null) return { bytes: count };
  const [, percent] = /^([1-9]\d?)\s?%$/.exec(text) ?? [];
  if (percent !== undefined) return { share: Number(percent) / 100 };
  context.addIssue("is not a size: write a number and MB or GB, or a share of the disk, for example 500MB or 50%");
  return z.NEVER;
});

/** `10/10m`: more than so many in so long are too many. */
const rate = z.string().transform((text, context): { readonly count: number; readonly withinMs: number } => {
  const [, count, within = ""] = /^([1-9]\d{0,4})\/(.+)$/.exec(text) ?? [];
  const withinMs = readDuration(within);
  if (count !== undefined && withinMs !== null) return { count: Number(count), withinMs };
  context.addIssue("is not a rate: write a number, a slash and a duration, for example 10/10m");
  return z.NEVER;
});

const rateOrOff = z.union([z.literal("off").transform(() => null), rate]);

const url = (protocols: readonly string[]) =>
  z.string().refine((text) => protocols.includes(URL.canParse(text) ? new URL(text).protocol : ""), {
    error: `is not a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(" or ")}`,
    abort: true,
  });

/** For what nobody on the way may read. */
const safeUrl = (secret: string) =>
  z.string().refine((text) => isSafeUrl(text), {
    error: `must start with https://, as ${secret} could be read on the way (http:// is for this machine only)`,
    abort: true,
  });

/** Where Telegram delivers to: https://core.telegram.org/bots/api#setwebhook. A Bot API server on this machine takes any port. */
const webhookUrl = safeUrl("what people write").refine((text) => {
  const { protocol, port, pathname, username, password, search, hash } = new URL(text);
  const isClean = [username, password, search, hash].every((part) => part === "");
  return isClean && !TAKEN_PATHS.has(pathname) && (protocol === "http:" || ["", "88", "8443"].includes(port));
}, "needs port 443, 88 or 8443, a path of its own, and no user name, query or fragment: https://example.org/telegram");

const proxyUrl = url(["http:", "https:"]).refine((text) => {
  const { username, password } = new URL(text);
  return [username, password].every(isPercentEncoded);
}, "has a user name or password that is not percent-encoded: write % as %25");

const timeZone = z.string().refine((name) => isTimeZone(name), "is not an IANA time zone, for example Europe/Helsinki");

const topicFilter = z
  .string()
  .refine(
    (filter) => isTopicFilter(filter),
    "is not an MQTT topic filter: # only as the last level, + only as a whole level",
  );

const topic = (error: string) => z.string().refine((text) => isTopicFilter(text) && !/[#+]/.test(text), error);

/** What TwinCAT devices' topics begin with; levels may have spaces, and `/` is one that occurs. */
const mainTopic = z
  .string()
  .max(500)
  .refine((topic) => !/[#+\0]/.test(topic), "has wildcards: name what stands before the device's name in its topics");

/** The forms that settings have. */
export const forms = {
  bytes,
  duration,
  list,
  mainTopic,
  proxyUrl,
  rate,
  rateOrOff,
  safeUrl,
  size,
  telegramId,
  timeZone,
  topic,
  topicFilter,
  userId,
  webhookUrl,
};
