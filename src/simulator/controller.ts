import { createAlarmProgram } from "./alarm-program.ts";
import type { ControllerSettings } from "./controller-settings.ts";
import type { SimulatedDevice } from "./device.ts";
import type { SimulatedMessage } from "./message.ts";
import { createSampler } from "./sampler.ts";
import { isNow, type Scan } from "./scan.ts";
import { noteAt } from "./troubles.ts";

/** The PLC of the thesis: looks at its sensors, and says what its program has it say. */
export interface Controller {
  /** What it publishes at a whole second. */
  scan(scan: Scan): SimulatedMessage[];
  /** The bulk message that has begun. @param now what the clock shows, epoch ms */
  flush(now: number): SimulatedMessage[];
}

/** Starts one; `device` is its part for the phone app. */
export function createController(settings: ControllerSettings, device: SimulatedDevice): Controller {
  const alarms = createAlarmProgram(settings, device);
  const sampler = createSampler(settings);

  function tellDevice(scan: Scan): SimulatedMessage[] {
    const { at, now, cycleMs } = scan;
    const note = cycleMs === null ? null : noteAt(cycleMs);
    return [
      ...(note === null ? [] : [device.messages.message(at, "Info", note)]),
      // Live values of the past are of no use to anybody.
      ...(isNow(at, now) ? device.tick(scan) : []),
    ];
  }

  return {
    scan: (scan) => [
      ...alarms(scan),
      ...(settings.send.has("twincat") ? tellDevice(scan) : []),
      ...sampler.sample(scan),
    ],
    flush: sampler.flush,
  };
}
