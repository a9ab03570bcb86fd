import type { Api } from "grammy";
import type { Composer, Context } from "grammy";
import { shiftStartBefore } from "../../alarms/shift.ts";
import { NOBODY, type Caller } from "../../devices/permitted.ts";
import { PlotDialogue } from "../../telegram/dialogues/plot.ts";
import { withDeadline } from "../../lib/time/deadline.ts";
import { UpstreamError } from "../../lib/errors.ts";
import { createAlarmPictures } from "../../plots/alarm-pictures.ts";
import type { Anchors } from "../../queries/time-words.ts";
import type { PlotView } from "../../plots/view.ts";
import { answering } from "../../telegram/api/answering.ts";
import { callerOf, createAskerIn } from "../../telegram/plots/asker.ts";
import type { Command } from "../../telegram/access/command.ts";
import { createColumnsCommand } from "../../telegram/commands/columns-command.ts";
import { FeedCommands } from "../../telegram/commands/feed-commands.ts";
import { PlotButtons } from "../../telegram/plots/plot-buttons.ts";
import { PlotReply } from "../../telegram/plots/plot-reply.ts";
import { servedIn } from "../../telegram/access/person.ts";
import type { ChatApi } from "./api.ts";
import type { ChatOptions } from "./options.ts";

/** Plots in a chat: asked for in words or step by step, with buttons below, and live. */
export interface ChatPlots {
  readonly reply: PlotReply;
  readonly buttons: PlotButtons;
  readonly pictures: ReturnType<typeof createAlarmPictures>;
  readonly askerIn: ReturnType<typeof createAskerIn>;
  readonly commands: readonly Command[];
  readonly composers: readonly Composer<Context>[];
  readonly dialogue: PlotDialogue;
}

/** The dialogue keeps its person waiting for the first question. */
const ASK_TIMEOUT_MS = 5_000;
/** So many members of devices are offered as buttons, of which a message may have a hundred (FACTS: C1); the others are typed. */
const MAX_ASKED = 60;
/** “Since the last alarm” begins earlier: what led to it. */
const BEFORE_ALARM_MS = 3_600_000;

/** Wires plots: commands, buttons, the *Get Figure* dialogue and live plots. */
export function createChatPlots(options: ChatOptions, chatApi: ChatApi, api: Api): ChatPlots {
  const { plants, store, feed, members, pace, clock, log } = options;
  const { now } = clock;
  const { plotter } = feed;
  const { timeZoneOf } = store.chats;
  const askerIn = createAskerIn(options.people.roleOf);
  const anchorsOf = async (chatId: number): Promise<Anchors> => {
    const alarmAt = await store.alarms.lastStartAt();
    return {
      shift: shiftStartBefore(plants.shiftStarts, timeZoneOf(chatId), now()),
      alarm: alarmAt === null ? null : Math.min(alarmAt, now()) - BEFORE_ALARM_MS,
    };
  };
  const reply = new PlotReply({ api, plotter, members, askerIn, timeZoneOf, anchorsOf, now, log });
  const buttons = new PlotButtons({
    isServed: options.isServed,
    maySee: (chatId: number, by: Caller, { fields }: PlotView) => members.maySee(fields, askerIn(chatId, by)),
    api: chatApi.with(chatApi.inSomeForm),
    keyValue: store.keyValue,
    plotter,
    pace,
    timeZoneOf,
    onFile: (ctx, view) => answering(reply.files(placeOf(ctx), view)),
    onDraw: (ctx, view) => answering(reply.order({ ...placeOf(ctx), view })),
    clock,
    log,
  });
  const dialogue = new PlotDialogue({
    now,
    async channel(chatId, by) {
      const late = () => new UpstreamError("slow", "no answer in time");
      const channel = await withDeadline(feed.channel(), ASK_TIMEOUT_MS, late);
      return { ...channel, fields: [...channel.fields, ...members.first(MAX_ASKED, askerIn(chatId, by))] };
    },
    zoneOf: timeZoneOf,
    anchorsOf,
    onQuery: (query) => answering(reply.order({ ...query, request: query })),
  });
  const commands = new FeedCommands({
    measurements: plotter.measurements,
    read: feed.read,
    digest: feed.digest,
    latest: feed.latest,
    latestOf: feed.latestOf,
    members,
    askerIn,
    timeZoneOf,
    anchorsOf,
    now,
    log,
  }).commands;
  const columns = createColumnsCommand({ columns: options.fileColumns, timeZone: options.timeZone });
  const composers = [buttons.composer, columns.buttons];
  const pictures = picturesOf(options);
  return { reply, buttons, pictures, askerIn, commands: [...commands, columns.command], composers, dialogue };
}

/** The trends that alarms bring; a chat sees those that nobody is kept from. */
function picturesOf({ store, feed, members, onChange, clock, log }: ChatOptions): ChatPlots["pictures"] {
  return createAlarmPictures({
    plotter: feed.plotter,
    isOpen: (field) => members.maySee([field], NOBODY),
    timeZoneOf: store.chats.timeZoneOf,
    now: clock.now,
    onReady: (alarmId, chatId) =>
      void store.cards.notePicture(alarmId, chatId).then(
        () => onChange([chatId]),
        (error: unknown) => log.error({ err: error }, "a trend could not be noted"),
      ),
    log,
  });
}

/** Where somebody asked. */
export function placeOf(ctx: Context) {
  const { chatId, threadId } = servedIn(ctx);
  return { chatId, threadId, by: callerOf(ctx) };
}
