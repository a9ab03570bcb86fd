import { GrammyError, HttpError } from "grammy";
import { describe, expect, it } from "vitest";
import type { Outcome } from "../../../src/dispatch/types.ts";
import { networkReason, outcomeOf } from "../../../src/telegram/api/failure.ts";

const refusal = (error_code: number, description: string, parameters = {}) =>
  new GrammyError("refused", { ok: false, error_code, description, parameters }, "sendMessage", {});
const kindOf = (error_code: number, description: string): Outcome["kind"] =>
  outcomeOf(refusal(error_code, description), 1).kind;

describe("what Telegram refuses", () => {
  // The words of the Bot API server's source.
  it.each<[Outcome["kind"], number, string]>([
    ["unreachable", 403, "Forbidden: bot was blocked by the user"],
    ["unreachable", 403, "Forbidden: user is deactivated"],
    ["unreachable", 403, "Forbidden: bot was kicked from the supergroup chat"],
    ["unreachable", 403, "Forbidden: bot is not a member of the channel chat"],
    ["unreachable", 403, "Forbidden: the group chat was deleted"],
    ["unreachable", 403, "Forbidden: bot can't initiate conversation with a user"],
    ["unreachable", 400, "Bad Request: chat not found"],
    ["unreachable", 400, "Bad Request: not enough rights to send text messages to the chat"],
    ["unreachable", 400, "Bad Request: have no write access to the chat"],
    ["unreachable", 400, "Bad Request: CHAT_WRITE_FORBIDDEN"],
    ["unreachable", 400, "Bad Request: CHAT_SEND_PLAIN_FORBIDDEN"],
    ["unreachable", 400, "Bad Request: CHAT_RESTRICTED"],
    ["unreachable", 400, "Bad Request: need administrator rights in the channel chat"],
    ["closed", 400, "Bad Request: message thread not found"],
    ["closed", 400, "Bad Request: TOPIC_CLOSED"],
    ["closed", 400, "Bad Request: TOPIC_DELETED"],
    ["gone", 400, "Bad Request: message to edit not found"],
    ["gone", 400, "Bad Request: message can't be edited"],
    ["gone", 400, "Bad Request: there is no text in the message to edit"],
    ["gone", 400, "Bad Request: MESSAGE_ID_INVALID"],
    ["markup", 400, 'Bad Request: can\'t parse entities: Unsupported start tag "x" at byte offset 3'],
    ["tooLong", 400, "Bad Request: message is too long"],
    ["tooLong", 400, "Bad Request: message caption is too long"],
    ["refused", 400, "Bad Request: BUTTON_DATA_INVALID"],
    ["refused", 400, "Bad Request: message text is empty"],
    ["unavailable", 401, "Unauthorized"],
    ["unavailable", 404, "Not Found"],
    ["unavailable", 500, "Internal Server Error: restart"],
    ["unavailable", 502, "Bad Gateway"],
  ])("is %s: %i %s", (kind, code, description) => {
    expect(kindOf(code, description)).toBe(kind);
  });

  it("for too many requests says for how long, a second at least", () => {
    const limited = (parameters: object) => outcomeOf(refusal(429, "Too Many Requests", parameters), 1);
    expect(limited({ retry_after: 1_000 })).toMatchObject({ kind: "limited", retryAfterMs: 1_000_000 });
    expect(limited({})).toMatchObject({ kind: "limited", retryAfterMs: 1_000 });
  });

  it("for a group that migrated says where to", () => {
    const description = "Bad Request: group chat was upgraded to a supergroup chat";
    expect(outcomeOf(refusal(400, description, { migrate_to_chat_id: -1_007 }), 1)).toMatchObject({
      kind: "migrated",
      chatId: -1_007,
    });
  });

  it("because nothing would change is what was wanted", () => {
    const description =
      "Bad Request: message is not modified: specified new message content and reply markup are exactly the same";
    expect(outcomeOf(refusal(400, description), 42)).toEqual({ kind: "done", messageId: 42, isAsBefore: true });
  });
});

it("a network that fails is no refusal, and its words are not told: the token is in them", () => {
  const error = new HttpError("failed", Object.assign(new Error("https://api/bot1:token/x"), { code: "ECONNRESET" }));
  expect(outcomeOf(error, 1)).toEqual({ kind: "unavailable", detail: "ECONNRESET" });
});

describe("why the network failed", () => {
  it.each([
    ["ENOTFOUND", "its name is not known: is there a network, or a proxy to be named in HTTPS_PROXY? (ENOTFOUND)"],
    ["ECONNREFUSED", "nothing listens there (ECONNREFUSED)"],
    ["EAI_AGAIN", "its name cannot be looked up now (EAI_AGAIN)"],
    ["EWHATEVER", "EWHATEVER"],
    ["constructor", "constructor"],
  ])("is said in words for %s, and never with the URL, in which the token is", (code, words) => {
    const cause = Object.assign(new Error("request to https://api.telegram.org/bot417:TOKEN/getMe failed"), { code });
    expect(networkReason(new HttpError("Network request for 'getMe' failed!", cause))).toBe(words);
  });
});
