import type { LatestEntry, FailedEntry } from "../measurements/source.ts";
import { UpstreamError, type UpstreamReason } from "../lib/errors.ts";
import { isFailed } from "../lib/text/partial.ts";
import type { FieldObservation, ThingSpeakState } from "./diagnose-cloud.ts";
import { asOfNow, recordBeat, NO_HEARTBEAT, observe, type Heartbeat, type Monitor } from "./heartbeat.ts";
import { isOriginSilent } from "./classify.ts";
import type { HeartbeatSetting } from "../plants/plants.ts";

/** The newest entry of one ThingSpeak field. */
export type NewestEntry = Pick<LatestEntry, "field" | "label" | "at">;

/** A field that could not be read: that says neither that it is alive nor that it is silent. */
export type UnaskedField = Omit<FailedEntry, "label">;

/** A monitor and the time of the newest entry, by ThingSpeak. */
interface FieldMonitor extends Monitor {
  readonly newestAt: number | null;
}

const KEY = /^field (?<number>[1-8])$/;

/** How "ThingSpeak …" ends. */
const WORDS: Readonly<Record<UpstreamReason, string>> = {
  unreachable: "cannot be reached",
  slow: "does not answer in time",
  forbidden: "refuses the read key",
  notFound: "does not know the channel",
  busy: "asks to wait",
  broken: "has a problem of its own",
  malformed: "gives answers that cannot be read",
  tooMany: "gives more than can be used",
};

interface FieldMonitorsOptions {
  readonly heartbeats: readonly HeartbeatSetting[];
  /** The newest entry of each field; rejects with an `UpstreamError`. */
  readonly latest: () => Promise<readonly (NewestEntry | UnaskedField)[]>;
  /** Heartbeats from before, by the key of their monitor. */
  readonly known: ReadonlyMap<string, Heartbeat>;
  readonly now: () => number;
  /** See `ClockWatch.present`. */
  readonly present: (at: number) => number;
  /** See wake-watch.ts. */
  readonly awakeSince: () => number;
}

/** The heartbeats of all fields that ThingSpeak's channel has: new entries, as far as we see them when we ask. */
export class FieldMonitors {
  readonly #options: FieldMonitorsOptions;
  readonly #monitors = new Map<number, FieldMonitor>();
  #state: ThingSpeakState;
  #resumedAt = 0;

  constructor(options: FieldMonitorsOptions) {
    this.#options = options;
    this.#state = { isReachable: null, since: options.now(), reason: null };
    const numbers = [
      ...options.heartbeats.map(({ field }) => field),
      ...[...options.known.keys()].map((key) => Number(KEY.exec(key)?.groups?.["number"] ?? 0)),
    ];
    for (const number of numbers) if (number) this.#monitors.set(number, this.#monitorOf(number, `Field ${number}`));
  }

  /** Asks ThingSpeak once. Never rejects: what it says otherwise is in `state`. */
  async poll(): Promise<void> {
    try {
      const answers = await this.#options.latest();
      this.#note(true, null);
      this.#take(answers);
    } catch (error) {
      this.#note(false, error instanceof UpstreamError ? WORDS[error.reason] : "gives no usable answer");
    }
  }

  state(): ThingSpeakState {
    return this.#state;
  }

  observations(): FieldObservation[] {
    const { present } = this.#options;
    return this.monitors().map((monitor) => ({
      ...observe(asOfNow(monitor, present), present(this.#askingSince())),
      newestAt: monitor.newestAt,
    }));
  }

  monitors(): readonly FieldMonitor[] {
    return [...this.#monitors.values()];
  }

  #monitorOf(number: number, label: string): FieldMonitor {
    const key = `field ${number}`;
    const setting = this.#options.heartbeats.find(({ field }) => field === number);
    const { name = label, everyMs = null } = setting ?? {};
    const heartbeat = this.#options.known.get(key) ?? NO_HEARTBEAT;
    return { key, name, everyMs, isFound: setting === undefined, heartbeat, newestAt: null };
  }

  #note(isReachable: boolean, reason: string | null): void {
    const since = isReachable === this.#state.isReachable ? this.#state.since : this.#options.now();
    this.#state = { isReachable, since, reason };
  }

  /** Since when we would have seen a new entry. */
  #askingSince(): number {
    return Math.max(this.#state.since, this.#resumedAt, this.#options.awakeSince());
  }

  #take(answers: readonly (NewestEntry | UnaskedField)[]): void {
    const { now } = this.#options;
    const monitors = this.#monitors;
    const entries = answers.filter((one): one is NewestEntry => !isFailed(one));
    // The first answer says nothing about when its entries came.
    const isNew = ({ field, at }: NewestEntry): boolean => (monitors.get(field)?.newestAt ?? at) !== at;
    // When the first entry comes after none did, the other fields are given their time anew.
    if (entries.some(isNew) && isOriginSilent(this.observations(), now())) this.#resumedAt = now();
    for (const entry of entries) {
      const { field, label, at } = entry;
      const named = this.#monitorOf(field, label);
      const { heartbeat } = monitors.get(field) ?? named;
      const next = isNew(entry) ? recordBeat(heartbeat, now(), this.#askingSince()) : heartbeat;
      monitors.set(field, { ...named, newestAt: at, heartbeat: next });
    }
    // What the channel has no more, and nobody asked for by name.
    const numbers = new Set(answers.map(({ field }) => field));
    for (const [number, { isFound }] of monitors) if (isFound && !numbers.has(number)) monitors.delete(number);
  }
}
