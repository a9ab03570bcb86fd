import type { AlarmSide } from "./alarm-side.ts";
import type { ChatSide } from "./chat-side.ts";
import type { Ground } from "./ground.ts";
import type { MeasuringSide } from "./measuring-side.ts";
import type { Plant } from "./plant/plant.ts";
import type { Upkeep } from "./upkeep.ts";

/** The parts of the app, in the order in which they are built. */
export interface Sides {
  readonly ground: Ground;
  readonly alarms: AlarmSide;
  readonly measuring: MeasuringSide;
  readonly plant: Plant;
  readonly upkeep: Upkeep;
  readonly chat: ChatSide;
}
