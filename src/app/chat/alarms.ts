import type { Composer } from "grammy";
import { type Context } from "grammy";
import { nextStep } from "../../alarms/lifecycle/elapse.ts";
import { shiftEndAfter } from "../../alarms/shift.ts";
import type { Alarm } from "../../alarms/types.ts";
import { Acknowledging } from "../../telegram/cards/acknowledging.ts";
import { AlarmAnswers } from "../../telegram/cards/alarm-answers.ts";
import { alarmView } from "../../telegram/cards/alarm-views.ts";
import { HISTORY_LENGTH, AlarmCommands } from "../../telegram/commands/alarm-commands.ts";
import { BoardButtons } from "../../telegram/cards/board-buttons.ts";
import { copyButtons, createCardButtons } from "../../telegram/access/card-buttons.ts";
import type { CardContext } from "../../telegram/cards/card-view.ts";
import { createCardMenus } from "../../telegram/cards/card-menus.ts";
import { ClosingHandlers } from "../../telegram/cards/closing.ts";
import type { Command } from "../../telegram/access/command.ts";
import { inTurn } from "../../telegram/api/in-turn.ts";
import { Shelving } from "../../telegram/cards/shelving.ts";
import { createVisibleTo } from "../../telegram/access/visible-alarms.ts";
import type { DutyHandover } from "../../telegram/duty/duty-handover.ts";
import { createChatDuty } from "./duty.ts";
import type { ChatApi } from "./api.ts";
import type { ChatOptions } from "./options.ts";

/** Alarms in a chat: what is said of them, and what people do to them. */
export interface ChatAlarms {
  readonly handoverNote: DutyHandover["noteOf"];
  /** See `Chat.look`. */
  readonly look: () => Promise<void>;
  readonly answers: AlarmAnswers;
  readonly menus: ReturnType<typeof createCardMenus>;
  readonly commands: readonly Command[];
  readonly buttons: readonly Composer<Context>[];
  readonly visibleTo: ReturnType<typeof createVisibleTo>;
  readonly contextOf: (alarm: Alarm, chatId: number) => CardContext;
}

/**
 * Wires the commands and buttons about alarms: lists, cards, notes, shelving and closing.
 * @param onTrend draws a field as somebody asked for below a card
 */
export function createChatAlarms(
  options: ChatOptions,
  api: ChatApi,
  onTrend: (ctx: Context, field: number) => void,
): ChatAlarms {
  const { plants, store, engine, recipients, onChange, log } = options;
  const { now } = options.clock;
  const contextOf = createContextOf(options);
  const visibleTo = createVisibleTo(
    store,
    engine,
    (chatId) => recipients.scopeOf(chatId),
    options.secondFactor.isNeeded,
  );
  const duty = createChatDuty(options, api, visibleTo);
  const menus = createCardMenus({ store, now });
  const answers = createAnswersOf(options, { api, menus, visibleTo, contextOf });
  const alarmCommands = new AlarmCommands({
    store,
    visibleTo,
    contextOf,
    onAnswer: answers.follow,
    isFor: (alarm, chatId) => recipients.destinationsOf(alarm).some((to) => to.chatId === chatId),
    now,
  });
  const closing = new ClosingHandlers({ store, visibleTo, menus, onChange, now, log });
  const shelving = new Shelving({
    store,
    visibleTo,
    menus,
    onChange,
    shiftEndAfter: (timeZone, at) => shiftEndAfter(plants.shiftStarts, timeZone, at),
    now,
    log,
  });
  return {
    handoverNote: (ctx, note) => duty.handover.noteOf(ctx, note),
    async look() {
      try {
        await answers.refresh();
      } finally {
        await duty.look();
      }
    },
    answers,
    menus,
    visibleTo,
    contextOf,
    commands: [...alarmCommands.commands, shelving.command, closing.command, ...duty.commands],
    buttons: [
      alarmCommands.buttons,
      ...duty.buttons,
      createCardButtons({ visibleTo, onChange, onTrend, log }),
      new Acknowledging({ visibleTo, menus, showPage: alarmCommands.showPage, onChange, log }).buttons,
      shelving.buttons,
      closing.buttons,
      new BoardButtons({ store, visibleTo, onChange, now, log }).buttons,
    ],
  };
}

/** What a card in a chat says besides the alarm itself. */
function createContextOf({ config, duty, store, recipients, notifier, clock }: ChatOptions): ChatAlarms["contextOf"] {
  return (alarm, chatId) => {
    const now = clock.now();
    // What is shown now is heard now.
    const next = nextStep(alarm.owedRing ? { ...alarm, owedRing: null, heardAt: now } : alarm, duty.escalations());
    return {
      timeZone: store.chats.timeZoneOf(chatId),
      now,
      next: next && { at: next.at, to: next.to?.name ?? null },
      orphaned: recipients.orphaned(alarm),
      isAlike: notifier.isAlike(alarm),
      lateAfterMs: config.alarms.lateAfterMs,
    };
  };
}

/** Keeps answers about alarms up to date. */
function createAnswersOf(
  { store, pace, clock, log }: ChatOptions,
  parts: Pick<ChatAlarms, "menus" | "contextOf"> & {
    readonly api: ChatApi;
    readonly visibleTo: ReturnType<typeof createVisibleTo>;
  },
): ChatAlarms["answers"] {
  const { api, menus, visibleTo, contextOf } = parts;
  const direct = api.with(inTurn(pace, "edit"));
  return new AlarmAnswers({
    find: (chatId, alarmId) => visibleTo(chatId).find(alarmId),
    async show({ chatId, messageId }, alarm) {
      if (alarm === null) return void (await direct.editMessageReplyMarkup(chatId, messageId));
      const history = await store.history.of(alarm.id, HISTORY_LENGTH);
      await direct.editMessageText(chatId, messageId, alarmView(alarm, history, contextOf(alarm, chatId)).html, {
        parse_mode: "HTML",
        reply_markup: { inline_keyboard: [...menus.buttonsBelow(alarm, chatId, messageId), ...copyButtons(alarm)] },
      });
    },
    keyValue: store.keyValue,
    clock,
    log,
  });
}
