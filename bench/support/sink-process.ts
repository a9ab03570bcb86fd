import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { monotonicMs } from "./clock.ts";

/**
 * Just enough of Telegram for cards, in a process of its own: it answers the five methods that the program calls then, and
 * notes when each call had come in. The stand-in of the demo keeps chats, checks markup and feeds a chat page, all of which
 * would be on the same two cores and would be measured with the program.
 */

/** One call as it came in. */
export interface SinkCall {
  readonly method: string;
  /** `monotonicMs`, when the whole request was there. */
  readonly receivedAt: number;
  /** Of the message that was sent or edited; `null` in other calls. */
  readonly messageId: number | null;
  readonly text: string;
}

const BOT = { id: 1, is_bot: true, first_name: "Valvomo", username: "valvomo_bot" };

let calls: SinkCall[] = [];
let lastMessageId = 0;

/** As JSON, or as a form, in which other programs call. */
function paramsOf(body: string): { chat_id?: number; message_id?: number; text?: string } {
  if (body.startsWith("{")) return JSON.parse(body);
  return Object.fromEntries(new URLSearchParams(body));
}

function answer(method: string, body: string): unknown {
  const params = paramsOf(body);
  const messageId = method === "sendMessage" ? ++lastMessageId : (params.message_id ?? null);
  calls.push({ method, receivedAt: monotonicMs(), messageId, text: params.text ?? "" });
  if (method === "getMe") return BOT;
  if (messageId === null) return true;
  const chat = { id: Number(params.chat_id), type: "private", first_name: "Aino" };
  return { message_id: messageId, date: Math.floor(Date.now() / 1000), chat, from: BOT, text: params.text };
}

const server = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8").on("data", (part: string) => (body += part));
  request.on("end", () => {
    const method = request.url?.split("/").at(-1) ?? "";
    const result = answer(method, body);
    // Nobody writes to the bot, so a poll stays open until the program hangs up.
    if (method === "getUpdates") return;
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ ok: true, result }));
  });
});

server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
// Whatever is asked, the answer is the calls since the last time.
process.on("message", () => {
  process.send?.(calls);
  calls = [];
});
process.on("disconnect", () => process.exit());
