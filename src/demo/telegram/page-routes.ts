import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname } from "node:path";
import { pageEvent, pageState } from "./page-view.ts";
import type { DemoPeople } from "./people.ts";
import { type Params, readInteger, readParams, readString } from "./state/params.ts";
import type { Service } from "./state/service.ts";
import type { ThingsToTry } from "./tries.ts";
import type { Written } from "./writing.ts";

const contentTypes = new Map([
  [".html", "text/html; charset=utf-8"],
  [".css", "text/css; charset=utf-8"],
  [".js", "text/javascript; charset=utf-8"],
  [".svg", "image/svg+xml"],
]);

/** What the chat page shows, and what is done at it. */
interface Page {
  readonly service: Service;
  readonly people: DemoPeople;
  readonly tries: () => ThingsToTry;
}

/**
 * Answers a request of the chat page: its files, a stream of what happens (Server-Sent Events), and what the person at it does. Only for
 * this machine: other hosts' pages are turned away by name and by content type.
 */
export function handlePage(page: Page, request: IncomingMessage, response: ServerResponse, url: URL): void {
  route(page, request, response, url).catch((error: unknown) => response.writeHead(400).end(String(error)));
}

async function route(page: Page, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? "")) {
    response.writeHead(403).end();
  } else if (request.method === "POST" && url.pathname === "/try") {
    await attempt(page, request, response);
  } else if (request.method === "POST") {
    await act(page, request, response, url.pathname);
  } else if (url.pathname === "/tries") {
    const { about, causes } = page.tries();
    const labels = causes.map(({ label }) => label);
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ about, labels }));
  } else if (url.pathname === "/events") {
    stream(page, response);
  } else if (url.pathname.startsWith("/media/")) {
    sendMedia(page, response, url.pathname.slice("/media/".length));
  } else {
    await sendPageFile(response, url.pathname === "/" ? "index.html" : url.pathname.slice(1));
  }
}

async function attempt({ tries }: Page, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // A form of a foreign page cannot send this type without asking first.
  if (request.headers["content-type"] !== "application/json") return void response.writeHead(415).end();
  const { index } = await readParams(request, new URLSearchParams());
  const found = tries().causes[Number(index)];
  if (found === undefined) return void response.writeHead(404).end();
  const sentence = await found.cause();
  response.writeHead(200, { "content-type": "text/plain; charset=utf-8" }).end(sentence);
}

async function act(
  { service, people }: Page,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  // A form of a foreign page cannot send this type without asking first.
  if (request.headers["content-type"] !== "application/json") return void response.writeHead(415).end();
  const params = await readParams(request, new URLSearchParams());
  const chat = service.chats.get(readInteger(params, "chatId") ?? 0);
  const replyTo = readInteger(params, "replyTo");
  const userId = readInteger(params, "userId") ?? 0;
  if (!chat.members.has(userId)) throw new Error(`Person ${userId} is not in chat ${chat.id}`);
  const who = { chatId: chat.id, userId, ...(replyTo !== undefined && { replyTo }) };
  if (path === "/say") say(people, who, params);
  else if (path === "/photo") people.sendPhoto({ ...who, ...readPhoto(params) });
  else if (path === "/press") people.press({ ...who, ...readPress(params) });
  else return void response.writeHead(404).end();
  response.writeHead(204).end();
}

function say(people: DemoPeople, who: Written, params: Params): void {
  const text = readString(params, "text")?.trim() ?? "";
  if (text !== "") people.say({ ...who, text });
}

function readPhoto(params: Params): { photo: Uint8Array; caption: string } {
  const photo = new Uint8Array(Buffer.from(readString(params, "photo") ?? "", "base64"));
  return { photo, caption: readString(params, "caption") ?? "" };
}

function readPress(params: Params): { messageId: number; data: string } {
  return { messageId: readInteger(params, "messageId") ?? 0, data: readString(params, "data") ?? "" };
}

function stream({ service }: Page, response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  const send = (event: object) => response.write(`data: ${JSON.stringify(event)}\n\n`);
  response.write("retry: 500\n\n");
  send(pageState(service));
  const unsubscribe = service.changes.subscribe((change) => {
    const event = pageEvent(service, change);
    if (event) send(event);
  });
  response.on("close", unsubscribe);
}

function sendMedia({ service }: Page, response: ServerResponse, path: string): void {
  const file = service.media.findByPath(path);
  if (!file) return void response.writeHead(404).end();
  const isPhoto = file.kind === "photo";
  response.writeHead(200, {
    "content-type": isPhoto ? file.mimeType : "application/octet-stream",
    ...(!isPhoto && { "content-disposition": "attachment" }),
    "cache-control": "max-age=86400, immutable",
  });
  response.end(file.bytes);
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
