import { SENSORS } from "./fields.ts";
import type { MachineLimit, LimitNews } from "./limits.ts";
import { toIso, type SimulatedMessage } from "./message.ts";

/** Warnings as the thesis' PLC sends them to the bot: JSON where a program wrote them, words where a person did. */
export interface Warnings {
  /** A limit is exceeded, still is, or is not any more. @param at epoch ms */
  limit(at: number, limit: MachineLimit, news: LimitNews, value: number): SimulatedMessage;
  /** A module of the cabinet lost its supply, or has it back. @param at epoch ms */
  module(at: number, module: string, severity: string, isDown: boolean): SimulatedMessage;
  /** A sensor died or is back: in words only. */
  sensor(field: number, isDead: boolean): SimulatedMessage;
  /** The drive has tripped, or runs again. @param at epoch ms */
  trip(at: number, isTripped: boolean): SimulatedMessage;
}

const CABINET = "Cabinet K1";

/** Makes the warnings of one machine. @param topic where they are published, QoS 1 */
export function createWarnings(machine: string, topic: string): Warnings {
  const warning = (text: string): SimulatedMessage => ({ topic, payload: Buffer.from(text), qos: 1, retain: false });
  const json = (content: object): SimulatedMessage => warning(JSON.stringify(content));
  return {
    limit(at, { id, field, text, limit }, news, value) {
      const { unit, number } = field;
      const about = { id, timestamp: toIso(at), source: machine, message: text };
      return json({ ...about, ...news, value, unit, limit, field: number });
    },
    module(at, module, severity, isDown) {
      const [id, state] = [`supply-${module}`, isDown ? "active" : "cleared"];
      return json({ id, timestamp: toIso(at), source: CABINET, message: `${module}: no supply`, severity, state });
    },
    sensor(field, isDead) {
      const label = SENSORS.find(({ number }) => number === field)?.label.toLowerCase();
      return warning(`${isDead ? "" : "CLEARED: "}${machine}: no signal from ${label} sensor`);
    },
    trip(at, isTripped) {
      const state = isTripped ? "active" : "cleared";
      const about = { id: "drive-trip", timestamp: toIso(at), source: machine, message: "Drive tripped" };
      return json({ ...about, severity: "critical", state });
    },
  };
}
