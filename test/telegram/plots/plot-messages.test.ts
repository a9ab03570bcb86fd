import { InputFile, type Api } from "grammy";
import { beforeEach, describe, expect, it } from "vitest";
import type { Telegram } from "../../../src/demo/telegram/server.ts";
import { UpstreamError } from "../../../src/lib/errors.ts";
import { measurementOf } from "../../../src/measurements/measurement.ts";
import type { Plotter } from "../../../src/plots/plotter.ts";
import { viewOf, type PlotView } from "../../../src/plots/view.ts";
import { LivePlots } from "../../../src/telegram/plots/live-plots.ts";
import { inAnotherForm } from "../../../src/telegram/api/other-form.ts";
import { PlotMessages } from "../../../src/telegram/plots/plot-messages.ts";
import type { ChatMessage } from "../../../src/telegram/api/chat-message.ts";
import { annaId, groupId, png, setUp } from "../../demo/telegram/support.ts";
import { createManualClock, type ManualClock } from "../../support/clock.ts";
import { silentLog } from "../../support/log.ts";
import { until } from "../../support/until.ts";

const HOUR = 3_600_000;
const FIELDS = [{ number: 1, label: "Coil" }];

let telegram: Telegram;
let api: Api;
let clock: ManualClock;
let screen: ChatMessage;
/** The spans of the views that were drawn, in hours, and what each drawing waits for. */
let drawn: number[] = [];
let gate: Promise<unknown> = Promise.resolve();
let problem: Error | null = null;
let itsTurn: Promise<unknown> = Promise.resolve();
/** Of the turns that were taken, whether they counted. */
let ended: boolean[] = [];
let hasRoom = true;
const kept = new Map<string, unknown>();

const plotter: Pick<Plotter, "plot" | "switches" | "cadenceOf"> = {
  async plot({ spanMs }) {
    drawn.push(spanMs / HOUR);
    await gate;
    if (problem) throw problem;
    // Each picture is another one, so that Telegram does not call it the same.
    return { png: png(64 + drawn.length, 36), caption: [`${spanMs / HOUR} h`], isEmpty: false };
  },
  switches: async () => FIELDS.map((field) => measurementOf(field, [])),
  cadenceOf: () => 60_000,
};
const view = (hours: number): PlotView =>
  viewOf([1], { startAt: clock.now() - hours * HOUR, endAt: clock.now(), goesOn: "whole" });
const message = () => telegram.messages(annaId).find(({ messageId }) => messageId === screen.messageId)!;
const captionIs = (text: string) => telegram.waitFor(() => message().caption?.startsWith(text));
const labels = () =>
  message()
    .buttons.flat()
    .map(({ text }) => text);

let screens: PlotMessages;
let live: LivePlots;
function create(): void {
  const common = { clock, log: silentLog };
  screens = new PlotMessages({
    ...common,
    api,
    plotter: plotter as Plotter,
    pace: {
      async turn(_, kind) {
        await itsTurn;
        return { kind, end: (isSpent) => void ended.push(isSpent) };
      },
    },
    timeZoneOf: () => "UTC",
    isLive: (one) => live.has(one),
    onMoved: (from, to) => live.move(from, to),
  });
  live = new LivePlots({
    ...common,
    keyValue: {
      read: async (name) => kept.get(name) ?? null,
      write: async (name, content) => void kept.set(name, JSON.parse(JSON.stringify(content))),
    },
    mayCall: () => hasRoom,
    isServed: () => isServed,
    maySee: (_, { username }) => mayAnnaSee && username === "anna",
    cadenceOf: () => 60_000,
    redraw: (one, shown) => screens.show(one, shown, "edit"),
  });
}

let isServed = true;
let mayAnnaSee = true;
const ANNA = { userId: annaId, username: "anna" };
beforeEach(async () => {
  ({ telegram, api } = await setUp());
  clock = createManualClock();
  [drawn, gate, problem, itsTurn, ended, hasRoom] = [[], Promise.resolve(), null, Promise.resolve(), [], true];
  isServed = true;
  mayAnnaSee = true;
  kept.clear();
  const { message_id } = await api.sendPhoto(annaId, new InputFile(png(64, 36), "plot.png"), { caption: "first" });
  screen = { chatId: annaId, messageId: message_id };
  create();
});

describe("a message with a plot", () => {
  it("shows the newest of the presses that come while one is drawn; the others are not even drawn", async () => {
    let open = (): void => undefined;
    gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const first = screens.show(screen, view(1));
    await until("the first is being drawn", () => drawn.length === 1);
    const others = [2, 3, 4].map((hours) => screens.show(screen, view(hours)));
    open();
    expect(await Promise.all([first, ...others])).toEqual(["shown", "shown", "shown", "shown"]);
    expect(drawn).toEqual([1, 4]);
    // What is drawn and not shown takes nobody's place.
    expect(ended).toEqual([false, true]);
    expect([message().caption, message().edits]).toEqual(["4 h", 1]);
  });

  it("waits for Telegram's pace, and then shows what is wanted by then", async () => {
    const turn = Promise.withResolvers<void>();
    itsTurn = turn.promise;
    const first = screens.show(screen, view(1));
    const second = screens.show(screen, view(2));
    expect(drawn).toEqual([]);
    turn.resolve();
    await Promise.all([first, second]);
    expect([drawn, message().caption]).toEqual([[2], "2 h"]);
  });

  it("says below the old picture what is wrong, and keeps its buttons", async () => {
    problem = new UpstreamError("busy", "429");
    expect(await screens.show(screen, view(1))).toBe("failed");
    expect(message().caption).toBe("ThingSpeak is busy. Try again in a minute.");
    expect(labels()).toContain("▶");
    problem = null;
    expect(await screens.show(screen, view(1))).toBe("shown");
    expect(message().caption).toBe("1 h");
  });

  it("that is not there any more is gone; one that Telegram refuses for a while is not", async () => {
    expect(await screens.show({ ...screen, messageId: 999 }, view(1))).toBe("gone");
    telegram.fault({ failure: { status: 502, description: "Bad Gateway" } });
    expect(await screens.show(screen, view(1))).toBe("failed");
    telegram.fault({ failure: { status: 429, description: "Too Many Requests", retryAfterSeconds: 3 }, times: 2 });
    expect(await screens.show(screen, view(1))).toBe("shown");
    telegram.fault({ failure: { status: 429, description: "Too Many Requests", retryAfterSeconds: 3 }, times: 4 });
    expect(await screens.show(screen, view(2))).toBe("limited");
  });
});

