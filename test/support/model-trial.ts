import { annotate } from "../../src/alarms/lifecycle/annotate.ts";
import { acknowledge, isAsSeen, reset, shelve, takeBack, unshelve } from "../../src/alarms/lifecycle/handling.ts";
import { rankOf, type Alarm } from "../../src/alarms/types.ts";
import type { Store } from "./store.ts";
import * as model from "./alarm-model.ts";
import { isWorseThan, worseThan, type ModelAlarm, type ModelLag } from "./model-alarm.ts";
import type { Command, Report, Step } from "./model-commands.ts";
import { createHearing } from "./model-hearing.ts";
import type { ShownMessage } from "./memory-chat.ts";
import { openRoom, type Room, type RoomSettings } from "./model-room.ts";

/** One run of the program beside the model. */
export interface Trial extends AsyncDisposable {
  readonly room: Room;
  /** What the model says of each alarm, with the number that the program gave it. */
  readonly alarms: () => readonly { readonly id: number; readonly expected: ModelAlarm }[];
  play(steps: readonly Step[]): Promise<void>;
  /** Lifts all faults, lets an hour pass, and any quiet hours, and waits until nothing moves. */
  calmDown(): Promise<void>;
}

const MINUTE = 60_000;
const PERSON = { userId: 11, name: "Aino" };
/** In each chat somebody else presses. */
const personIn = (chatId: number) => ({ userId: 20 + Math.abs(chatId), name: `Person ${Math.abs(chatId)}`, chatId });

