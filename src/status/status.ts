import { withDeadline } from "../lib/time/deadline.ts";
import { UpstreamError } from "../lib/errors.ts";
import { isFailed } from "../lib/text/partial.ts";
import { explainNewest, NOTHING_TO_PLOT } from "../measurements/explain.ts";
import { processLines, type LeaseView } from "../lease/words.ts";
import { formatEntry, type Measurement } from "../measurements/measurement.ts";
import type { FailedEntry, LatestEntry } from "../measurements/source.ts";
import { formatCount } from "../lib/text/number.ts";
import { formatAge, formatDuration, formatInstant } from "../lib/time/time.ts";
import type { ApiStatus } from "../telegram/api/api-health.ts";
import type { Cards } from "../store/alarms/cards.ts";
import type { HistoryStorage } from "../store/history.ts";
import { droppedLines, watchdogLines, unreadLines, type ArrivalSources } from "./arrival-lines.ts";
import { brokerLines, exposureLines, idleLines, loopLines, type BrokerSources } from "./broker-lines.ts";
import { bridgeLines, type BridgeSource } from "./bridge-lines.ts";
import type { Level, StatusLine } from "../lib/status-line.ts";
import { measuredLines, type MeasuredSources } from "./measured-lines.ts";
import { ruleLines, type RuleSources } from "./rule-lines.ts";
import { outboxLines, storeLines, type StoreSources } from "./store-lines.ts";

/** What is asked of people, by Telegram's numbers. */
interface PeopleSource {
  /** The admins who have not written to the bot. */
  readonly adminsUnheard: () => readonly number[];
  /** Whether somebody may acknowledge. */
  readonly isOperator: (userId: number) => boolean;
}

/** Where the answers come from. */
export interface StatusSources extends StoreSources, MeasuredSources, BrokerSources, ArrivalSources {
  /** What somebody should know of the settings, in words. */
  readonly notes: readonly string[];
  /** What is on its way to ThingSpeak; its `bridge` is `null` where it is off. */
  readonly bridge: BridgeSource;
  readonly telegram: () => ApiStatus;
  readonly store: {
    readonly cards: Pick<Cards, "backlog">;
    readonly history: Pick<HistoryStorage, "lastEventAt">;
  };
  readonly latest: () => Promise<readonly (Pick<LatestEntry, "field" | "value" | "at"> | Omit<FailedEntry, "label">)[]>;
  readonly measurements: () => Promise<readonly Measurement[]>;
  /** The chats that get alarms. */
  readonly alarmChats: () => readonly number[];
  readonly people: PeopleSource;
  readonly alarmRules: RuleSources;
  /** Which processes there are, where several share a database. */
  readonly lease: LeaseView;
  readonly version: string;
  readonly startedAt: number;
  readonly now: () => number;
}

/** Longer than one card should ever wait at Telegram's own pace. */
const LATE_MS = 60_000;
const VERY_LATE_MS = 600_000;
/** ThingSpeak's slowest usual cadence is minutes; an hour without an entry is worth a look. */
const STALE_MS = 3_600_000;
/** A person who asks gets an answer even when ThingSpeak hangs. */
const ASK_TIMEOUT_MS = 4_000;

const ORDER: readonly Level[] = ["error", "warning", "ok"];

/** Looks at everything at once and tells how it is, worst first; times in `timeZone`. Never rejects for what it looks at. */
export async function readStatus(sources: StatusSources, timeZone: string): Promise<StatusLine[]> {
  const groups = await Promise.all([
    look("Store", () => storeLines(sources, timeZone)),
    look("Broker", async () => brokerLines(sources, timeZone)),
    look("Broker link", async () => exposureLines(sources)),
    look("Loop test", async () => loopLines(sources)),
    look("Subscription", async () => idleLines(sources)),
    look("Settings", async () => settingsLines(sources)),
    look("Telegram", async () => telegramLines(sources, timeZone)),
    look("Admins", async () => unheardLines(sources)),
    look("Cards", () => cardsLines(sources)),
    look("Outbox", () => outboxLines(sources)),
    look("Last event", () => eventLines(sources)),
    look("Rules", () => ruleLines(sources.alarmRules)),
    look("Signs of life", async () => watchdogLines(sources)),
    look("To ThingSpeak", () => bridgeLines(sources.bridge, sources.now())),
    look("Dropped", async () => droppedLines(sources, timeZone)),
    look("Not understood", async () => unreadLines(sources)),
    look("Measurements", () => measurementLines(sources, timeZone)),
    look("Recorded", () => measuredLines(sources, timeZone)),
    look("Processes", async () => processLines(sources.lease, timeZone, sources.now())),
    look("Valvomo", async () => versionLines(sources)),
  ]);
  return groups.flat().sort((a, b) => ORDER.indexOf(a.level) - ORDER.indexOf(b.level));
}

/** What cannot be looked at is bad news too, and no reason to keep back the rest. */
async function look(name: string, read: () => Promise<StatusLine[]>): Promise<StatusLine[]> {
  return read().catch((error: unknown) => [{ level: "error", name, detail: `cannot be read: ${String(error)}` }]);
}

