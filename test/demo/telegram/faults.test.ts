import { HttpError } from "grammy";
import { describe, expect, it } from "vitest";
import { annaId, groupId, refusal, setUp } from "./support.ts";

describe("faults", () => {
  it("refuse as often as they are told, in one chat or one method", async () => {
    const { telegram, api } = await setUp();
    const failure = { status: 429, description: "Too Many Requests: retry after 7", retryAfterSeconds: 7 };
    telegram.fault({ method: "sendMessage", chatId: annaId, times: 2, failure });
    await api.sendMessage(groupId, "x");
    await api.sendChatAction(annaId, "typing");
    expect((await refusal(api.sendMessage(annaId, "x"))).parameters.retry_after).toBe(7);
    expect((await refusal(api.sendMessage(annaId, "x"))).error_code).toBe(429);
    await api.sendMessage(annaId, "x");
    expect(telegram.messages(annaId)).toHaveLength(1);
  });

  it("last until they are lifted, and leave polling alone unless it is meant too", async () => {
    const { telegram, api } = await setUp();
    const failure = { status: 500, description: "Internal Server Error: restart" };
    const lift = telegram.fault({ times: Infinity, failure });
    await api.getUpdates();
    expect((await refusal(api.sendMessage(annaId, "x"))).error_code).toBe(500);
    expect((await refusal(api.getMe())).error_code).toBe(500);
    lift();
    await api.getMe();
    telegram.fault({ method: "*", failure });
    expect((await refusal(api.getUpdates())).error_code).toBe(500);
  });

  it("cut the connection before or after the call is carried out", async () => {
    const { telegram, api } = await setUp();
    telegram.fault({ method: "sendMessage", failure: "drop" });
    await expect(api.sendMessage(annaId, "lost")).rejects.toThrow(HttpError);
    telegram.fault({ method: "sendMessage", failure: "dropAfter" });
    await expect(api.sendMessage(annaId, "arrived")).rejects.toThrow(HttpError);
    expect(telegram.messages(annaId).map((message) => message.text)).toEqual(["arrived"]);
    expect(telegram.calls.map((call) => call.status)).toEqual([null, null]);
  });

  it("answer with a page instead of JSON, or not at all", async () => {
    const { telegram, api } = await setUp();
    telegram.fault({ failure: "html" });
    await expect(api.sendMessage(annaId, "x")).rejects.toThrow(HttpError);
    expect(telegram.calls.at(-1)!.status).toBe(502);
    telegram.fault({ failure: "hang" });
    const hangUp = new AbortController();
    const hanging = api.sendMessage(annaId, "x", {}, hangUp.signal as never).catch(() => "gave up");
    await telegram.waitFor(() => telegram.calls.length === 2);
    hangUp.abort();
    expect(await hanging).toBe("gave up");
    expect(telegram.messages(annaId)).toEqual([]);
  });

  it("carry a call out and never answer it", async () => {
    const { telegram, api } = await setUp();
    telegram.fault({ failure: "hangAfter" });
    const hangUp = new AbortController();
    const hanging = api.sendMessage(annaId, "arrived", {}, hangUp.signal as never).catch(() => "gave up");
    await telegram.waitFor(() => telegram.messages(annaId).length === 1);
    hangUp.abort();
    expect(await hanging).toBe("gave up");
    expect(telegram.calls.map((call) => call.status)).toEqual([null]);
  });
});

describe("waitFor", () => {
  it("says what it waited for, and what happened instead", async () => {
    const { telegram, api } = await setUp();
    await refusal(api.sendMessage(99, "x"));
    const waiting = telegram.waitFor(() => telegram.messages(annaId).length === 3, 1);
    await expect(waiting).rejects.toThrow(/\.length === 3[^]*sendMessage 400 Bad Request: chat not found/);
  });
});
