import type { EventState, MeasuredSpan } from "../../quality/types.ts";
import type { Queries } from "../sql/database.ts";
import { READING_SESSIONS } from "./reader.ts";

/** Reads, and changes nothing. */
export type Reading = Pick<Queries, "all">;

/** Read at a time: some milliseconds, and a megabyte of text. */
const STEP = 20_000;

/**
 * Hands out the events of a span in the order in which they came.
 * @param span.first the first event of the span, and the first after it
 * @param take is told of each: its alarm, when it came, how bad it was, and in which state
 */
export async function eachEvent(
  reading: Reading,
  { startAt, endAt, first, end }: MeasuredSpan & { readonly first: number; readonly end: number },
  take: (alarm: number, at: number, rank: number, state: EventState) => void,
): Promise<void> {
  let lately = startAt;
  const ask = async (from: number): Promise<PackedEvents> => {
    // The fewer digits, the sooner.
    const base = lately;
    const to = Math.min(from + STEP, end);
    const [row] = await reading.all<{ packed: string | null }>(PACKED, startAt, endAt, from, to, base);
    return { base, packed: row?.packed ?? "" };
  };
  for await (const { base, packed } of askedAhead(first, end, ask)) {
    unpack(packed, (alarm, code) => {
      lately = base + Math.floor(code / 16);
      take(alarm, lately, (code >> 2) & 3, STATES[code & 3] ?? null);
    });
  }
}

/** Events in one text; their times are counted from `base`. */
interface PackedEvents {
  readonly base: number;
  readonly packed: string;
}

/** Asks for the next steps while one is read: a server packs them meanwhile. */
async function* askedAhead(
  first: number,
  end: number,
  ask: (from: number) => Promise<PackedEvents>,
): AsyncGenerator<PackedEvents> {
  const asked: Promise<PackedEvents>[] = [];
  let from = first;
  const askNext = (): void => {
    if (from >= end) return;
    const next = ask(from);
    // What is not waited for any more fails unheard.
    next.catch(() => undefined);
    asked.push(next);
    from += STEP;
  };
  for (let i = 0; i < READING_SESSIONS; i++) askNext();
  for (let next = asked.shift(); next !== undefined; next = asked.shift()) {
    const step = await next;
    askNext();
    yield step;
  }
}

/**
 * Millions of rows take longer to become objects than to be read: the database makes one text of many events, two numbers each: whose it
 * is; and when it came (after an instant that is near, or before it, where the clock was set back), how bad, and in which state.
 */
const PACKED = `SELECT string_agg(event, ' ') AS packed FROM (
  SELECT alarm_id || ' ' || ((received_at - CAST($5 AS BIGINT)) * 16 + severity * 4 +
    CASE state WHEN 'active' THEN 1 WHEN 'cleared' THEN 2 WHEN 'unclear' THEN 3 ELSE 0 END) AS event
  FROM events WHERE received_at >= $1 AND received_at < $2 AND id >= $3 AND id < $4 ORDER BY id
) AS packed_events`;
const STATES: readonly EventState[] = [null, "active", "cleared", "unclear"];
const MINUS = 45;
const ZERO = 48;

/** Hands out each event of a packed text. */
function unpack(packed: string, take: (alarm: number, code: number) => void): void {
  let [alarm, number, sign, isCode] = [0, 0, 1, false];
  for (let i = 0; i < packed.length; i++) {
    const letter = packed.charCodeAt(i);
    if (letter >= ZERO) number = number * 10 + letter - ZERO;
    else if (letter === MINUS) sign = -1;
    else {
      if (isCode) take(alarm, sign * number);
      else alarm = number;
      isCode = !isCode;
      number = 0;
      sign = 1;
    }
  }
  if (isCode) take(alarm, sign * number);
}
