import { z } from "zod";
import type { Clock } from "../../lib/time/clock.ts";
import type { Config } from "../../config/config.ts";
import { withDeadline } from "../../lib/time/deadline.ts";
import { createActiveApp } from "../../devices/active-app.ts";
import { Devices } from "../../devices/devices.ts";
import { NO_DEVICES, type Device, type KeptDevices, type Member } from "../../devices/types.ts";
import { RX_DATA } from "../../devices/topics.ts";
import { writeMessage } from "../../devices/write.ts";
import type { Logger } from "../../lib/log.ts";
import type { MqttSession } from "../../mqtt/session.ts";
import type { Watchdog } from "../../watchdog/watchdog.ts";
import { createMemberAccess, type DeviceKnowledge, type MemberAccess } from "../../devices/member-access.ts";
import type { MemberBook } from "../../devices/member-book.ts";
import type { Recorder } from "../../recorder/recorder.ts";
import { memberSeries } from "../../sources/member-source.ts";
import type { KeyValue } from "../../store/sql/key-value.ts";
import { createTicker } from "../../lib/time/ticker.ts";
import type { OnUnread } from "../../measurements/unread.ts";

/** TwinCAT's devices, as the vendor's phone app has them: what they say, and that we look on. */
export interface TwinCat {
  readonly devices: Devices;
  /** Which members somebody may see plotted. */
  readonly members: MemberAccess;
  /** The number by which a member is plotted; `null`: it has no plot, as it has no numbers. */
  numberOf(device: Pick<Device, "root">, member: Pick<Member, "group" | "path">): number | null;
  /** Writes a value; rejects when the broker does not have it, and never sends it later. */
  write(root: string, path: string, value: number | boolean | string): Promise<void>;
  /** Asks a device for all its values, where devices are told that somebody looks on. */
  ask(root: string): void;
  start(): void;
  /** To be called while the broker can still be told. */
  stop(): Promise<void>;
  /** Keeps what the next run must know. */
  readonly save: () => Promise<void>;
}

const NAME = "devices";
const SECOND = 1_000;
/** An answer at the end is not waited for any longer. */
const STOP_MS = 2_000;

/** What TwinCAT’s devices are wired to. */
interface TwinCatOptions {
  readonly config: Pick<Config, "twincat" | "mqtt">;
  readonly keyValue: KeyValue;
  readonly members: MemberBook;
  readonly severityOf: DeviceKnowledge["severityOf"];
  /** Takes each number that comes. */
  readonly onNumber: Recorder["record"];
  /** As it is when the program runs; so is `watchdog`. */
  readonly broker: () => Pick<MqttSession, "publish" | "send" | "status">;
  readonly watchdog: () => Pick<Watchdog, "devices">;
  readonly onUnread: OnUnread;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Opens them with what the last run knew.
 */
export async function openTwinCat(options: TwinCatOptions): Promise<TwinCat> {
  const { config, keyValue, members, severityOf, onNumber, broker, onUnread, clock, log } = options;
  let kept = await readKept(keyValue, log);
  const devices = new Devices({
    kept,
    onUnread,
    onValue(device, member) {
      const { value, at } = member;
      if (at === null || (typeof value !== "number" && typeof value !== "boolean")) return;
      if (members.note(device, member)) onNumber(memberSeries(device.root, member), at, Number(value));
    },
  });
  const app = activeAppOf(options, devices);
  const ticker = createTicker({
    what: "telling devices that we look on",
    work: async () => (broker().status().isConnected ? app.tick() : undefined),
    everyMs: SECOND,
    clock,
    log,
  });
  async function save(): Promise<void> {
    await members.save();
    const now = devices.kept();
    if (now === kept) return;
    await keyValue.write(NAME, now);
    kept = now;
  }
  /** After a crash, a number that a button names is not to be another's, nor a live card without its device. */
  const saving = createTicker({
    what: "keeping what is known of devices",
    work: save,
    everyMs: SECOND,
    clock,
    log,
  });
  const isActive = config.twincat.isActive && config.twincat.mainTopics.length > 0;

  return {
    devices,
    members: createMemberAccess(members, { devices, severityOf }),
    numberOf: ({ root }, member) => members.of(root, member)?.number ?? null,
    write: (root, path, value) =>
      broker().publish({ topic: root + RX_DATA, payload: writeMessage(path, value), isRetained: false }),
    ask: app.ask,
    start() {
      saving.start();
      if (isActive) ticker.start();
    },
    async stop() {
      await Promise.all([ticker.stop(), saving.stop()]);
      const late = () => new Error(`not told within ${STOP_MS} ms`);
      await withDeadline(app.stop(), STOP_MS, late).catch((error: unknown) =>
        log.info({ reason: String(error) }, "devices were not told that we look on no more"),
      );
    },
    save,
  };
}

/** Tells devices that somebody looks on, but those that are known to be offline. */
function activeAppOf(
  { config, broker, watchdog, clock, log }: TwinCatOptions,
  devices: Devices,
): ReturnType<typeof createActiveApp> {
  return createActiveApp({
    clientId: config.mqtt.clientId,
    devices: () => devices.list(),
    offline: () =>
      new Set(
        watchdog()
          .devices()
          .filter(({ isUp }) => isUp === false)
          .map(({ root }) => root),
      ),
    publish: (topic, payload) => broker().publish({ topic, payload, isRetained: false }),
    send: (topic, payload) => broker().send({ topic, payload, isRetained: false }),
    now: clock.now,
    onFailure: (root, error) =>
      log.info({ device: root, reason: String(error) }, "could not tell a device that we look on"),
  });
}

const keptForm = z.object({
  lastNumber: z.number(),
  devices: z.array(
    z.object({
      number: z.number(),
      root: z.string(),
      permittedUsers: z.array(z.string()).nullable(),
      icon: z.string().nullable(),
    }),
  ),
});

/** What the last run knew of devices. Where that is not understood, each is for admins alone until it says itself whom it permits. */
async function readKept(keyValue: KeyValue, log: Logger): Promise<KeptDevices> {
  const { data, error } = keptForm.nullable().safeParse(await keyValue.read(NAME));
  if (error)
    log.error(
      { err: error },
      "could not read what was kept of devices: they are known anew as they tell of themselves",
    );
  return data ?? NO_DEVICES;
}
