import type { ControllerSettings } from "./controller-settings.ts";
import type { SimulatedDevice } from "./device.ts";
import { roundReading } from "./fields.ts";
import { createLimitWatch, LIMITS } from "./limits.ts";
import type { SimulatedMessage } from "./message.ts";
import type { Scan } from "./scan.ts";
import { modulesAt } from "./supply-dip.ts";
import { createWarnings } from "./warnings.ts";

/** What a controller's program says of what is wrong; it remembers what it has said. @returns what is to be published */
type AlarmProgram = (scan: Scan) => SimulatedMessage[];

/** Writes one for the kinds that are sent: warnings, and a tripped drive to the phone app, if there is one. */
export function createAlarmProgram(settings: ControllerSettings, device: SimulatedDevice): AlarmProgram {
  const { machine, send } = settings;
  const warnings = createWarnings(machine, settings.warningTopic);
  const watches = LIMITS.map((limit) => ({ limit, watch: createLimitWatch(limit) }));
  let deadField: number | null = null;
  let trip: { readonly slot: SimulatedMessage | null } | null = null;

  function tellSensor(nowDead: number | null): SimulatedMessage[] {
    const wasDead = deadField;
    deadField = nowDead;
    if (nowDead === wasDead) return [];
    const back = wasDead === null ? [] : [warnings.sensor(wasDead, false)];
    return nowDead === null ? back : [...back, warnings.sensor(nowDead, true)];
  }

  /** On the ring of the phone app, if there is one: the slot is emptied when it is over. */
  function tellTrip(at: number, isTripped: boolean): SimulatedMessage[] {
    if (isTripped === (trip !== null)) return [];
    if (isTripped) {
      const slot = send.has("twincat") ? device.messages.message(at, "Critical", "Drive tripped") : null;
      trip = { slot };
      return [slot ?? warnings.trip(at, true)];
    }
    const slot = trip?.slot ?? null;
    trip = null;
    return [slot === null ? warnings.trip(at, false) : { ...slot, payload: Buffer.alloc(0) }];
  }

  function tellWarnings({ at, cycleMs, readings }: Scan): SimulatedMessage[] {
    const messages: SimulatedMessage[] = [];
    for (const { limit, watch } of watches) {
      if (limit.field.number === deadField) continue;
      const value = roundReading(readings, limit.field);
      const news = watch(at, value);
      if (news !== null) messages.push(warnings.limit(at, limit, news, value));
    }
    if (cycleMs === null) return messages;
    const modules = modulesAt(cycleMs);
    return [...messages, ...modules.map(({ name, severity, isDown }) => warnings.module(at, name, severity, isDown))];
  }

  return (scan) => {
    const { at, disturbance } = scan;
    return [
      ...(send.has("warnings") ? [...tellSensor(disturbance.deadField), ...tellWarnings(scan)] : []),
      ...(send.has("warnings") || send.has("twincat") ? tellTrip(at, disturbance.isTripped) : []),
    ];
  };
}
