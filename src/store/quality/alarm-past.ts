import { decode, type DecodeOptions } from "../../alarms/payloads/decode.ts";
import { isInScope, type Scope } from "../../alarms/payloads/own.ts";
import { rawEvent } from "../../alarms/payloads/raw-event.ts";
import type { AlarmEvent } from "../../alarms/event.ts";
import type { PlantMessage } from "../../alarms/plant-message.ts";
import { SEVERITIES, type Alarm } from "../../alarms/types.ts";
import type { PastAct } from "../../quality/replay.ts";
import { WARM_UP_MS } from "../../quality/seen-times.ts";
import { foretell, type PastLine, type WhatIf, type WhatIfOptions } from "../../quality/what-if.ts";
import { UNTIL_CLEARED } from "../../alarms/handling-parts.ts";
import { findAlarmById } from "../alarms/alarms.ts";
import { firstEventSince } from "../alarms/events.ts";
import type { Reading } from "./packed-events.ts";

/** Of which alarm it is asked, by whose rules, and how its messages are read. */
export interface WhatIfRequest extends Omit<WhatIfOptions, "alarm"> {
  readonly alarmId: number;
  readonly scope: Scope;
  readonly reading: DecodeOptions;
}

/** Read at a time: some hundred kilobytes, and 64 megabytes where each message is as long as can be. */
const STEP = 1_000;
/** So many messages of no more than that are remembered; what is longer hardly comes twice. */
const MAX_KNOWN = 1_000;
const MAX_KNOWN_BYTES = 1_000;

/** Foretells what rules would have done for an alarm, from what is stored; `null`: there is no such alarm in that scope. */
export async function readWhatIf(reading: Reading, request: WhatIfRequest): Promise<WhatIf | null> {
  const alarm = await findAlarmById(reading, request.alarmId);
  if (alarm === null || !isInScope(alarm, request.scope)) return null;
  const since = await heldSince(reading, request.alarmId, request.startAt - WARM_UP_MS);
  const first = await firstEventSince(reading, since);
  const acts = await readActs(reading, request.alarmId, since, request.endAt);
  return foretell(() => pastOf(reading, alarm, first, acts, request), { ...request, alarm });
}

/**
 * From when on the past has to be known to know it then: what was put aside is so until its time runs out, and what was acknowledged until it is
 * over, through all that comes.
 */
async function heldSince(reading: Reading, alarmId: number, at: number): Promise<number> {
  const [shelved, acknowledged] = await Promise.all([
    newestOf(reading, alarmId, at, ["shelve", "unshelve"]),
    newestOf(reading, alarmId, at, ["acknowledge", "takeBack", "reset", "close"]),
  ]);
  const isAside = shelved?.action === "shelve" && (shelved.until ?? UNTIL_CLEARED) > at;
  const isInHand =
    acknowledged?.action === "acknowledge" && !(await wasOver(reading, alarmId, { from: acknowledged.at, to: at }));
  const since = [isAside && shelved.at - WARM_UP_MS, isInHand && acknowledged.at - WARM_UP_MS];
  return Math.min(at, ...since.filter((one) => one !== false));
}

/** The newest of some acts before an instant. */
async function newestOf(
  reading: Reading,
  alarmId: number,
  before: number,
  actions: readonly string[],
): Promise<{ readonly at: number; readonly action: string; readonly until: number | null } | undefined> {
  const [newest] = await reading.all<{ at: number; action: string; until: number | null }>(
    `SELECT acted_at AS at, action, until_at AS "until" FROM actions
     WHERE alarm_id = $1 AND acted_at < $2 AND action IN (${actions.map((one) => `'${one}'`).join()}) ORDER BY id DESC LIMIT 1`,
    alarmId,
    before,
  );
  return newest;
}

async function wasOver(
  reading: Reading,
  alarmId: number,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<boolean> {
  const ends = await reading.all(
    "SELECT 1 AS x FROM events WHERE alarm_id = $1 AND received_at > $2 AND received_at < $3 AND state = 'cleared' LIMIT 1",
    alarmId,
    from,
    to,
  );
  return ends.length > 0;
}

interface EventRow {
  readonly id: number;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly received_at: number;
  readonly occurred_at: number | null;
  readonly severity: number;
  readonly state: AlarmEvent["state"];
  readonly value: number | null;
}

async function* pastOf(
  reading: Reading,
  { id: alarmId, key }: Alarm,
  first: number,
  acts: readonly PastAct[],
  { endAt, reading: options }: WhatIfRequest,
): AsyncGenerator<readonly PastLine[]> {
  const readAgain = createReader(key, options);
  let next = 0;
  const actsUpTo = (at: number): PastLine[] => {
    const from = next;
    while ((acts[next]?.at ?? Number.POSITIVE_INFINITY) < at) next += 1;
    return acts.slice(from, next).map((act) => ({ kind: "act", act }));
  };
  for (let from: number | null = first; from !== null;) {
    const rows: readonly EventRow[] = await reading.all<EventRow>(
      `SELECT id, topic, payload, received_at, occurred_at, severity, state, value FROM events
       WHERE alarm_id = $1 AND id >= $2 AND received_at < $3 ORDER BY id LIMIT ${STEP}`,
      alarmId,
      from,
      endAt,
    );
    yield rows.flatMap((row): PastLine[] => [
      ...actsUpTo(row.received_at),
      { kind: "event", event: eventOf(row, readAgain) },
    ]);
    const last = rows.at(-1);
    from = last && rows.length === STEP ? last.id + 1 : null;
  }
  yield actsUpTo(endAt);
}

/** A stored message as it was read, and what it was taken for then: words of the plants file may be others by now. */
function eventOf(row: EventRow, readAgain: (message: PlantMessage) => AlarmEvent): AlarmEvent {
  const { topic, payload, received_at: receivedAt, occurred_at: occurredAt, state, value } = row;
  // That the broker keeps it may have been noted later.
  const message = { topic, payload, isRetained: false, receivedAt };
  const severity = SEVERITIES[row.severity] ?? "critical";
  return { ...readAgain(message), ...message, occurredAt, severity, state, value };
}

/** Reads messages of an alarm once more; what comes and goes often says the same again and again. */
function createReader(alarmKey: string, options: DecodeOptions): (message: PlantMessage) => AlarmEvent {
  const known = new Map<string, AlarmEvent>();
  const read = (message: PlantMessage): AlarmEvent => {
    try {
      const events = decode(message, options);
      return events.find((event) => event.alarmKey === alarmKey) ?? events[0];
    } catch {
      return rawEvent(message);
    }
  };
  return (message) => {
    if (message.payload.byteLength > MAX_KNOWN_BYTES) return { ...read(message), alarmKey };
    const said = `${message.topic}\n${Buffer.from(message.payload).toString("latin1")}`;
    const event = known.get(said) ?? { ...read(message), alarmKey };
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(said, event);
    return event;
  };
}

async function readActs(reading: Reading, alarmId: number, since: number, endAt: number): Promise<readonly PastAct[]> {
  const rows = await reading.all<{ at: number; action: string; who: string; user: number; until: number | null }>(
    `SELECT acted_at AS at, action, person AS who, user_id AS "user", until_at AS "until" FROM actions
     WHERE alarm_id = $1 AND acted_at >= $2 AND acted_at < $3 ORDER BY id`,
    alarmId,
    since,
    endAt,
  );
  return rows.map(({ at, action, who, user, until }) => ({
    at,
    action,
    by: { userId: user, name: who },
    untilAt: until === null || until === UNTIL_CLEARED ? null : until,
  }));
}
