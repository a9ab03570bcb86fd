import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GET_FIGURE } from "../../../src/telegram/dialogues/plot.ts";
import { ConfigError, UpstreamError } from "../../../src/lib/errors.ts";
import { AINO, FIELDS, startPlotChat } from "./plot-chat.ts";
import type { PlotChat } from "./plot-chat.ts";

let chat: PlotChat;

beforeEach(async () => {
  chat = await startPlotChat();
});

afterEach(() => chat.stop());

describe("the plot dialogue", () => {
  it("goes by buttons: a field, then a preset, in one message that ends without buttons", async () => {
    const question = await chat.say(GET_FIGURE, "What shall I draw?");
    await chat.press("Speed", "Speed: from when?");
    const summary = await chat.press("Last 24 h", "Speed, 2026-11-22 15:00 → 11-23 15:00");

    expect(await chat.drawn()).toEqual(["4: 2026-11-22 15:00 → 11-23 15:00"]);
    expect(chat.queries[0]).toMatchObject({ chatId: AINO, by: { userId: AINO }, threadId: null });
    expect(summary.messageId).toBe(question.messageId);
    expect(chat.open(AINO)).toEqual([]);
  });

  it("goes by calendar, over the years, and counts the end day to its end", async () => {
    await chat.say("/plot", "What shall I draw?");
    await chat.press("Speed", "from when?");
    await chat.press("📅 Choose days", "from which day?");
    const size = chat.stored.get(`${AINO}:${AINO}`)?.length;
    for (let year = 2025; year >= 2018; year--) {
      await chat.press("«", "from which day?");
      await chat.telegram.waitFor(() => JSON.stringify(chat.last(AINO)?.buttons).includes(`"${year}"`));
    }
    await chat.press("◀", "from which day?");
    await chat.telegram.waitFor(() => JSON.stringify(chat.last(AINO)?.buttons).includes(`"Oct"`));
    // Turning pages leaves no trace in the storage.
    expect(chat.stored.get(`${AINO}:${AINO}`)?.length).toBe(size);
    await chat.press("20", "Speed from 2018-10-20 00:00: until when?");
    await chat.press("‹ Back", "from when?");
    await chat.press("Last 7 days", "Speed, ");
    await chat.say(GET_FIGURE, "What shall I draw?");
    await chat.press("Speed", "from when?");
    await chat.press("📅 Choose days", "from which day?");
    await chat.press("20", "Speed from 2026-11-20 00:00: until when?");
    await chat.press("22", "Speed, 2026-11-20 → 11-22: shall I draw it?");
    expect(chat.queries).toHaveLength(1);
    await chat.press("•21", "Speed, 2026-11-20 → 11-21: shall I draw it?");
    await chat.press("📈 Draw", "Speed, 2026-11-20 → 11-21");
    expect((await chat.drawn(2)).at(-1)).toBe("4: 2026-11-20 → 11-21");
  });

  it("goes by typing, each question below the answer before", async () => {
    await chat.say(GET_FIGURE, "What shall I draw?");
    await chat.say("coil temp", "Coil temperature (°C): from when?");
    await chat.say("20.8.2018 14:30", "from 2018-08-20 14:30: until when?");
    expect(chat.open(AINO)).toHaveLength(1);
    await chat.say("2018-08-21", "Coil temperature (°C), 2018-08-20 14:30 → 08-22 00:00");
    expect(await chat.drawn()).toEqual(["1: 2018-08-20 14:30 → 08-22 00:00"]);
    expect(chat.open(AINO)).toEqual([]);
  });

  it("keeps its calendar to the channel's life", async () => {
    chat.createdAt = Date.parse("2026-11-19T22:00:00Z");
    await chat.say(GET_FIGURE, "What shall I draw?");
    await chat.press("Speed", "from when?");
    const { buttons } = await chat.press("📅 Choose days", "from which day?");
    const days = JSON.stringify(buttons).match(/plot:d:[\d-]+/g);
    expect(days).toEqual(["plot:d:2026-11-20", "plot:d:2026-11-21", "plot:d:2026-11-22", "plot:d:2026-11-23"]);
  });

  it("goes until now by one press", async () => {
    await chat.say(GET_FIGURE, "What shall I draw?");
    await chat.press("Speed", "from when?");
    await chat.say("yesterday 22:00", "until when?");
    await chat.press("Until now", "Speed, 2026-11-22 22:00 → 11-23 15:00");
    expect(await chat.drawn()).toHaveLength(1);
  });

  it("asks again after nonsense, with a sentence, at each question", async () => {
    await chat.say(GET_FIGURE, "What shall I draw?");
    await chat.say("pressure", "I cannot find “pressure” among the fields.");
    await chat.say("speed", "Speed: from when?");
    await chat.say("soonish", "I cannot read “soonish” as a time.");
    await chat.say("31.2.2018", "There is no day “31.2.2018”");
    await chat.say("2030-01-01", "2030-01-01 00:00 is not past yet.");
    await chat.say("2018-08-20", "until when?");
    await chat.say("2018-08-19", "The end must come after the start, 2018-08-20 00:00.");
    const again = await chat.say("25:00", "There is no time “25:00”.");
    expect(again.text).toContain("until when?");
    expect(chat.open(AINO)).toEqual([again]);
    await chat.press("21", "Speed, 2018-08-20 → 08-21: shall I draw it?");
    await chat.press("📈 Draw", "Speed, 2018-08-20 → 08-21");
    expect(await chat.drawn()).toEqual(["4: 2018-08-20 → 08-21"]);
  });

  it("does not ask for the field where there is one, and says why it cannot ask", async () => {
    chat.fields = async () => FIELDS.slice(1);
    await chat.say(GET_FIGURE, "Speed: from when?");
    await chat.say("/cancel", "Cancelled.");
    chat.fields = async () => [];
    await chat.say(GET_FIGURE, "There is nothing to plot.");
    chat.fields = () => Promise.reject(new ConfigError(["feed.csv: line 3: 5 cells. An admin must mend FEED_FILE."]));
    await chat.say(GET_FIGURE, "feed.csv: line 3: 5 cells");
    chat.fields = () => Promise.reject(new UpstreamError("forbidden", "ThingSpeak answered -1"));
    await chat.say(GET_FIGURE, "THINGSPEAK_READ_API_KEY");
    await chat.say("hello", "Not for a dialogue.");
    expect(chat.stored.size).toBe(0);
  });

  it("asks in a new message when its own was deleted", async () => {
    const question = await chat.say(GET_FIGURE, "What shall I draw?");
    chat.telegram.fault({
      method: "editMessageText",
      failure: { status: 400, description: "Bad Request: message to edit not found" },
    });
    chat.telegram.press({ chatId: AINO, label: "Speed" });
    const again = await chat.shows("Speed: from when?");
    expect(again.messageId).toBeGreaterThan(question.messageId);
    await chat.press("Last hour", "Speed, 2026-11-23 14:00 → 15:00");
    expect(await chat.drawn()).toHaveLength(1);
  });
});
