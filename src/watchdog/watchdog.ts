import { ownEnd, ownEvent } from "../alarms/payloads/own.ts";
import type { AlarmEvent } from "../alarms/event.ts";
import type { PlantMessage } from "../alarms/plant-message.ts";
import type { Clock } from "../lib/time/clock.ts";
import { createClockWatch } from "../lib/time/clock-watch.ts";
import { OWN_ENDS, type FormerClock } from "../lib/time/former-clock.ts";
import { createWakeWatch } from "../lib/time/wake-watch.ts";
import type { DevicePresence } from "../devices/types.ts";
import type { Logger } from "../lib/log.ts";
import { changesOf, diagnose } from "./diagnose.ts";
import { presencesOf } from "./diagnose-plant.ts";
import type { Presence } from "./plant-facts.ts";
import type { Listened } from "../store/heartbeats.ts";
import { intervalOf, restoreHeartbeat } from "./heartbeat.ts";
import { changesSince, type HeartbeatsByName, type HeartbeatStore } from "./kept-heartbeats.ts";
import { createTicker, type Ticker } from "../lib/time/ticker.ts";
import { liveTopicsOf, Monitors, type MonitorsOptions, type WatchdogSettings } from "./monitors.ts";
import { subjectOf, type Trouble } from "./trouble.ts";

/** The watch as /status shows it. */
export interface WatchdogStatus {
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

interface WatchdogOptions extends Pick<MonitorsOptions, "settings" | "broker" | "latest" | "onUnread"> {
  readonly store: HeartbeatStore;
  readonly clock: Clock;
  /** Records own events; what it rejects is tried again. */
  readonly report: (events: readonly AlarmEvent[]) => Promise<void>;
  readonly log: Logger;
}

const CHECK_MS = 10_000;
const SAVE_MS = 60_000;
const POLL_MS = 60_000;

/** Raises one alarm with the cause when something does not come any more. */
export class Watchdog {
  readonly #options: WatchdogOptions;
  #settings: WatchdogSettings;
  readonly #clockWatch: ReturnType<typeof createClockWatch>;
  readonly #wakeWatch: ReturnType<typeof createWakeWatch>;
  readonly #tickers: readonly Ticker[];
  readonly #polling: Ticker;
  #monitors: Monitors | null = null;
  #troubles: readonly Trouble[] = [];
  /** Troubles with an active alarm, of this run or an earlier one: the topic of the alarm by the trouble's id. */
  #raised: ReadonlyMap<string, string> = new Map();
  #saved: HeartbeatsByName = new Map();
  #unwatchedBefore = 0;
  /** When the last run listened. */
  #before: Listened | null = null;

  constructor(options: WatchdogOptions) {
    const { settings, clock, log } = options;
    this.#options = options;
    this.#settings = settings;
    this.#clockWatch = createClockWatch(clock);
    this.#wakeWatch = createWakeWatch(clock, (ms) =>
      log.warn(
        { seconds: Math.round(ms / 1_000) },
        "did not run for a while: what did not come meanwhile does not count as silence",
      ),
    );
    const every = (everyMs: number, what: string, work: () => Promise<void>, firstMs = everyMs): Ticker =>
      createTicker({ what, work, everyMs, firstMs, clock, log });
    this.#tickers = [
      every(CHECK_MS, "looking for what does not come", () => this.#check()),
      every(SAVE_MS, "keeping what comes how often", () => this.#save()),
    ];
    this.#polling = every(POLL_MS, "asking for the newest entries", async () => this.#monitors?.poll(), 0);
  }

