import type { AlarmSide } from "./alarm-side.ts";
import type { ChatSide } from "./chat-side.ts";
import type { Ground } from "./ground.ts";
import type { MeasurementSide } from "./measurement-side.ts";
import type { BrokerSide } from "./broker/broker-side.ts";
import type { Upkeep } from "./upkeep.ts";

/** The parts of the app, in the order in which they are built. */
export interface Sides {
  readonly ground: Ground;
  readonly alarms: AlarmSide;
  readonly measurements: MeasurementSide;
  readonly broker: BrokerSide;
  readonly upkeep: Upkeep;
  readonly chat: ChatSide;
}
