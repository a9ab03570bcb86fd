import type { Alarm, Destination } from "../types.ts";

/**
 * The alarm once somebody else is on duty: what was passed on to whoever was before, and is still to be done, is passed on to them. What
 * somebody acknowledged or shelved stays with those who were told of it.
 */
export function relieved(alarm: Alarm, onDuty: Destination): Alarm {
  const { passedOn, shelf, returned } = alarm.handling;
  const isToBeDone = alarm.acknowledgedAt === null && shelf === null && (alarm.state === "active" || returned !== null);
  const isFormer = ({ isByDuty, chatId }: Destination): boolean => isByDuty === true && chatId !== onDuty.chatId;
  if (!isToBeDone || !passedOn?.some(isFormer)) return alarm;
  const present = { ...onDuty, isByDuty: true } as const;
  return {
    ...alarm,
    handling: { ...alarm.handling, passedOn: passedOn.map((to) => (isFormer(to) ? present : to)) },
  };
}