  /** Reads what the last run knew, by its clock, then begins to look. */
  async start({ ends }: Pick<FormerClock, "ends"> = OWN_ENDS): Promise<void> {
    const { store, latest } = this.#options;
    const [stored, active, listened] = await Promise.all([store.all(), store.activeTroubles(), store.listened()]);
    this.#before = listened && { since: ends(listened.since), until: ends(listened.until) };
    const known = new Map(stored.map(({ name, ...row }) => [name, restoreHeartbeat(row.lastAt, row.intervalMs)]));
    this.#raised = new Map(active.filter(({ id }) => subjectOf(id) !== null).map(({ id, topic }) => [id, topic]));
    this.#saved = known;
    this.#monitors = this.#monitorsFor(known);
    for (const ticker of this.#tickers) ticker.start();
    if (latest) this.#polling.start();
  }

  async stop(): Promise<void> {
    // An answer of ThingSpeak that is under way is not waited for.
    void this.#polling.stop();
    this.#wakeWatch.stop();
    await Promise.all(this.#tickers.map((ticker) => ticker.stop()));
    await this.#save();
  }

  /** Takes any message from the broker, live or alarm, retained or not. */
  take(message: PlantMessage): void {
    this.#monitors?.take(message);
  }

  /** The filters to subscribe to besides the alarms'. */
  liveTopics(): readonly string[] {
    return liveTopicsOf(this.#settings);
  }

  /**
   * Watches something else from now on; what is known of what stays is kept, and each is given its time anew.
   * @returns whether that changes anything. If so, what is retained on `liveTopics` has to be brought again.
   */
  follow(next: WatchdogSettings): boolean {
    if (JSON.stringify(next) === JSON.stringify(this.#settings)) return false;
    this.#settings = next;
    if (this.#monitors) this.#monitors = this.#monitorsFor(heartbeatsOf(this.#monitors));
    return true;
  }

  /** How TwinCAT's devices are, as far as anybody can tell. */
  devices(): readonly DevicePresence[] {
    return this.#monitors === null ? [] : presencesOf(this.#monitors.facts());
  }

  status(): WatchdogStatus {
    const monitors = this.#monitors?.all() ?? [];
    const watched = monitors.filter(({ everyMs, heartbeat }) => (everyMs ?? intervalOf(heartbeat)) !== null).length;
    const facts = this.#monitors?.facts();
    return {
      watched,
      learning: monitors.length - watched,
      unwatched: this.#monitors?.unwatched() ?? 0,
      bridges: facts?.link.state === "up" ? facts.bridges : [],
      troubles: this.#troubles,
    };
  }

  #monitorsFor(known: HeartbeatsByName): Monitors {
    const { broker, latest, onUnread, clock } = this.#options;
    const { present } = this.#clockWatch;
    return new Monitors({
      settings: this.#settings,
      broker,
      latest,
      known,
      before: this.#before,
      raised: [...this.#raised.keys()].map(subjectOf).filter((subject) => subject !== null),
      onUnread,
      now: clock.now,
      present,
      awakeSince: () => present(this.#wakeWatch.awakeSince()),
    });
  }

  async #check(): Promise<void> {
    if (this.#monitors === null) return;
    const { report, clock, log } = this.#options;
    this.#monitors.forget();
    const diagnosis = diagnose(this.#monitors.facts());
    this.#troubles = diagnosis.troubles;
    const { begun, over } = changesOf(diagnosis, this.#raised);
    if (begun.length + over.length === 0) return;
    const events = begun.map((trouble) => ownEvent({ ...trouble, state: "active" }, clock.now()));
    await report([...events, ...over.map((trouble) => ownEnd(trouble, clock.now()))]);
    const ended = new Set(over.map(({ id }) => id));
    this.#raised = new Map([
      ...[...this.#raised].filter(([id]) => !ended.has(id)),
      ...events.map(({ topic }, i): [string, string] => [begun[i]?.id ?? "", topic]),
    ]);
    log.warn({ begun: begun.map(({ message }) => message), over: [...ended] }, "silence");
  }

  async #save(): Promise<void> {
    if (this.#monitors === null) return;
    const { store, log } = this.#options;
    const unwatched = this.#monitors.unwatched();
    if (unwatched > this.#unwatchedBefore)
      log.warn({ messages: unwatched - this.#unwatchedBefore }, "on more topics than are watched");
    this.#unwatchedBefore = unwatched;
    const present = heartbeatsOf(this.#monitors);
    const { changed, gone } = changesSince(this.#saved, present);
    await store.save(changed, gone, this.#monitors.listened());
    this.#saved = present;
  }
}

const heartbeatsOf = (monitors: Monitors): HeartbeatsByName =>
  new Map(monitors.all().map(({ key, heartbeat }) => [key, heartbeat]));
