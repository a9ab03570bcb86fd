import { formatInstant, formatMinute } from "../../lib/time/time.ts";
import { timeView, type Html } from "../api/render.ts";

/** An instant on a card: each reader sees it by their own clock, and old clients by that of the chat. */
export function instantView(at: number, timeZone: string, now: number): Html {
  const [day, today] = [at, now].map((one) => formatMinute(one, timeZone).slice(0, "2026-11-22".length));
  return timeView(at, day === today ? "time" : "date and time", formatInstant(at, timeZone, now));
}
