import { z } from "zod";
import { DEFAULT_ESCALATIONS } from "../alarms/lifecycle/escalation-plan.ts";
import type { Destination } from "../alarms/types.ts";
import { alarmRules } from "./alarm-schema.ts";
import { chatsSchema, severityWords, topicNames } from "./chats-schema.ts";
import { deviceLimits } from "./limit-schema.ts";
import { dutyOf } from "./duty-schema.ts";
import { DEFAULT_PLANTS } from "./plants.ts";
import { addresseeAmong, destinationAmong, escalationTo, routeTo } from "./route-schema.ts";
import { list, oneOrMore, section, timeOfDay } from "./schema-parts.ts";
import { bridge, channel, field, file, heartbeat } from "./source-schema.ts";

/** The form of the whole plants file. `chats` are those that it names, as far as they could be read; `hasDuty`: it says who is on duty. */
export const plantsSchema = (chats: ReadonlyMap<string, Destination>, hasDuty: boolean) => {
  const destination = destinationAmong(chats);
  const addressee = addresseeAmong(chats, hasDuty);
  return section({
    chats: chatsSchema.default(DEFAULT_PLANTS.chats),
    routes: list(routeTo(addressee)).default([]),
    escalation: section({
      info: escalationTo(addressee, DEFAULT_ESCALATIONS.info),
      warning: escalationTo(addressee, DEFAULT_ESCALATIONS.warning),
      error: escalationTo(addressee, DEFAULT_ESCALATIONS.error),
      critical: escalationTo(addressee, DEFAULT_ESCALATIONS.critical),
    }).default(DEFAULT_ESCALATIONS),
    duty: dutyOf(destination, chats).nullable().default(null),
    alarms: alarmRules.default([]),
    shifts: list(timeOfDay)
      .min(1, "names no shift")
      .default([...DEFAULT_PLANTS.shiftStarts]),
    quality: oneOrMore(destination).default([]),
    severities: severityWords.default(DEFAULT_PLANTS.severities),
    names: topicNames.default(DEFAULT_PLANTS.names),
    heartbeats: list(heartbeat)
      .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, "has a name twice: give each its own")
      .default([]),
    confirm: z.union([z.literal(1), z.literal(2)], "must be 1 or 2").default(DEFAULT_PLANTS.confirm),
    bridges: list(bridge)
      .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, "has a name twice: give each its own")
      .default([]),
    devices: list(deviceLimits)
      .refine((all) => new Set(all.map(({ device }) => device)).size === all.length, "has a device twice")
      .default([]),
    channels: list(channel)
      .refine((all) => new Set(all.map((one) => one.channel)).size === all.length, "has a channel twice")
      .default([]),
    file: file.nullable().default(null),
    fields: list(field)
      .refine((all) => new Set(all.map((one) => one.field)).size === all.length, "has a field twice")
      .default([]),
  });
};