/** Opens a room, on a database if one is named, and a model that both know of nothing yet. */
export async function createTrial(settings: RoomSettings, open?: Parameters<typeof openRoom>[1]): Promise<Trial> {
  const room = await openRoom(settings, open);
  const { clock, chat } = room;
  const alarms = new Map<number, ModelAlarm>();
  const ids = new Map<number, number>();
  const { noting, listen } = createHearing(room, alarms, ids);
  let notes = 0;
  /** How late the plant is, since it was found that its clock was set back. */
  let believed: ModelLag | null = null;

  /** What a report says in the model; `null`: nothing, as there is no such alarm. Resolves with what the plant sends for it. */
  function foresee(report: Report): object | null {
    const { alarm } = report;
    const expected = alarms.get(alarm);
    const now = clock.now();
    switch (report.does) {
      case "raise":
        alarms.set(alarm, model.raise(expected, report.severity, now, settings));
        return { severity: report.severity, state: "active" };
      case "worsen": {
        const severity = worseThan(expected?.peak ?? "info");
        alarms.set(alarm, model.raise(expected, severity, now, settings));
        return { severity, state: "active" };
      }
      case "mention":
        alarms.set(alarm, model.mention(expected, report.severity, now, settings));
        return { severity: report.severity, state: "latched" };
      case "inform":
        alarms.set(alarm, model.inform(expected, now, settings));
        return { severity: "info" };
      case "clear":
        if (!expected) return null;
        model.clear(expected, now, settings.hasLatch);
        return { state: "cleared" };
    }
  }

  async function tell(reports: readonly Report[]): Promise<void> {
    const said = reports.flatMap((report) => {
      const payload = foresee(report);
      return payload === null ? [] : [{ alarm: report.alarm, payload }];
    });
    const numbers = await room.reportAll(said);
    for (const [i, { alarm }] of said.entries()) ids.set(alarm, numbers[i] ?? 0);
  }

  /** The plant says something of an alarm by a clock that is behind what it said before. */
  async function tellLate(
    { alarm, severity, isClear }: Extract<Command, { isClear: boolean }>,
    at: number,
  ): Promise<void> {
    const expected = alarms.get(alarm);
    if (!expected) return;
    await room.report(alarm, { severity, state: isClear ? "cleared" : "active", timestamp: at });
    const late = { severity, isClear, at, cameAt: clock.now() };
    const after = model.lateOrSetBack(expected, late, settings, believed);
    alarms.set(alarm, after.alarm);
    believed = after.believed;
  }

  const act = (
    alarm: number,
    action: Parameters<Store["act"]>[1]["action"],
    apply: (alarm: Alarm, at: number, people: number) => Alarm,
  ) =>
    room.commit(
      (store) => store.act(ids.get(alarm) ?? 0, { by: PERSON, action, apply }),
      (result) => result?.chatIds ?? [],
    );

  /** The card on which somebody in a chat would tap: the newest that has buttons. */
  function cardOf(alarm: number, chatId: number): ShownMessage | undefined {
    const is = (one: ShownMessage) =>
      one.kind === "card" && one.chatId === chatId && one.alarms[0]?.id === ids.get(alarm);
    return [...chat.messages.values()].findLast(is);
  }

  async function tap(command: Extract<Command, { chatId: number; alarm: number }>): Promise<void> {
    const { alarm, chatId } = command;
    const expected = alarms.get(alarm);
    const shown = cardOf(alarm, chatId)?.alarms[0];
    if (!expected || !shown) return;
    const now = clock.now();
    const seen = { occurrence: shown.occurrence, rank: rankOf(shown.severity) };
    const isSeen = seen.occurrence === expected.occurrence && !isWorseThan(expected.severity, shown.severity);
    const by = personIn(chatId);
    switch (command.does) {
      case "acknowledge":
        await act(alarm, "acknowledge", (before, at, people) =>
          isAsSeen(before, seen) ? acknowledge(before, by, at, people) : before,
        );
        if (isSeen) model.take(expected, by.name, chatId, now, settings);
        break;
      case "takeBack":
        await act(alarm, "takeBack", (before, at) => (isAsSeen(before, seen) ? takeBack(before, at) : before));
        if (isSeen) model.giveBack(expected, now);
        break;
      case "reset":
        await act(alarm, "reset", (before, at, people) =>
          isAsSeen(before, seen) ? reset(before, by, at, people) : before,
        );
        if (isSeen) model.reset(expected, by.name, now, settings);
        break;
      case "shelve": {
        const untilAt = command.forMs === null ? null : now + command.forMs;
        const until = { untilAt, reason: null };
        await act(alarm, "shelve", (before, at) => (isAsSeen(before, seen) ? shelve(before, by, at, until) : before));
        if (isSeen) model.shelve(expected, untilAt);
        break;
      }
      case "unshelve":
        await act(alarm, "unshelve", unshelve);
        model.unshelve(expected, now);
        break;
      case "note":
        await note(alarm);
        break;
      case "remove": {
        const card = cardOf(alarm, chatId);
        if (card) chat.remove(card.id);
      }
    }
  }

  async function note(alarm: number): Promise<void> {
    const text = `note ${++notes}`;
    await act(alarm, "note", (before) => annotate(before, PERSON, { text, hasPhoto: false }));
    const expected = alarms.get(alarm);
    if (expected) expected.note = text;
  }

  async function takeBoard(chatId: number): Promise<void> {
    const board = [...chat.messages.values()].findLast((one) => one.kind === "board" && one.chatId === chatId);
    if (!board?.boardId || !board.mark) return;
    const { boardId, mark } = board;
    const { shown } = await room.commit(
      (store) => store.alarms.takeable(boardId, mark),
      () => [],
    );
    const seen = new Map(shown.map((one) => [one.alarmId, one]));
    const by = personIn(chatId);
    const apply = (before: Alarm, at: number, people: number): Alarm => {
      const as = seen.get(before.id);
      return as && isAsSeen(before, as) ? acknowledge(before, by, at, people) : before;
    };
    await room.commit(
      (store) => store.actOnAll([...seen.keys()], { by, action: "acknowledge", apply }),
      ({ chatIds }) => chatIds,
    );
    for (const [alarm, expected] of alarms) {
      const id = ids.get(alarm) ?? 0;
      if (!seen.has(id) || expected.peak === "info") continue;
      // Nobody takes what the board did not show, or not as bad.
      const as = board.alarms.find((one) => one.id === id);
      if (as?.occurrence !== expected.occurrence || isWorseThan(expected.severity, as.severity))
        throw new Error(`a board took #${id}, which it did not show as it is`);
      model.take(expected, by.name, chatId, clock.now(), settings);
    }
  }

  async function pass(ms: number): Promise<void> {
    await room.idle();
    await listen();
    clock.advance(ms);
    await room.elapse();
    await noting(async () => {
      for (const alarm of alarms.values()) model.elapse(alarm, clock.now(), settings);
    });
  }

  async function perform(command: Command): Promise<void> {
    switch (command.does) {
      case "raise":
      case "mention":
      case "inform":
      case "worsen":
      case "clear":
        return tell([command]);
      case "atOnce":
        return tell(command.reports);
      case "flash": {
        const { alarm, severity } = command;
        ids.set(alarm, await room.report(alarm, { severity, state: "active" }, { state: "cleared" }));
        return void alarms.set(alarm, model.flash(alarms.get(alarm), severity, clock.now(), settings));
      }
      case "lag": {
        const expected = alarms.get(command.alarm);
        // What only happened has no order.
        if (expected && !expected.isIncident) await tellLate(command, expected.newestAt - command.byMs);
        return;
      }
      case "goOn": {
        const late = alarms.get(command.alarm)?.late;
        if (late) await tellLate(command, late.at + clock.now() - late.cameAt);
        return;
      }
      case "pass":
        for (let i = 0; i < command.times; i++) {
          await pass(command.eachMs);
          if (i < command.times - 1) await room.idle();
        }
        return;
      case "takeBoard":
        return takeBoard(command.chatId);
      case "fail":
        chat.faults.push(...command.faults);
        return;
      case "goAway":
        chat.isAway = command.isAway;
        return;
      case "restart":
        return room.restart();
      case "acknowledge":
      case "takeBack":
      case "reset":
      case "shelve":
      case "unshelve":
      case "note":
      case "remove":
        return tap(command);
    }
  }

  async function calmDown(): Promise<void> {
    chat.isAway = false;
    chat.faults.length = 0;
    await room.idle();
    for (const [alarm, id] of ids) if (chat.disturbed.has(id)) await note(alarm);
    for (let i = 0; i < 60 || room.isQuiet(); i++) {
      await room.idle();
      await pass(MINUTE);
    }
    // A board waits for a few seconds to show the last change.
    for (let i = 0; i < 3; i++) {
      await room.idle();
      clock.advance(10_000);
    }
    await room.idle();
  }

  return {
    room,
    alarms: () => [...alarms].map(([alarm, expected]) => ({ id: ids.get(alarm) ?? 0, expected })),
    async play(steps) {
      for (const { command, isRushed } of steps) {
        await noting(() => perform(command));
        if (!isRushed) await room.idle();
      }
    },
    calmDown,
    [Symbol.asyncDispose]: () => room[Symbol.asyncDispose](),
  };
}
