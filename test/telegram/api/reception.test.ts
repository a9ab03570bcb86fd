import { beforeEach, describe, expect, it } from "vitest";
import { createReception, RIVAL_GONE_MS, type Reception } from "../../../src/telegram/api/reception.ts";

const URL = "https://plant.example/telegram";
const RIVAL = "another program with the same bot token takes what people write and press";
const conflict = {
  ok: false,
  error_code: 409,
  description: "Conflict: terminated by other getUpdates request",
} as const;
const polled = { ok: true, result: [] } as const;

let now = 0;
let reception: Reception;

beforeEach(() => {
  now = 1_000_000_000;
  reception = createReception(() => now);
});

const webhook = (state: object) => ({ ok: true, result: { url: URL, pending_update_count: 0, ...state } }) as const;

describe("whether what people write comes", () => {
  it("is not known to be wrong before a call told", () => {
    expect(reception.trouble()).toBeNull();
  });

  it("is told by no call that has nothing to do with it", () => {
    reception.note("sendMessage", {}, conflict);
    expect(reception.trouble()).toBeNull();
  });

  it("a rival is told for a while, although polls succeed between", () => {
    reception.note("getUpdates", {}, conflict);
    reception.note("getUpdates", {}, polled);
    now += RIVAL_GONE_MS - 1;
    expect(reception.trouble()).toContain(RIVAL);
    now += 1;
    expect(reception.trouble()).toBeNull();
  });

  it("a rival is told for as long as no poll succeeds", () => {
    reception.note("getUpdates", {}, conflict);
    now += 10 * RIVAL_GONE_MS;
    expect(reception.trouble()).toContain("409");
  });

  it("any other refusal is over with the next poll", () => {
    reception.note("getUpdates", {}, { ok: false, error_code: 400, description: "Bad Request" });
    expect(reception.trouble()).toBe("400 Bad Request");
    reception.note("getUpdates", {}, polled);
    expect(reception.trouble()).toBeNull();
  });

  it("a webhook that is not ours was taken away", () => {
    reception.note("setWebhook", { url: URL }, { ok: true, result: true });
    reception.note("getWebhookInfo", {}, webhook({}));
    expect(reception.trouble()).toBeNull();
    reception.note("getWebhookInfo", {}, webhook({ url: "" }));
    expect(reception.trouble()).toBe(`${RIVAL}: it has set or removed the webhook`);
  });

  it("what Telegram could not deliver is told while something waits and the error is new", () => {
    reception.note("setWebhook", { url: URL }, { ok: true, result: true });
    const state = { last_error_date: now / 1_000, last_error_message: "Connection refused" };
    reception.note("getWebhookInfo", {}, webhook({ ...state, pending_update_count: 2 }));
    expect(reception.trouble()).toBe("what people write is not delivered: Connection refused");
    reception.note("getWebhookInfo", {}, webhook(state));
    expect(reception.trouble()).toBeNull();
    now += 600_000;
    reception.note("getWebhookInfo", {}, webhook({ ...state, pending_update_count: 2 }));
    expect(reception.trouble()).toBeNull();
  });
});
