import { formatInstant, isSameDay } from "../../lib/time/time.ts";
import { timeView, type Html } from "../api/render.ts";

/** An instant on a card: each reader sees it by their own clock, and old clients by that of the chat. */
export function instantView(at: number, timeZone: string, now: number): Html {
  return timeView(at, isSameDay(at, now, timeZone) ? "time" : "date and time", formatInstant(at, timeZone, now));
}
