import { isDeepStrictEqual } from "node:util";
import { decode } from "../alarms/payloads/decode.ts";
import { dueAt, elapse, nextStep } from "../alarms/lifecycle/elapse.ts";
import type { Escalations } from "../alarms/lifecycle/escalation-plan.ts";
import { notAhead } from "../alarms/lifecycle/not-ahead.ts";
import { acknowledgementMessages, type Acknowledgement, type AnswerSettings } from "../alarms/payloads/plant-answer.ts";
import { secondPathPayload, type SecondPath } from "../alarms/second-path.ts";
import type { Slot } from "../alarms/event.ts";
import type { Alarm, Person } from "../alarms/types.ts";
import { appendAction, isDone, type ActionRecord } from "../store/alarms/actions.ts";
import { findAlarmById, listDue, listScheduled, listUntold, listWaiting } from "../store/alarms/alarms.ts";
import { tellChats } from "../store/alarms/cards.ts";
import { saveChange, type ChangeOptions } from "./change.ts";
import type { Database, Queries } from "../store/sql/database.ts";
import { newestPayload } from "../store/alarms/events.ts";
import { forgetPerson } from "./forget-person.ts";
import { inLedger, type Ledger } from "../store/alarms/ledger.ts";
import { nextNumber } from "../store/sql/numbers.ts";
import { appendToOutbox, type OutboxRow } from "../store/outbox.ts";
import { pendingChats } from "../store/alarms/pending.ts";
import { settleClock } from "./set-back.ts";
import { messageInSlot } from "../store/alarms/slots.ts";

