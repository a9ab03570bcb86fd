import type { Severity } from "../alarms/types.ts";
import { openMemberBook, type MemberBook } from "../devices/member-book.ts";
import type { Recorder } from "../recorder/recorder.ts";
import { createMemberTable } from "../store/members.ts";
import type { AlarmSide } from "./alarm-side.ts";
import { createBridging, type Bridging } from "./measurements/bridging.ts";
import type { Ground } from "./ground.ts";
import { Limiting } from "./measurements/limiting.ts";
import { createFeed, type Feed } from "./measurements/feed.ts";
import { createRecording, type Recording } from "./measurements/recording.ts";
import type { Upkeep } from "./upkeep.ts";
import { openFileColumns, type FileColumns } from "../sources/file-columns.ts";
import { openTwinCat, type TwinCat } from "./measurements/twincat.ts";

/** Whatever measures: what is kept of it, held against limits, handed on to ThingSpeak. */
export interface MeasurementSide {
  readonly recording: Recording;
  readonly twincat: TwinCat;
  readonly feed: Feed;
  /** `null`: no file is plotted. */
  readonly fileColumns: FileColumns | null;
  readonly limiting: Limiting;
  readonly bridging: Bridging;
}

/** Opens recording, devices, plots, limits and the way to ThingSpeak, in this order. */
export async function openMeasurementSide(
  ground: Ground,
  { store, formerClock, notifier }: AlarmSide,
): Promise<MeasurementSide> {
  const { config, plants, later, database, worker, unread, meters, lease, teardown, clock, log } = ground;
  const readSpace: Upkeep["readSpace"] = () => later.get("upkeep").readSpace();
  const recording = await createRecording({ config, database, readSpace, clock, log });
  const { recorder } = recording;
  teardown.add("what is recorded", () => recorder.save());
  /** It is recorded, and held against its limits. */
  const onValue: Recorder["record"] = (key, at, value) => {
    recorder.record(key, at, value);
    later.get("limiting").take(key, at, value);
  };
  const members = await openMemberBook(createMemberTable(database));
  const severityOf = (device: string): Severity =>
    plants.devices.find(({ device: name }) => name === device)?.severity ?? "warning";
  const onUnread = unread.add;
  const twincat = await openTwinCat({
    config,
    keyValue: store.keyValue,
    members,
    severityOf,
    onNumber: onValue,
    broker: () => later.get("broker").mqtt,
    watchdog: () => later.get("broker").watchdog,
    onUnread,
    clock,
    log,
  });
  teardown.add("what is known of devices", twincat.save);
  const devices = { devices: twincat.devices, severityOf };
  const fileColumns =
    config.feedFile === null
      ? null
      : await openFileColumns({ path: config.feedFile, keyValue: store.keyValue, plantsFile: () => plants.file });
  const feed = createFeed({
    config,
    fileColumns,
    plants,
    recorder,
    onValue,
    members,
    devices,
    worker,
    database,
    store,
    onUnread,
    now: clock.now,
    log,
  });
  teardown.add("the source of numbers", feed);
  const limiting = limitingOf(ground, { store, notifier }, { recorder, feed, twincat, members });
  later.built("limiting", limiting);
  teardown.add("what is to be told of limits", limiting.save);
  const bridging = await createBridging({
    config,
    plants,
    database,
    notifier,
    onEntries: feed.takeEntries,
    mayAct: lease.isHeld,
    onRetry: (why) => meters.retriedOut("thingspeak", why),
    clock,
    formerClock,
    log,
  });
  return { recording, twincat, feed, fileColumns, limiting, bridging };
}

/** What is measured, and what devices tell, held against its limits. */
function limitingOf(
  { config, plants, clock, log }: Ground,
  { store, notifier }: Pick<AlarmSide, "store" | "notifier">,
  parts: Pick<MeasurementSide, "feed" | "twincat"> & { readonly recorder: Recorder; readonly members: MemberBook },
): Limiting {
  const { recorder, feed, twincat, members } = parts;
  return new Limiting({
    config,
    plants,
    devices: () => twincat.devices.list(),
    numberOf(root, member) {
      const stored = members.of(root, member);
      return stored?.isOpen === true ? stored.number : null;
    },
    recorder,
    feed,
    store,
    notifier,
    clock,
    log,
  });
}
