/** The bounds of the definitions, of ISA-18.2 and EEMUA 191 where those have them. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export const TEN_MINUTES_MS = 10 * MINUTE_MS;
/** A flood begins when more than so many came in ten minutes, and ends when fewer than so many did. */
export const FLOOD_ABOVE = 10;
export const FLOOD_BELOW = 5;
/** An alarm chatters that comes so often within a minute. */
export const CHATTER_COUNT = 3;
export const CHATTER_MS = 60 * SECOND_MS;
/** An alarm is fleeting that is over so soon, and neither had come in the minute before nor comes again in the one after. */
export const FLEETING_MS = 10 * SECOND_MS;
/** An alarm is stale that stands for longer. */
export const STALE_MS = 24 * HOUR_MS;
/** What is told later than so long after it was received is late. */
export const LATE_MS = 60 * SECOND_MS;
/** How many are the most frequent. */
export const WORST = 10;