/** What somebody does to an alarm. */
interface Act {
  /** `update`: the number of the update that asks for it. One that comes again does nothing more, and is told what it did. */
  readonly by: Person & { readonly update?: number };
  /** The alarm afterwards; itself if this changes nothing. */
  readonly apply: (alarm: Alarm, now: number) => Alarm;
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

/** What people and time do to alarms, and what goes out of that. Each is one transaction, or one after the other if there may be many. */
export interface Handling {
  /** Does to an alarm what somebody wants, and notes who it was; `null` if there is no such alarm. */
  act(alarmId: number, act: Act): Promise<ActResult | null>;
  /** Does the same to any number of alarms; resolves with how many it changed. What is missing is left out. */
  actOnAll(
    alarmIds: readonly number[],
    act: Act,
  ): Promise<{ readonly changed: number; readonly chatIds: readonly number[] }>;
  /** Does to alarms what time does; resolves with the chats whose cards are out of date now. */
  elapse(): Promise<readonly number[]>;
  /**
   * Looks anew when time will do something to alarms, as the rules or the clock may be others now; resolves with the chats whose cards are
   * out of date, since they show it.
   * @param former the escalations that the cards show; `null`: those of now, as far as is known
   */
  reschedule(former: Escalations | null): Promise<readonly number[]>;
  /**
   * Looks anew who is to be told of what waits to ring in a chat, as it cannot be reached or routes changed; resolves with the chats
   * whose cards are out of date now.
   */
  readdress(chatId: number): Promise<readonly number[]>;
  /** Tells the chats that routes lead to now of what is active and they have not been told of; resolves with these chats. */
  reroute(): Promise<readonly number[]>;
  /** Removes what is kept of a person; resolves with the chats whose cards show a pseudonym now. See forget-person.ts. */
  forgetPerson(person: {
    readonly id: number;
    readonly userId: number;
    readonly name: string;
  }): Promise<readonly number[]>;
  /** Sends by the second path what no chat could be told of in time; resolves with the chats whose cards are to say so. */
  divert(path: SecondPath): Promise<readonly number[]>;
}

/** What decides it. */
export interface HandlingOptions extends Omit<ChangeOptions, "now"> {
  readonly answers: AnswerSettings;
  readonly now: () => number;
}

/** Bounds how long one look at the clock holds up the others. */
const MAX_DUE = 500;
/** A flood may have left a hundred thousand alarms: so many at a time, or everybody else would wait for all of them. */
const STEP = 100;

const SILENT = { ring: null, ringsIn: null, saying: null } as const;

/** The handling of alarms in the database. */
export function createHandling(database: Database, options: HandlingOptions): Handling {
  const context = (): ChangeOptions => ({ ...options, now: options.now() });

  async function sendOut(queries: Queries, row: Omit<OutboxRow, "id">): Promise<void> {
    await appendToOutbox(queries, { id: await nextNumber(queries, "outbox"), ...row });
  }

  /** Goes through alarms by their numbers, some in each transaction, so that what comes meanwhile need not wait for all of them. */
  async function inSteps(
    step: (
      ledger: Ledger,
      afterId: number,
    ) => Promise<{ readonly chatIds: readonly number[]; readonly lastId: number | null }>,
  ): Promise<readonly number[]> {
    const chatIds = new Set<number>();
    for (let afterId: number | null = 0; afterId !== null;) {
      const from: number = afterId;
      const done = await inLedger(database, (ledger) => step(ledger, from));
      for (const chatId of done.chatIds) chatIds.add(chatId);
      afterId = done.lastId;
    }
    return [...chatIds];
  }

  async function act(ledger: Ledger, alarmId: number, wish: Act): Promise<ActResult | null> {
    const { queries } = ledger;
    const before = await findAlarmById(queries, alarmId);
    if (!before) return null;
    const { by, action, words = null, photo = null } = wish;
    const { update = null } = by;
    if (update !== null && (await isDone(queries, { alarmId, action }, update)))
      return { alarm: before, isChanged: true, chatIds: [] };
    const change = context();
    const alarm = wish.apply(before, change.now);
    if (alarm === before) return { alarm, isChanged: false, chatIds: [] };
    const record = { alarmId, actedAt: change.now, occurrence: alarm.occurrence, by, action, words, photo };
    await appendAction(queries, await nextNumber(queries, "action"), record, update);
    if (action === "acknowledge" || action === "takeBack")
      await tellPlant(queries, { alarm, by, at: change.now, isTakenBack: action === "takeBack" });
    const chatIds = await saveChange(ledger, before, alarm, change, SILENT);
    // Somebody may do two things to one alarm at once.
    await ledger.flush();
    return { alarm, isChanged: true, chatIds };
  }

  async function tellPlant(queries: Queries, told: Omit<Acknowledgement, "slotPayload"> & { readonly alarm: Alarm }) {
    const slotPayload = await standingPayload(queries, told.alarm);
    for (const { topic, ...rest } of acknowledgementMessages({ ...told, slotPayload }, options.answers)) {
      await sendOut(queries, { kind: "mqtt", target: topic, ...rest, createdAt: told.at, alarm: null });
    }
  }

  return {
    act: (alarmId, wish) => inLedger(database, (ledger) => act(ledger, alarmId, wish)),
    async actOnAll(alarmIds, wish) {
      const chatIds = new Set<number>();
      let changed = 0;
      for (let done = 0; done < alarmIds.length; done += STEP) {
        await inLedger(database, async (ledger) => {
          for (const alarmId of alarmIds.slice(done, done + STEP)) {
            const result = await act(ledger, alarmId, wish);
            if (result?.isChanged) changed += 1;
            for (const chatId of result?.chatIds ?? []) chatIds.add(chatId);
          }
        });
      }
      return { changed, chatIds: [...chatIds] };
    },
    elapse: () =>
      inLedger(database, async (ledger) => {
        const change = context();
        const chatIds = new Set<number>();
        const due = await listDue(ledger.queries, change.now, MAX_DUE);
        await ledger.cards.load(due.map(({ id }) => id));
        for (const alarm of due) {
          const elapsed = elapse(alarm, change.now, options.rules) ?? { alarm, news: SILENT };
          const told = await saveChange(ledger, alarm, elapsed.alarm, change, elapsed.news);
          for (const chatId of told) chatIds.add(chatId);
        }
        return [...chatIds];
      }),
    async reschedule(former) {
      const { escalations } = options.rules;
      const isShown = (alarm: Alarm): boolean =>
        former === null || isDeepStrictEqual(nextStep(alarm, former), nextStep(alarm, escalations));
      const wasAhead = await database.transaction((queries) => settleClock(queries, options.now()));
      const moved = await inSteps(async (ledger, afterId) => {
        const change = context();
        const chatIds: number[] = [];
        const page = await listScheduled(ledger.queries, afterId, MAX_DUE);
        for (const { alarm, dueAt: before } of page) {
          const present = notAhead(alarm, change.now);
          if (present === alarm && dueAt(present, options.rules) === before && isShown(present)) continue;
          const rescheduled = { ...present, version: alarm.version + 1 };
          chatIds.push(...(await saveChange(ledger, alarm, rescheduled, change, SILENT)));
        }
        return { chatIds, lastId: page.at(-1)?.alarm.id ?? null };
      });
      // What was put off until a time ahead is due now.
      return wasAhead ? [...new Set([...moved, ...(await pendingChats(database))])] : moved;
    },
    readdress: (chatId) =>
      inSteps(async ({ queries, cards }, afterId) => {
        const { destinationsOf, now } = context();
        const chatIds: number[] = [];
        const page = await listWaiting(queries, chatId, afterId, STEP);
        await cards.load(page.map(({ id }) => id));
        for (const alarm of page) {
          const told = await cards.chatsOf(alarm.id);
          const others = destinationsOf(alarm).filter((to) => to.chatId === chatId || !told.includes(to.chatId));
          await tellChats(cards, alarm, others, SILENT, now);
          chatIds.push(...others.map((other) => other.chatId));
        }
        return { chatIds, lastId: page.at(-1)?.id ?? null };
      }),
    reroute: () =>
      inSteps(async ({ queries, cards }, afterId) => {
        const { destinationsOf, now } = context();
        const chatIds: number[] = [];
        const page = await listScheduled(queries, afterId, STEP);
        await cards.load(page.map(({ alarm }) => alarm.id));
        for (const { alarm } of page) {
          const told = await cards.chatsOf(alarm.id);
          const others = destinationsOf(alarm).filter((to) => !told.includes(to.chatId));
          const isInHand = alarm.acknowledgedAt !== null || alarm.course.shelf !== null;
          await tellChats(cards, alarm, others, isInHand ? { ...SILENT, ring: "found" } : SILENT, now);
          chatIds.push(...others.map((other) => other.chatId));
        }
        return { chatIds, lastId: page.at(-1)?.alarm.id ?? null };
      }),
    forgetPerson: (person) => inLedger(database, (ledger) => forgetPerson(ledger, person, context())),
    divert: ({ afterMs, topic, url }) =>
      inLedger(database, async (ledger) => {
        const { queries } = ledger;
        const change = context();
        const chatIds = new Set<number>();
        for (const alarm of await listUntold(queries, change.now - afterMs, MAX_DUE)) {
          const { id, occurrence } = alarm;
          const row = {
            target: "",
            payload: secondPathPayload(alarm, change.now),
            isRetained: false,
            createdAt: change.now,
            alarm: { id, occurrence },
          };
          if (topic !== null) await sendOut(queries, { kind: "secondTopic", ...row });
          if (url !== null) await sendOut(queries, { kind: "secondUrl", ...row });
          const diverted = { ...alarm, secondPathAt: change.now, version: alarm.version + 1 };
          for (const chatId of await saveChange(ledger, alarm, diverted, change, SILENT)) chatIds.add(chatId);
        }
        return [...chatIds];
      }),
  };
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
