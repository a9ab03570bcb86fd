import { UpstreamError, type UpstreamReason } from "../lib/errors.ts";
import { isFailed, type Failed } from "../lib/text/partial.ts";
import type { FieldSign, ThingSpeakState } from "./diagnose-cloud.ts";
import { beat, NO_HEARTBEAT, signOf, type Heartbeat, type Pulse } from "./heartbeat.ts";
import { isQuiet } from "./judge.ts";
import type { HeartbeatSetting } from "./topics.ts";

/** The newest entry of one ThingSpeak field. */
export interface LatestEntry {
  readonly field: number;
  readonly label: string;
  /** Epoch ms. */
  readonly at: number;
}

/** A field that could not be asked: it is neither alive for that nor gone. */
export interface FailedEntry extends Failed {
  readonly field: number;
}

/** The heartbeats of ThingSpeak's fields: new entries, as far as we see them when we ask. */
export interface FieldPulses {
  /** Asks ThingSpeak once. Never rejects: what it says otherwise is in `state`. */
  poll(): Promise<void>;
  state(): ThingSpeakState;
  signs(): readonly FieldSign[];
  pulses(): readonly Pulse[];
}

/** A pulse and the time of the newest entry, by ThingSpeak. */
interface FieldPulse extends Pulse {
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

/**
 * Creates the heartbeats of all fields that the channel has.
 * @param options.latest the newest entry of each field; rejects with an `UpstreamError`
 * @param options.known heartbeats from before, by the key of their pulse
 */
export function createFieldPulses(options: {
  readonly heartbeats: readonly HeartbeatSetting[];
  readonly latest: () => Promise<readonly (LatestEntry | FailedEntry)[]>;
  readonly known: ReadonlyMap<string, Heartbeat>;
  readonly now: () => number;
  /** See wake-watch.ts. */
  readonly awakeSince: () => number;
}): FieldPulses {
  const { now, awakeSince } = options;
  const pulses = new Map<number, FieldPulse>();
  let state: ThingSpeakState = { isReachable: null, since: now(), reason: null };
  let resumedAt = 0;

  function pulseOf(number: number, label: string): FieldPulse {
    const key = `field ${number}`;
    const setting = options.heartbeats.find(({ field }) => field === number);
    const { name = label, everyMs = null } = setting ?? {};
    const heartbeat = options.known.get(key) ?? NO_HEARTBEAT;
    return { key, name, everyMs, isFound: setting === undefined, heartbeat, newestAt: null };
  }

  const numbers = [
    ...options.heartbeats.map(({ field }) => field),
    ...[...options.known.keys()].map((key) => Number(KEY.exec(key)?.groups?.["number"] ?? 0)),
  ];
  for (const number of numbers) if (number) pulses.set(number, pulseOf(number, `Field ${number}`));

  function note(isReachable: boolean, reason: string | null): void {
    state = { isReachable, since: isReachable === state.isReachable ? state.since : now(), reason };
  }

  /** Since when we would have seen a new entry. */
  const askingSince = (): number => Math.max(state.since, resumedAt, awakeSince());
  const signs = (): FieldSign[] =>
    [...pulses.values()].map((pulse) => ({
      ...signOf(pulse, askingSince()),
      newestAt: pulse.newestAt,
    }));

  function take(answers: readonly (LatestEntry | FailedEntry)[]): void {
    const entries = answers.filter((one): one is LatestEntry => !isFailed(one));
    // The first answer says nothing about when its entries came.
    const isNew = ({ field, at }: LatestEntry): boolean => (pulses.get(field)?.newestAt ?? at) !== at;
    // When the first entry comes after none did, the other fields are given their time anew.
    if (entries.some(isNew) && isQuiet(signs(), now())) resumedAt = now();
    for (const entry of entries) {
      const { field, label, at } = entry;
      const named = pulseOf(field, label);
      const { heartbeat } = pulses.get(field) ?? named;
      const next = isNew(entry) ? beat(heartbeat, now(), askingSince()) : heartbeat;
      pulses.set(field, { ...named, newestAt: at, heartbeat: next });
    }
    // What the channel has no more, and nobody asked for by name.
    const numbers = new Set(answers.map(({ field }) => field));
    for (const [number, { isFound }] of pulses) if (isFound && !numbers.has(number)) pulses.delete(number);
  }

  return {
    async poll() {
      try {
        const answers = await options.latest();
        note(true, null);
        take(answers);
      } catch (error) {
        note(false, error instanceof UpstreamError ? WORDS[error.reason] : "gives no usable answer");
      }
    },
    state: () => state,
    signs,
    pulses: () => [...pulses.values()],
  };
}
