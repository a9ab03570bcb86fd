import { ownEnd, ownEvent, type OwnTrouble } from "../alarms/payloads/own.ts";
import type { AlarmEvent } from "../alarms/event.ts";
import type { PlantMessage } from "../alarms/types.ts";
import type { Clock } from "../lib/time/clock.ts";
import { createClockWatch } from "../lib/time/clock-watch.ts";
import { createWakeWatch } from "../lib/time/wake-watch.ts";
import type { DevicePresence } from "../devices/types.ts";
import type { Logger } from "../lib/log.ts";
import type { BrokerStatus } from "./broker-link.ts";
import { diagnose } from "./diagnose.ts";
import { presenceOf, type Presence } from "./diagnose-plant.ts";
import type { FailedEntry, LatestEntry } from "./fields.ts";
import { intervalOf, restoreHeartbeat, type Heartbeat, type Listened } from "./heartbeat.ts";
import type { OnUnread } from "../measurements/unread.ts";
import { createTicker, type Ticker } from "../lib/time/ticker.ts";
import { createSenses, liveTopicsOf, type Senses, type SilenceSettings } from "./senses.ts";
import { subjectOf, type Trouble } from "./trouble.ts";

/** A heartbeat as it is kept. */
interface StoredHeartbeat {
  readonly name: string;
  /** Epoch ms. */
  readonly lastAt: number;
  readonly intervalMs: number | null;
}

/** What outlives this run. */
interface SilenceStore {
  all(): Promise<readonly StoredHeartbeat[]>;
  /** @param listened `null`: as it was noted last */
  save(changed: readonly StoredHeartbeat[], gone: readonly string[], listened: Listened | null): Promise<void>;
  /** When the last run listened. */
  listened(): Promise<Listened | null>;
  /** Our own alarms that are active, also those that this part did not raise. */
  activeTroubles(): Promise<readonly OwnTrouble[]>;
}

/** The watch as /status shows it. */
export interface SilenceStatus {
  /** Topics and fields whose rhythm is known. */
  readonly watched: number;
  /** Those that have not come often enough yet. */
  readonly learning: number;
  /** Messages on live topics beyond the thousand that can be watched. */
  readonly unwatched: number;
  /** The plant's bridges, as long as the broker can tell of them. */
  readonly bridges: readonly Pick<Presence, "name" | "isUp">[];
  /** What is wrong now. */
  readonly troubles: readonly Trouble[];
}

/** Raises one alarm with the cause when something does not come any more. */
export interface SilenceWatch {
  /** Reads what the last run knew, then begins to look. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Takes any message from the broker, live or alarm, retained or not. */
  beat(message: PlantMessage): void;
  /** The filters to subscribe to besides the alarms'. */
  liveTopics(): readonly string[];
  /**
   * Watches something else from now on; what is known of what stays is kept, and each is given its time anew.
   * @returns whether that changes anything. If so, what is retained on `liveTopics` has to be brought again.
   */
  follow(settings: SilenceSettings): boolean;
  status(): SilenceStatus;
  /** How TwinCAT's devices are, as far as anybody can tell. */
  devices(): readonly DevicePresence[];
}

const CHECK_MS = 10_000;
const SAVE_MS = 60_000;
const POLL_MS = 60_000;

/**
 * Creates the watch.
 * @param options.latest the newest entry of each field of the channel; `null`: there is no channel
 * @param options.report records own events; what it rejects is tried again
 */
