import type { Alarm, Person } from "../types.ts";

/** Whether somebody is one of those who have seen an alarm that two have to acknowledge. At the plant, all have the same number. */
export const hasSeen = ({ handling }: Alarm, by: Person): boolean =>
  handling.seenBy.some(({ userId, name }) => userId === by.userId && (userId !== 0 || name === by.name));

/** Those who have seen it, in a sentence. */
export const jointNames = (people: readonly Pick<Person, "name">[]): string =>
  people.map(({ name }) => name).join(" and ");
