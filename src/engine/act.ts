import { decode } from "../alarms/payloads/decode.ts";
import { acknowledgementMessages, type Acknowledgement } from "../alarms/payloads/plant-answer.ts";
import type { Slot } from "../alarms/event.ts";
import { UNTIL_CLEARED } from "../alarms/handling-parts.ts";
import type { Alarm, Person } from "../alarms/types.ts";
import { appendAction, isDone, type ActionRecord } from "../store/alarms/actions.ts";
import { findAlarmById } from "../store/alarms/alarms.ts";
import { newestPayload } from "../store/alarms/events.ts";
import type { Ledger } from "../store/alarms/ledger.ts";
import { messageInSlot } from "../store/alarms/slots.ts";
import { sendOut } from "../store/outbox.ts";
import type { Queries } from "../store/sql/database.ts";
import { nextNumber } from "../store/sql/numbers.ts";
import { saveChange, SILENT } from "./change.ts";
import type { EngineContext } from "./context.ts";

/** What somebody does to an alarm. */
export interface Act {
  /** `update`: the number of the update that asks for it. One that comes again does nothing more, and is told what it did. */
  readonly by: Person & { readonly update?: number };
  /** The alarm afterwards; itself if this changes nothing. `acknowledgers`: how many people have to acknowledge it. */
  readonly apply: (alarm: Alarm, now: number, acknowledgers: number) => Alarm;
  readonly action: ActionRecord["action"];
  readonly words?: string | null;
  readonly photo?: string | null;
}

/** What came of it. */
export interface ActResult {
  readonly alarm: Alarm;
  readonly isChanged: boolean;
  /** The chats whose cards are out of date now. */
  readonly chatIds: readonly number[];
}

/** What came of doing the same to many alarms. */
export interface ActOnAllResult {
  /** How many of them it changed, also in a run that did not live to say so. */
  readonly changed: number;
  /** Of those, how many nobody has acknowledged, or not all who have to. */
  readonly unacknowledged: number;
  readonly chatIds: readonly number[];
}

/** A flood may have left a hundred thousand alarms: so many at a time, or everybody else would wait for all of them. */
const STEP = 100;

/** Does to an alarm what somebody wants, and notes who it was; `null` if there is no such alarm. */
export const act = (context: EngineContext, alarmId: number, wish: Act): Promise<ActResult | null> =>
  context.ledgers.change((ledger) => actIn(ledger, context, alarmId, wish));

/** Does the same to any number of alarms. What is missing is left out. */
export async function actOnAll(
  context: EngineContext,
  alarmIds: readonly number[],
  wish: Act,
): Promise<ActOnAllResult> {
  const chatIds = new Set<number>();
  let [changed, unacknowledged] = [0, 0];
  for (let done = 0; done < alarmIds.length; done += STEP) {
    await context.ledgers.change(async (ledger) => {
      for (const alarmId of alarmIds.slice(done, done + STEP)) {
        const result = await actIn(ledger, context, alarmId, wish);
        if (result?.isChanged) changed += 1;
        if (result?.isChanged && result.alarm.acknowledgedAt === null) unacknowledged += 1;
        for (const chatId of result?.chatIds ?? []) chatIds.add(chatId);
      }
    });
  }
  return { changed, unacknowledged, chatIds: [...chatIds] };
}

async function actIn(ledger: Ledger, context: EngineContext, alarmId: number, wish: Act): Promise<ActResult | null> {
  const { queries } = ledger;
  const before = await findAlarmById(queries, alarmId);
  if (!before) return null;
  const { by, action, words = null, photo = null } = wish;
  const { update = null } = by;
  if (update !== null && (await isDone(queries, { alarmId, action }, update)))
    return { alarm: before, isChanged: true, chatIds: [] };
  const now = context.now();
  const alarm = wish.apply(before, now, context.acknowledgersOf(before));
  if (alarm === before) return { alarm, isChanged: false, chatIds: [] };
  const untilAt = action === "shelve" ? (alarm.handling.shelf?.untilAt ?? UNTIL_CLEARED) : null;
  const record = { alarmId, actedAt: now, occurrence: alarm.occurrence, by, action, words, photo, untilAt };
  await appendAction(queries, await nextNumber(queries, "action"), record, update);
  // The plant hears of it when it holds: with the second person, where two have to.
  if (action === "takeBack" || (action === "acknowledge" && alarm.acknowledgedAt !== null))
    await tellPlant(queries, context, { alarm, by, at: now, isTakenBack: action === "takeBack" });
  const chatIds = await saveChange(ledger, before, alarm, { ...context, now }, SILENT);
  // Somebody may do two things to one alarm at once.
  await ledger.flush();
  return { alarm, isChanged: true, chatIds };
}

async function tellPlant(
  queries: Queries,
  { answers }: EngineContext,
  told: Omit<Acknowledgement, "slotPayload"> & { readonly alarm: Alarm },
): Promise<void> {
  const slotPayload = await standingPayload(queries, told.alarm);
  for (const { topic, ...rest } of acknowledgementMessages({ ...told, slotPayload }, answers)) {
    await sendOut(queries, { kind: "mqtt", target: topic, ...rest, createdAt: told.at, alarm: null });
  }
}

/** The message in the slot that is an alarm's topic, if it is the alarm's own still; else `null`. */
async function standingPayload(queries: Queries, { id, topic }: Alarm): Promise<Uint8Array | null> {
  const standing = await messageInSlot(queries, topic);
  const payload = standing === null ? null : await newestPayload(queries, id);
  if (payload === null) return null;
  return slotOf(topic, payload)?.messageKey === standing ? payload : null;
}

function slotOf(topic: string, payload: Uint8Array): Slot | null {
  try {
    return decode({ topic, payload, isRetained: false, receivedAt: 0 })[0].slot;
  } catch {
    // It was stored raw: who acknowledges it does so here.
    return null;
  }
}