export function createSilenceWatch(options: {
  readonly settings: SilenceSettings;
  readonly store: SilenceStore;
  readonly clock: Clock;
  readonly broker: () => BrokerStatus;
  readonly latest: (() => Promise<readonly (LatestEntry | FailedEntry)[]>) | null;
  readonly report: (events: readonly AlarmEvent[]) => Promise<void>;
  readonly onUnread: OnUnread;
  readonly log: Logger;
}): SilenceWatch {
  const { store, clock, broker, latest, report, onUnread, log } = options;
  const { now } = clock;
  let { settings } = options;
  const clockWatch = createClockWatch(clock);
  const wakeWatch = createWakeWatch(clock, (ms) =>
    log.warn(
      { seconds: Math.round(ms / 1_000) },
      "did not run for a while: what did not come meanwhile is nobody's silence",
    ),
  );
  let senses: Senses | null = null;
  let troubles: readonly Trouble[] = [];
  /** Troubles with an active alarm, of this run or an earlier one: the topic of the alarm by the trouble's id. */
  let raised: ReadonlyMap<string, string> = new Map();
  let saved: ReadonlyMap<string, Heartbeat> = new Map();
  let unwatchedBefore = 0;
  let before: Listened | null = null;

  function sensesFor(known: ReadonlyMap<string, Heartbeat>): Senses {
    const subjects = [...raised.keys()].map(subjectOf).filter((subject) => subject !== null);
    return createSenses({
      settings,
      broker,
      latest,
      known,
      before,
      raised: subjects,
      onUnread,
      now,
      present: clockWatch.present,
      awakeSince: () => clockWatch.present(wakeWatch.awakeSince()),
    });
  }

  async function check(): Promise<void> {
    if (senses === null) return;
    senses.forget();
    const diagnosis = diagnose(senses.facts());
    troubles = diagnosis.troubles;
    const begun = troubles.filter(({ id }) => !raised.has(id));
    // Only what is seen to be over ends an alarm: what is hidden by a greater trouble may last.
    const isOver = (id: string): boolean =>
      !diagnosis.undecided.has(id) && troubles.every((trouble) => trouble.id !== id);
    const over = [...raised].filter(([id]) => isOver(id)).map(([id, topic]): OwnTrouble => ({ id, topic }));
    if (begun.length + over.length === 0) return;
    const events = begun.map((trouble) => ownEvent({ ...trouble, state: "active" }, now()));
    await report([...events, ...over.map((trouble) => ownEnd(trouble, now()))]);
    raised = new Map([
      ...[...raised].filter(([id]) => !isOver(id)),
      ...events.map(({ topic }, i): [string, string] => [begun[i]?.id ?? "", topic]),
    ]);
    log.warn({ begun: begun.map(({ message }) => message), over: over.map(({ id }) => id) }, "silence");
  }

  async function save(): Promise<void> {
    if (senses === null) return;
    const unwatched = senses.unwatched();
    if (unwatched > unwatchedBefore)
      log.warn({ messages: unwatched - unwatchedBefore }, "on more topics than are watched");
    unwatchedBefore = unwatched;
    const present = heartbeatsOf(senses);
    const changed = [...present].flatMap(([name, heartbeat]): StoredHeartbeat[] => {
      const { lastAt } = heartbeat;
      if (lastAt === null || saved.get(name) === heartbeat) return [];
      return [{ name, lastAt, intervalMs: intervalOf(heartbeat) }];
    });
    const gone = [...saved.keys()].filter((name) => !present.has(name));
    await store.save(changed, gone, senses.listened());
    saved = present;
  }

  const every = (everyMs: number, what: string, work: () => Promise<void>, firstMs = everyMs): Ticker =>
    createTicker({ what, work, everyMs, firstMs, clock, log });
  const tickers = [
    every(CHECK_MS, "looking for what does not come", check),
    every(SAVE_MS, "keeping what comes how often", save),
  ];
  const polling = every(POLL_MS, "asking for the newest entries", async () => senses?.poll(), 0);

  return {
    async start() {
      const [stored, active, listened] = await Promise.all([store.all(), store.activeTroubles(), store.listened()]);
      before = listened;
      const known = new Map(stored.map(({ name, ...row }) => [name, restoreHeartbeat(row.lastAt, row.intervalMs)]));
      raised = new Map(active.filter(({ id }) => subjectOf(id) !== null).map(({ id, topic }) => [id, topic]));
      saved = known;
      senses = sensesFor(known);

      for (const ticker of tickers) ticker.start();
      if (latest) polling.start();
    },
    async stop() {
      // An answer of ThingSpeak that is under way is not waited for.
      void polling.stop();
      wakeWatch.stop();
      await Promise.all(tickers.map((ticker) => ticker.stop()));
      await save();
    },
    beat: (message) => senses?.take(message),
    liveTopics: () => liveTopicsOf(settings),
    follow(next) {
      if (JSON.stringify(next) === JSON.stringify(settings)) return false;
      settings = next;
      if (senses) senses = sensesFor(heartbeatsOf(senses));
      return true;
    },
    devices() {
      if (senses === null) return [];
      const { devices, link } = senses.facts();
      return devices.map((device) => ({
        root: device.root,
        ...(link.state === "up" ? presenceOf(device, now()) : { isUp: null, since: link.since }),
      }));
    },
    status() {
      const pulses = senses?.pulses() ?? [];
      const watched = pulses.filter(({ everyMs, heartbeat }) => (everyMs ?? intervalOf(heartbeat)) !== null).length;
      const facts = senses?.facts();
      return {
        watched,
        learning: pulses.length - watched,
        unwatched: senses?.unwatched() ?? 0,
        bridges: facts?.link.state === "up" ? facts.bridges : [],
        troubles,
      };
    },
  };
}

const heartbeatsOf = ({ pulses }: Senses): ReadonlyMap<string, Heartbeat> =>
  new Map(pulses().map(({ key, heartbeat }) => [key, heartbeat]));
