import { ConfigError, UpstreamError, type UpstreamReason } from "../lib/errors.ts";
import type { Readings } from "./source.ts";
import { WorkerError, type WorkerErrorReason } from "../lib/worker-error.ts";

const UPSTREAM: Readonly<Record<UpstreamReason, string>> = {
  unreachable: "ThingSpeak cannot be reached. Try again in a minute; if it stays so, check the internet connection.",
  slow: "ThingSpeak does not answer in time. Try again in a minute, or ask for a shorter period.",
  forbidden:
    "ThingSpeak refuses the read key. An admin must set THINGSPEAK_READ_API_KEY to the channel's Read API Key.",
  notFound: "ThingSpeak does not know this channel. An admin must correct THINGSPEAK_CHANNEL_ID.",
  busy: "ThingSpeak is busy. Try again in a minute.",
  broken: "ThingSpeak has a problem of its own. Try again in a few minutes.",
  tooMany: "Too many entries for one picture. Ask for a shorter period.",
  malformed: "ThingSpeak's answer cannot be read. Try another period, and tell an admin.",
};

const WORKER: Readonly<Record<WorkerErrorReason, string>> = {
  slow: "Drawing took too long. Ask for a shorter period.",
  died: "The drawing was lost. Please ask again.",
  failed: "The drawing failed. Please ask again, and tell an admin if it stays so.",
  full: "Many plots are being drawn already. Try again in a minute.",
  stopped: "Valvomo is being restarted. Ask again in a minute.",
};

/** Why a channel cannot be asked, within a sentence. */
const AWAY: Readonly<Partial<Record<UpstreamReason, string>>> = {
  unreachable: "ThingSpeak cannot be reached",
  slow: "ThingSpeak does not answer in time",
  forbidden: "ThingSpeak refuses the read key",
  notFound: "ThingSpeak does not know the channel",
  busy: "ThingSpeak asks to wait",
  broken: "ThingSpeak has a problem of its own",
};

/** Whether what was recorded here may stand in for a channel that fails for this reason. */
export const isAway = (reason: UpstreamReason): boolean => AWAY[reason] !== undefined;

/** Where numbers come from, if that is not as usual, and what they are: a sentence each, none twice. */
export function notesOf(series: readonly Pick<Readings, "instead" | "spread">[]): string[] {
  const instead = series.find((one) => one.instead !== undefined)?.instead;
  return [
    ...(instead === undefined ? [] : [`As recorded here: ${AWAY[instead] ?? instead}.`]),
    ...(series.some(({ spread }) => spread) ? ["Of each minute its mean, lowest and highest."] : []),
  ];
}

/** Where there is nothing to plot at all. */
export const NOTHING_TO_PLOT =
  "There is nothing to plot. An admin must set THINGSPEAK_CHANNEL_ID or FEED_FILE, or give fields a topic in PLANTS_FILE.";

/** What went wrong with a look at the newest values: nobody asked for a period, so a shorter one is no advice. */
export function explainNewest(error: unknown): string {
  const isSlow = error instanceof UpstreamError && error.reason === "slow";
  return isSlow ? `${AWAY[error.reason]}. Try again in a minute.` : explain(error);
}

/** What went wrong with a plot, in one sentence for the person who asked; the details are for the log. */
export function explain(error: unknown): string {
  if (error instanceof UpstreamError) return UPSTREAM[error.reason];
  if (error instanceof ConfigError) return error.problems.join(" ");
  if (error instanceof WorkerError) return WORKER[error.reason];
  return "Something went wrong. Please ask again, and tell an admin if it stays so.";
}