function settingsLines({ notes }: StatusSources): StatusLine[] {
  return notes.map((detail) => ({ level: "warning", name: "Settings", detail, isForAdmins: true }));
}

function telegramLines({ telegram, now, alarmChats, people }: StatusSources, timeZone: string): StatusLine[] {
  const { isUp, since, error, receiving } = telegram();
  const age = `since ${formatInstant(since, timeZone, now())} (${formatDuration(now() - since)})`;
  const nobody: StatusLine = {
    level: "warning",
    name: "Alarm chats",
    detail: "none: alarms go to nobody. An admin must set TELEGRAM_ALARM_CHAT_IDS",
  };
  const link: StatusLine = isUp
    ? { level: receiving === null ? "ok" : "error", name: "Telegram", detail: receiving ?? `connected ${age}` }
    : { level: "error", name: "Telegram", detail: `not reached ${age}: ${error ?? "no answer"}` };
  const chats = alarmChats();
  if (chats.length === 0) return [link, nobody];
  // A private chat has the id of its person.
  const idle = chats.filter((chatId) => chatId > 0 && !people.isOperator(chatId));
  if (idle.length === 0) return [link];
  const who = idle.length === 1 ? `user ${idle.join()} gets` : `users ${idle.join(", ")} get`;
  const detail = `${who} alarms and may not acknowledge them. An admin can /invite them as operators`;
  return [link, { level: "warning", name: "People", detail, isForAdmins: true }];
}

function unheardLines({ people }: StatusSources): StatusLine[] {
  const ids = people.adminsUnheard();
  if (ids.length === 0) return [];
  const who = ids.length === 1 ? `user ${ids.join()} has` : `users ${ids.join(", ")} have`;
  const detail = `${who} not written to the bot yet, so nothing can be sent to them: they press Start there`;
  return [{ level: "warning", name: "Admins", detail, isForAdmins: true }];
}

async function cardsLines({ store, now }: StatusSources): Promise<StatusLine[]> {
  const { waiting, oldestSince, refused, refusal } = await store.cards.backlog();
  const waitMs = oldestSince === null ? 0 : now() - oldestSince;
  const level: Level = waitMs >= VERY_LATE_MS ? "error" : waitMs >= LATE_MS ? "warning" : "ok";
  const detail = waiting === 0 ? "none waiting" : `${waiting} waiting, the oldest for ${formatDuration(waitMs)}`;
  const lines: StatusLine[] = [{ level, name: "Cards", detail }];
  if (refused > 0) {
    lines.push({
      level: "error",
      name: "Cards refused",
      detail: `${refused}: Telegram says "${refusal ?? "nothing"}"`,
    });
  }
  return lines;
}

async function eventLines({ store, storeStatus, now, mqtt }: StatusSources): Promise<StatusLine[]> {
  const { storeError } = mqtt();
  const at = await store.history.lastEventAt();
  const last: StatusLine =
    at === null
      ? { level: "warning", name: "Last event", detail: "none yet" }
      : { level: "ok", name: "Last event", detail: `${formatDuration(now() - at)} ago` };
  // What the disk does not take is told by the store.
  if (storeError === null || storeStatus().failure !== null) return [last];
  return [{ level: "error", name: "Store", detail: `what comes cannot be stored: ${storeError}` }, last];
}

async function measurementLines(sources: StatusSources, timeZone: string): Promise<StatusLine[]> {
  const { latest, measurements, recorded, now } = sources;
  const name = "Measurements";
  try {
    const asked = Promise.all([measurements(), latest()]);
    const [fields, entries] = await withDeadline(asked, ASK_TIMEOUT_MS, tooLate);
    if (fields.length === 0) {
      const { series } = await recorded();
      if (series === 0) return [{ level: "warning", name, detail: NOTHING_TO_PLOT }];
      return [{ level: "ok", name, detail: `${formatCount(series)} of devices; /devices shows the newest` }];
    }
    if (entries.length === 0) return [{ level: "warning", name, detail: "there are no entries yet" }];
    const newestAt = Math.max(...entries.map((entry) => (isFailed(entry) ? Infinity : entry.at)));
    if (entries.length > 1 && now() - newestAt > STALE_MS) {
      const detail = `${entries.length} fields, the newest entry ${formatAge(newestAt, timeZone, now())}; /latest shows them`;
      return [{ level: "warning", name, detail }];
    }
    return entries.flatMap((entry): StatusLine[] => {
      const field = fields.find(({ number }) => number === entry.field);
      if (field === undefined) return [];
      if (isFailed(entry)) return [{ level: "error", name: field.label, detail: explainNewest(entry.error) }];
      const ageMs = now() - entry.at;
      const detail = `${formatEntry(entry.value, field)}, ${formatAge(entry.at, timeZone, now())}`;
      return [{ level: ageMs > STALE_MS ? "warning" : "ok", name: field.label, detail }];
    });
  } catch (error) {
    return [{ level: "error", name, detail: explainNewest(error) }];
  }
}

const tooLate = (): Error => new UpstreamError("slow", "no answer in time for /status");

function versionLines({ version, startedAt, now }: StatusSources): StatusLine[] {
  return [{ level: "ok", name: "Valvomo", detail: `${version}, up for ${formatDuration(now() - startedAt)}` }];
}
