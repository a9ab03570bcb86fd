import { Api } from "grammy";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GET_FIGURE } from "../../../src/telegram/dialogues/plot.ts";
import { formatPeriodAsTyped } from "../../../src/queries/period.ts";
import { until } from "../../support/until.ts";
import { AINO, BENGT, GROUP, startPlotChat, TOKEN, ZONE } from "./plot-chat.ts";
import type { PlotChat } from "./plot-chat.ts";
import { clientOf } from "../../../src/telegram/api/client.ts";
import { outgoing } from "../../support/outgoing.ts";

let chat: PlotChat;

beforeEach(async () => {
  chat = await startPlotChat();
});

afterEach(() => chat.stop());

describe("dialogues", () => {
  it("are left by /cancel or by their button, and say so; then there is nothing to cancel", async () => {
    await chat.say(GET_FIGURE, "What shall I draw?");
    await chat.say("/cancel", "Cancelled.");
    expect(chat.open(AINO)).toEqual([]);
    await chat.say(GET_FIGURE, "What shall I draw?");
    await chat.press("✖ Cancel", "Cancelled.");
    expect(chat.open(AINO)).toEqual([]);
    await chat.say("/cancel", "There is nothing to cancel.");
    expect(chat.stored.size).toBe(0);
    expect(chat.queries).toEqual([]);
  });

  it("start afresh when they are opened in the middle", async () => {
    const first = await chat.say(GET_FIGURE, "What shall I draw?");
    await chat.press("Speed", "from when?");
    chat.telegram.say({ chatId: AINO, text: GET_FIGURE });
    const second = await chat.telegram.waitFor(() =>
      chat.open(AINO).find(({ messageId }) => messageId > first.messageId),
    );
    expect(second.text).toBe("What shall I draw?");
    expect(chat.open(AINO)).toHaveLength(1);
    await chat.press("Coil temperature (°C)", "from when?");
    await chat.press("Yesterday", "Coil temperature (°C), 2026-11-22");
    expect(await chat.drawn()).toEqual(["1: 2026-11-22"]);
  });

  it("take no command for an answer", async () => {
    await chat.say(GET_FIGURE, "What shall I draw?");
    await chat.press("Speed", "from when?");
    await chat.say("/status", "All is well.");
    await chat.say("/help", "Press Get Figure.");
    chat.telegram.say({ chatId: AINO, text: "24h" });
    expect(await chat.drawn()).toHaveLength(1);
  });

  it("keep two people in one group apart, and leave their talk alone", async () => {
    await chat.say(GET_FIGURE, "What shall I draw?", GROUP, AINO);
    await chat.press("Speed", "Speed: from when?", GROUP, AINO);
    const aino = chat.last(GROUP);
    await chat.say(GET_FIGURE, "What shall I draw?", GROUP, BENGT);
    await chat.press("Coil temperature (°C)", "Coil temperature (°C): from when?", GROUP, BENGT);

    // Bengt presses Aino's button, though they have a question of their own.
    const queryId = chat.telegram.press({
      chatId: GROUP,
      userId: BENGT,
      messageId: aino?.messageId ?? 0,
      label: "Today",
    });
    const answer = await chat.telegram.waitFor(() => chat.telegram.answers.get(queryId));
    expect(answer.text).toBe("This question is no longer open. Press Get Figure.");
    expect(chat.open(GROUP)).toHaveLength(2);

    await chat.say("is it hot again?", "Not for a dialogue.", GROUP, BENGT);
    // As an answer to the question, the same words are meant for it.
    chat.telegram.say({ chatId: GROUP, userId: AINO, text: "hot?", replyTo: aino?.messageId ?? 0 });
    await chat.shows("I cannot read “hot” as a time.", GROUP);
    chat.telegram.say({ chatId: GROUP, userId: AINO, text: "2018-08-20 2018-08-21" });
    chat.telegram.say({ chatId: GROUP, userId: BENGT, text: "7d" });
    const plots = await chat.drawn(2);
    expect(plots.sort()).toEqual(["1: 2026-11-16 15:00 → 11-23 15:00", "4: 2018-08-20 → 08-21"]);
    expect(chat.queries.find(({ by }) => by.userId === BENGT)).toMatchObject({ chatId: GROUP, field: 1 });
    await chat.telegram.waitFor(() => chat.open(GROUP).length === 0);
  });

  it("keep two chats of one person apart, and lose no answer of two at once", async () => {
    await chat.say(GET_FIGURE, "What shall I draw?", AINO);
    await chat.say(GET_FIGURE, "What shall I draw?", GROUP, AINO);
    chat.telegram.say({ chatId: AINO, text: "speed" });
    chat.telegram.say({ chatId: AINO, text: "2018-08-20" });
    chat.telegram.say({ chatId: GROUP, userId: AINO, text: "coil" });
    chat.telegram.say({ chatId: GROUP, userId: AINO, text: "yesterday" });
    chat.telegram.say({ chatId: AINO, text: "2018-08-21" });
    chat.telegram.say({ chatId: GROUP, userId: AINO, text: "now" });
    await chat.drawn(2);
    const byChat = Object.fromEntries(chat.queries.map((query) => [query.chatId, formatPeriodAsTyped(query, ZONE)]));
    expect(byChat).toEqual({ [AINO]: "2018-08-20 → 08-21", [GROUP]: "2026-11-22 00:00 → 11-23 15:00" });
  });

  it("survive restarts between any two answers", async () => {
    await chat.say(GET_FIGURE, "What shall I draw?");
    await chat.restartBot();
    await chat.press("Speed", "from when?");
    await chat.restartBot();
    await chat.say("nonsense", "I cannot read “nonsense” as a time.");
    await chat.restartBot();
    await chat.say("2018-08-20", "until when?");
    await chat.restartBot();
    await chat.press("22", "Speed, 2018-08-20 → 08-22: shall I draw it?");
    await chat.restartBot();
    await chat.press("📈 Draw", "Speed, 2018-08-20 → 08-22");
    expect(await chat.drawn()).toEqual(["4: 2018-08-20 → 08-22"]);
  });

  it("answer the buttons of a question that is over, and takes them away", async () => {
    await chat.say(GET_FIGURE, "What shall I draw?");
    // The record was dropped, as after an update that changed the dialogue.
    await until("the dialogue is stored", () => chat.stored.size === 1);
    chat.stored.clear();
    const queryId = chat.telegram.press({ chatId: AINO, label: "Speed" });
    const answer = await chat.telegram.waitFor(() => chat.telegram.answers.get(queryId));
    expect(answer.text).toBe("This question is no longer open. Press Get Figure.");
    await chat.telegram.waitFor(() => chat.open(AINO).length === 0);
  });

  it("stay in the forum topic in which they were opened", async () => {
    const [forum, threadId] = [-2002, 77];
    const members = [{ id: AINO, firstName: "Aino" }];
    chat.telegram.addGroup({ id: forum, title: "Plant", members, isForum: true, threadIds: [threadId] });
    const greeting = await new Api(TOKEN, clientOf(chat.telegram.url, outgoing)).sendMessage(forum, "Hello", {
      message_thread_id: threadId,
    });
    chat.telegram.say({ chatId: forum, userId: AINO, text: GET_FIGURE, replyTo: greeting.message_id });
    const question = await chat.shows("What shall I draw?", forum);
    expect(question.threadId).toBe(threadId);
    await chat.press("Speed", "from when?", forum, AINO);
    await chat.press("Today", "Speed, ", forum, AINO);
    await chat.drawn();
    expect(chat.queries[0]).toMatchObject({ chatId: forum, threadId });
  });
});
