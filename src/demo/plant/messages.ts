import { PLANT_FIELDS } from "./fields.ts";
import type { Limit, LimitNews } from "./limits.ts";

const SOURCE = "AMB-1";
const CABINET = "Cabinet K1";
const WARNING_TOPIC = "lut/AMBsystem/warnings/chatbot";

/** An MQTT message to publish. */
export interface PlantMessage {
  readonly topic: string;
  readonly payload: string;
  readonly qos: 0 | 1;
  readonly retain: boolean;
}

/** A limit is exceeded, still is, or is not any more. @param at epoch ms */
export function limitMessage(at: number, limit: Limit, news: LimitNews, value: number): PlantMessage {
  const { unit, number: field } = limit.field;
  const { id, text: message, limit: bound } = limit;
  return jsonWarning({ id, timestamp: toIso(at), source: SOURCE, message, ...news, value, unit, limit: bound, field });
}

/** A module of the cabinet lost its supply, or has it back. @param at epoch ms */
export function moduleMessage(at: number, module: string, severity: string, isDown: boolean): PlantMessage {
  const [id, state] = [`supply-${module}`, isDown ? "active" : "cleared"];
  return jsonWarning({ id, timestamp: toIso(at), source: CABINET, message: `${module}: no supply`, severity, state });
}

/** Something worth knowing that needs nobody. @param at epoch ms */
export function noteMessage(at: number, message: string): PlantMessage {
  return jsonWarning({ timestamp: toIso(at), source: SOURCE, message, severity: "info" });
}

/** A sensor died or is back: in words only, as the plant of the thesis sends its warnings. */
export function sensorMessage(field: number, isDead: boolean): PlantMessage {
  const label = PLANT_FIELDS.find(({ number }) => number === field)?.label.toLowerCase();
  return warning(isDead ? `${SOURCE}: no signal from ${label} sensor` : `[info] ${SOURCE}: ${label} sensor is back`);
}

/** A point of measurements for ThingSpeak's many-fields topic; a value that is not there is left out. */
export function pointMessage(topic: string, at: number, values: ReadonlyMap<number, number>): PlantMessage {
  const fields = [...values].map(([number, value]) => `field${number}=${value}`);
  // ThingSpeak takes QoS 0 only, and nothing retained.
  return { topic, payload: [...fields, `created_at=${toIso(at)}`].join("&"), qos: 0, retain: false };
}

function jsonWarning(content: object): PlantMessage {
  return warning(JSON.stringify(content));
}

function warning(payload: string): PlantMessage {
  return { topic: WARNING_TOPIC, payload, qos: 1, retain: false };
}

function toIso(at: number): string {
  return new Date(at).toISOString();
}
