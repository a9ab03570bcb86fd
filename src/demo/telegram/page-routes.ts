import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname } from "node:path";
import type { Change } from "./state/changes.ts";
import type { DemoChat, StoredMessage } from "./state/chats.ts";
import { type Params, readInteger, readParams, readString } from "./state/params.ts";
import type { DemoPeople } from "./people.ts";
import type { Service } from "./state/service.ts";
import { show } from "./view.ts";

const contentTypes = new Map([
  [".html", "text/html; charset=utf-8"],
  [".css", "text/css; charset=utf-8"],
  [".js", "text/javascript; charset=utf-8"],
  [".svg", "image/svg+xml"],
]);

/** The page shows at most this many of the newest messages of a chat when it opens. */
const shownMessages = 200;

/** Answers a request of the chat page. Only for this machine: other hosts' pages are turned away by name and by content type. */
export type PageRoutes = (request: IncomingMessage, response: ServerResponse, url: URL) => void;

/** The chat page: its files, a stream of what happens (Server-Sent Events), and what the person at it does. */
export function createPageRoutes({ service, people }: { service: Service; people: DemoPeople }): PageRoutes {
  const { bot, chats, changes, commands, media } = service;

  async function route(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? "")) {
      response.writeHead(403).end();
    } else if (request.method === "POST") {
      await act(request, response, url.pathname);
    } else if (url.pathname === "/events") {
      stream(response);
    } else if (url.pathname.startsWith("/media/")) {
      sendMedia(response, url.pathname.slice("/media/".length));
    } else {
      await sendPageFile(response, url.pathname === "/" ? "index.html" : url.pathname.slice(1));
    }
  }

  async function act(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    // A form of a foreign page cannot send this type without asking first.
    if (request.headers["content-type"] !== "application/json") return void response.writeHead(415).end();
    const params = await readParams(request, new URLSearchParams());
    const chat = chats.get(readInteger(params, "chatId") ?? 0);
    const replyTo = readInteger(params, "replyTo");
    const userId = readInteger(params, "userId") ?? 0;
    if (!chat.members.has(userId)) throw new Error(`Person ${userId} is not in chat ${chat.id}`);
    const who = { chatId: chat.id, userId, ...(replyTo !== undefined && { replyTo }) };
    if (path === "/say") say(who, params);
    else if (path === "/photo") people.sendPhoto({ ...who, ...readPhoto(params) });
    else if (path === "/press") people.press({ ...who, ...readPress(params) });
    else return void response.writeHead(404).end();
    response.writeHead(204).end();
  }

  function say(who: { chatId: number; userId: number; replyTo?: number }, params: Params): void {
    const text = readString(params, "text")?.trim() ?? "";
    if (text !== "") people.say({ ...who, text });
  }

  function stream(response: ServerResponse): void {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    const send = (event: object) => response.write(`data: ${JSON.stringify(event)}\n\n`);
    response.write("retry: 500\n\n");
    send({ type: "state", bot: { firstName: bot.first_name, username: bot.username }, chats: chats.all().map(whole) });
    const unsubscribe = changes.subscribe((change) => {
      const event = asEvent(change);
      if (event) send(event);
    });
    response.on("close", unsubscribe);
  }

  function asEvent(change: Change): object | null {
    if (change.type === "call") return null;
    if (change.type === "commands") return { type: "chats", chats: chats.all().map(summary) };
    if (change.type === "chat") return { type: "chats", chats: [summary(chats.get(change.chatId))] };
    if (change.type === "message") {
      const chat = chats.get(change.chatId);
      const message = chat.messages.get(change.messageId);
      return message ? { ...change, message: pageMessage(chat, message) } : null;
    }
    return change;
  }

  function summary(chat: DemoChat) {
    const pinned = chat.messages.get(chat.pinnedIds.at(-1) ?? 0);
    return {
      id: chat.id,
      // A private chat is seen by its person: under the name of the bot.
      title: chat.type === "private" ? bot.first_name : chat.title,
      isGroup: chat.type !== "private",
      members: [...chat.members.values()],
      composer: chat.composer,
      /** Each member's menu of commands. */
      menus: Object.fromEntries([...chat.members.keys()].map((id) => [id, commands.visible(chat, id)])),
      pinned: pinned ? pageMessage(chat, pinned) : null,
    };
  }

  function whole(chat: DemoChat) {
    const newest = [...chat.messages.values()].slice(-shownMessages);
    return { ...summary(chat), messages: newest.map((message) => pageMessage(chat, message)) };
  }

  function sendMedia(response: ServerResponse, path: string): void {
    const file = media.findByPath(path);
    if (!file) return void response.writeHead(404).end();
    const isPhoto = file.kind === "photo";
    response.writeHead(200, {
      "content-type": isPhoto ? file.mimeType : "application/octet-stream",
      ...(!isPhoto && { "content-disposition": "attachment" }),
      "cache-control": "max-age=86400, immutable",
    });
    response.end(file.bytes);
  }

  return (request, response, url) => {
    route(request, response, url).catch((error: unknown) => response.writeHead(400).end(String(error)));
  };
}

function readPhoto(params: Params): { photo: Uint8Array; caption: string } {
  const photo = new Uint8Array(Buffer.from(readString(params, "photo") ?? "", "base64"));
  return { photo, caption: readString(params, "caption") ?? "" };
}

function readPress(params: Params): { messageId: number; data: string } {
  return { messageId: readInteger(params, "messageId") ?? 0, data: readString(params, "data") ?? "" };
}

/** A message for the page, which fetches the bytes by address. */
function pageMessage(chat: DemoChat, message: StoredMessage) {
  const shown = show(chat, message);
  const url = message.media && `/media/${message.media.path}`;
  return {
    ...shown,
    photo: shown.photo && { url, width: shown.photo.width, height: shown.photo.height },
    document: shown.document && { url, fileName: shown.document.fileName },
  };
}

async function sendPageFile(response: ServerResponse, name: string): Promise<void> {
  const type = contentTypes.get(extname(name));
  if (!type || !/^[a-z-]+\.[a-z]+$/.test(name)) return void response.writeHead(404).end();
  const file = await readFile(new URL(`page/${name}`, import.meta.url)).catch(() => null);
  if (!file) return void response.writeHead(404).end();
  response.writeHead(200, {
    "content-type": type,
    "cache-control": "no-store",
    "content-security-policy": "default-src 'self'",
  });
  response.end(file);
}