describe("a live plot", () => {
  it("is redrawn at the cadence of its field for an hour, and then says that it is not live any more", async () => {
    live.start(screen, view(24), ANNA);
    await until("it was redrawn", () => {
      clock.advance(1_000);
      return message().edits > 3;
    });
    expect(labels()).toContain("⏹ Live");
    await until("its hour is over", () => {
      clock.advance(1_000);
      return !live.has(screen);
    });
    await until("its last drawing says so", () => !labels().includes("⏹ Live"));
    // At most once a minute; what Telegram takes for one is longer by this clock.
    expect(message().edits).toBeGreaterThan(5);
    expect(message().edits).toBeLessThanOrEqual(60);
    const { edits } = message();
    clock.advance(10 * HOUR);
    expect(message().edits).toBe(edits);
  });

  it("ends in a chat that is served no more, without another picture", async () => {
    live.start(screen, view(24), ANNA);
    isServed = false;
    clock.advance(120_000);
    expect([live.has(screen), drawn, message().edits]).toEqual([false, [], 0]);
  });

  it("ends when a device permits its values to others only, also over a restart", async () => {
    live.start(screen, view(24), ANNA);
    live.stopAll();
    create();
    await live.resume();
    clock.advance(60_000);
    await captionIs("24 h");
    mayAnnaSee = false;
    await until("it ends", () => {
      clock.advance(60_000);
      return !live.has(screen);
    });
    expect(drawn).toEqual([24]);
  });

  it("leaves a round out while the chat has no room", async () => {
    live.start(screen, view(24), ANNA);
    hasRoom = false;
    clock.advance(120_000);
    expect(drawn).toEqual([]);
    hasRoom = true;
    clock.advance(60_000);
    await captionIs("24 h");
  });

  it("goes on in the chat that its group became", async () => {
    const supergroup = -1_000_000_000_777;
    api.config.use(inAnotherForm({ onMigrated: async () => undefined }));
    const { message_id } = await api.sendPhoto(groupId, new InputFile(png(64, 36), "plot.png"), { caption: "first" });
    live.start({ chatId: groupId, messageId: message_id }, view(24), ANNA);
    telegram.migrate(groupId, supergroup);
    clock.advance(60_000);
    const shown = () => telegram.messages(supergroup).find(({ caption }) => caption?.startsWith("24 h"));
    const { messageId } = await telegram.waitFor(shown);
    await until("it is live there", () => live.has({ chatId: supergroup, messageId }));
    expect(live.has({ chatId: groupId, messageId: message_id })).toBe(false);
    clock.advance(60_000);
    await telegram.waitFor(() => shown()?.edits === 1);
    expect(
      shown()
        ?.buttons.flat()
        .map(({ text }) => text),
    ).toContain("⏹ Live");
  });

  it("goes on when a drawing fails, and ends when its message is gone", async () => {
    live.start(screen, view(24), ANNA);
    problem = new UpstreamError("unreachable", "ECONNREFUSED");
    clock.advance(60_000);
    await captionIs("ThingSpeak cannot be reached.");
    problem = null;
    await until("it goes on", () => {
      clock.advance(60_000);
      return message().caption === "24 h";
    });
    live.start({ ...screen, messageId: 999 }, view(24), ANNA);
    await until("it is gone", () => {
      clock.advance(60_000);
      return !live.has({ ...screen, messageId: 999 });
    });
  });

  it("ends when another one in its chat begins, when it is stopped, and when its chat is not served any more", () => {
    live.start(screen, view(24), ANNA);
    live.start({ ...screen, messageId: 7 }, view(24), ANNA);
    expect(live.has(screen)).toBe(false);
    live.stop(screen);
    expect(live.has({ ...screen, messageId: 7 })).toBe(true);
    live.stopIn(annaId);
    expect(live.has({ ...screen, messageId: 7 })).toBe(false);
    live.start(screen, view(24), ANNA);
    live.stop(screen);
    clock.advance(HOUR);
    expect(drawn).toEqual([]);
  });

  it("goes on after a restart for the rest of its hour; one whose hour is over says so", async () => {
    live.start(screen, view(24), ANNA);
    clock.advance(30_000);
    live.stopAll();
    clock.advance(20 * 60_000);
    expect(drawn).toEqual([]);
    create();
    await live.resume();
    expect(live.has(screen)).toBe(true);
    clock.advance(60_000);
    await captionIs("24 h");
    expect(labels()).toContain("⏹ Live");
    live.stopAll();
    clock.advance(5 * HOUR);
    create();
    await live.resume();
    clock.advance(60_000);
    await until("it says so", () => !labels().includes("⏹ Live"));
    create();
    await live.resume();
    expect(live.has(screen)).toBe(false);
  });
});
