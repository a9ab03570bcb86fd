import type { Notifier } from "../../dispatch/notifier.ts";
import type { Clock } from "../../lib/time/clock.ts";
import type { FormerClock } from "../../lib/time/former-clock.ts";
import type { Config } from "../../config/config.ts";
import type { Devices } from "../../devices/devices.ts";
import type { Dropped } from "../../health/dropped.ts";
import type { Logger } from "../../lib/log.ts";
import type { Feed } from "../measurements/feed.ts";
import type { Plants } from "../../plants/plants.ts";
import type { OnUnread } from "../../measurements/unread.ts";
import type { OutboxKind } from "../../store/outbox.ts";
import type { Store } from "../../store/store.ts";

/** What the side of the broker is made from. */
export interface BrokerSideOptions {
  readonly config: Config;
  readonly plants: Plants;
  readonly store: Pick<Store, "alarms" | "cards" | "keyValue" | "heartbeats" | "outbox">;
  readonly notifier: Pick<Notifier, "take" | "tell">;
  readonly feed: Pick<Feed, "thingspeak" | "topics" | "take">;
  readonly devices: Pick<Devices, "take">;
  readonly dropped: Pick<Dropped, "add">;
  readonly onUnread: OnUnread;
  /** Whether what comes on a topic is for ThingSpeak, and no alarm whatever filters say. */
  readonly isForBridge: (topic: string) => boolean;
  /** Whether this process may speak to broker and webhook, of several that share a database. */
  readonly mayAct: () => boolean;
  /** To be told that something that goes out was not sent, and will be tried again. */
  readonly onRetry: (kind: OutboxKind) => void;
  readonly clock: Clock;
  /** By what the run before noted what it left. */
  readonly formerClock: FormerClock;
  readonly log: Logger;
}
