import type { Device } from "./types.ts";
import { TopicRefused } from "../mqtt/hang-ups.ts";
import { appTopic } from "./topics.ts";

/** Tells devices that somebody looks on: only then do some PLCs send their values (FACTS: B2, F4). */
export interface ActiveApp {
  /** To be called each second. */
  tick(): void;
  /** Asks a device that is there for a whole snapshot now. */
  readonly ask: (root: string) => void;
  /** Tells them that nobody looks on any more; resolves when they are told, or cannot be. */
  stop(): Promise<void>;
}

/** A whole snapshot each time. */
const SNAPSHOT_MS = 900_000;
/** A PLC that starts takes more than half a minute; it is asked again after that. */
const ANSWER_MS = 60_000;

/**
 * Registers with each device that is not offline, and again when it is back: `active` is not retained, as a broker does not hand on
 * to a device what it keeps, and the heartbeat goes out for as long as we run.
 * @param options.publish rejects when the broker does not have it; QoS 1
 * @param options.send once and no more; QoS 0
 */
export function createActiveApp(options: {
  readonly clientId: string;
  readonly devices: () => readonly Pick<Device, "root" | "dataAt">[];
  /** The roots of those that are offline. */
  readonly offline: () => ReadonlySet<string>;
  readonly publish: (topic: string, payload: string) => Promise<void>;
  readonly send: (topic: string, payload: string) => void;
  readonly now: () => number;
  /** Takes what could not be told; the next tick tries again. */
  readonly onFailure: (root: string, error: unknown) => void;
}): ActiveApp {
  const { devices, offline, publish, send, now, onFailure } = options;
  /** One level of a topic. */
  const clientId = options.clientId.replace(/[/+#\0]/g, "_");
  /** When each was asked last, by root; epoch ms. */
  const askedAt = new Map<string, number>();

  function isDue(root: string, dataAt: number | null): boolean {
    const asked = askedAt.get(root);
    // The clock may have been set back.
    if (asked === undefined || asked > now()) return true;
    const isAnswered = dataAt !== null && dataAt >= asked;
    return now() - asked >= (isAnswered ? SNAPSHOT_MS : ANSWER_MS);
  }

  function ask(root: string): void {
    askedAt.set(root, now());
    publish(appTopic(root, clientId, "active"), "1").catch((error: unknown) => {
      // Where the broker hangs up, it is tried no more often than one that does not answer.
      if (!(error instanceof TopicRefused)) askedAt.delete(root);
      onFailure(root, error);
    });
  }

  return {
    ask(root) {
      if (askedAt.has(root)) ask(root);
    },
    tick() {
      const gone = offline();
      const present = devices().filter(({ root }) => !gone.has(root));
      const roots = new Set(present.map(({ root }) => root));
      for (const root of askedAt.keys()) if (!roots.has(root)) askedAt.delete(root);
      for (const { root, dataAt } of present) {
        if (isDue(root, dataAt)) ask(root);
        send(appTopic(root, clientId, "heartbeat"), "1");
      }
    },
    async stop() {
      const roots = [...askedAt.keys()];
      askedAt.clear();
      await Promise.allSettled(roots.map((root) => publish(appTopic(root, clientId, "active"), "0")));
    },
  };
}
