import type { WatchFacts } from "../../src/watchdog/diagnose.ts";
import { restoreHeartbeat, observe } from "../../src/watchdog/heartbeat.ts";

/** When it is looked at. */
export const NOW = Date.UTC(2026, 10, 23, 3);
export const MINUTE = 60_000;
const STARTED = NOW - 600 * MINUTE;

/** A topic that came last so many minutes ago, by default each half minute. */
export const topic = (name: string, minutesAgo: number, everyMinutes = 0.5, listeningSince = STARTED) => ({
  ...observe(
    {
      key: `topic ${name}`,
      name,
      everyMs: null,
      isFound: true,
      heartbeat: restoreHeartbeat(NOW - minutesAgo * MINUTE, everyMinutes * MINUTE),
    },
    listeningSince,
  ),
  topic: name,
});
/** A field whose newest entry came so many minutes ago; each minute there is one. */
export const field = (number: number, minutesAgo: number) => ({
  ...topic(String(number), minutesAgo, 1),
  key: `field ${number}`,
  name: `Field ${number}`,
  newestAt: NOW - minutesAgo * MINUTE,
});
/** A bridge, and since how many minutes it is known to be so. */
export const bridge = (name: string, isUp: boolean | null, minutesAgo = 300) => ({
  key: `bridge ${name}`,
  name,
  isUp,
  since: NOW - minutesAgo * MINUTE,
});
/** A TwinCAT device, and since how many minutes it is known to be so. */
export const device = (name: string, isUp: boolean | null, minutesAgo = 300) => ({
  ...bridge(name, isUp, minutesAgo),
  key: `device ${name}/TcIotCommunicator/Desc`,
  root: `${name}/TcIotCommunicator/`,
  observation: null,
});
/** The broker link, and since how many minutes it is so. */
export const link = (state: WatchFacts["link"]["state"], minutesAgo = 600) => ({
  state,
  since: NOW - minutesAgo * MINUTE,
  broker: "broker:8883",
  error: state === "down" ? "ECONNREFUSED" : null,
});
/** ThingSpeak, and since how many minutes it is so. */
export const thingspeak = (isReachable: boolean | null, minutesAgo = 600) => ({
  isReachable,
  since: NOW - minutesAgo * MINUTE,
  reason: isReachable === false ? "cannot be reached" : null,
});

/** All is well. */
export const fine: WatchFacts = {
  now: NOW,
  awakeSince: 0,
  timeZone: "Europe/Helsinki",
  link: link("up"),
  bridges: [],
  devices: [],
  topics: [topic("a", 0.2), topic("b", 0.4), topic("c", 0.1)],
  thingspeak: thingspeak(true),
  fields: [field(1, 1), field(2, 1)],
};
