import type { AlarmRule } from "../alarms/lifecycle/alarm-rule.ts";
import { DEFAULT_ESCALATIONS, type Escalations } from "../alarms/lifecycle/escalation-plan.ts";
import type { Route } from "../alarms/cards/route.ts";
import type { Destination } from "../alarms/types.ts";
import type { TopicNames } from "../alarms/origin.ts";
import type { Addressee } from "../duty/addressee.ts";
import type { DutySetting } from "../duty/weekly.ts";
import type { SeverityWords } from "../alarms/severity.ts";
import type { DeviceLimits } from "../limits/member-limits.ts";
import type { LimitRule } from "../limits/rule.ts";
import type { FieldSetting } from "../measurements/measurement.ts";
import type { OwnColumns } from "../measurements/own-columns.ts";
import type { LiveField } from "../measurements/live-fields.ts";

/** A sign of life to wait for: messages on a topic, or entries with a field. One of the two is `null`. */
export interface HeartbeatSetting {
  /** An MQTT topic filter: whatever comes on it is a beat. */
  readonly topic: string | null;
  /** ThingSpeak field 1…8. */
  readonly field: number | null;
  /** How often it comes; `null`: to be learned. */
  readonly everyMs: number | null;
  /** As people call it; no two have the same. */
  readonly name: string;
}

/** Something between the plant and the broker that says itself whether it is there. */
export interface BrokerBridge {
  /** As people call it; no two have the same. */
  readonly name: string;
  /** Where it says so, retained: `1` or `0`, or in words. */
  readonly topic: string;
}

/** The keys of a ThingSpeak channel that the plant writes to. */
interface ChannelSetting {
  readonly channel: number;
  readonly writeKey: string | null;
  readonly readKey: string | null;
}

/** What an admin says about the plants and who cares for them. */
export interface Plants {
  /** By the names that routes and commands use. */
  readonly chats: Readonly<Record<string, Destination>>;
  readonly routes: readonly Route<Addressee>[];
  readonly escalation: Escalations<Addressee>;
  /** Who is on duty; `null`: nobody keeps a rota here. */
  readonly duty: DutySetting | null;
  /** What holds for single alarms. */
  readonly alarms: readonly AlarmRule[];
  /** When shifts start, ascending, in minutes after midnight. */
  readonly shiftStarts: readonly number[];
  /** Who gets the report on the quality of alarms on the first of a month. */
  readonly quality: readonly Destination[];
  /** The site's own words for severities, in small letters. */
  readonly severities: SeverityWords;
  /** What people call the machines behind topics that name none themselves. */
  readonly names: TopicNames;
  readonly heartbeats: readonly HeartbeatSetting[];
  readonly bridges: readonly BrokerBridge[];
  /** How many people have to agree before a value is written to a device. */
  readonly confirm: 1 | 2;
  /** The TwinCAT devices whose own limits are alarms. */
  readonly devices: readonly DeviceLimits[];
  /** The channels that are written to, besides the one of the settings. */
  readonly channels: readonly ChannelSetting[];
  /** What the columns of the file hold that is plotted, where they have names of its own; `null`: it does not say. */
  readonly file: OwnColumns | null;
  /** What ThingSpeak has no place for, the limits that raise alarms (`rules`), and on which topics values come where there is no ThingSpeak. */
  readonly fields: readonly (FieldSetting &
    LiveField & { readonly name: string | null; readonly rules: readonly LimitRule[] })[];
}

/** What holds without a plants file, and for what it leaves out. */
export const DEFAULT_PLANTS: Plants = {
  chats: {},
  routes: [],
  escalation: DEFAULT_ESCALATIONS,
  duty: null,
  alarms: [],
  shiftStarts: [6 * 60, 14 * 60, 22 * 60],
  quality: [],
  severities: new Map(),
  names: new Map(),
  heartbeats: [],
  confirm: 1,
  bridges: [],
  devices: [],
  channels: [],
  file: null,
  fields: [],
};
