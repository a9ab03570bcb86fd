import type { IncomingMessage, ServerResponse } from "node:http";
import type { Failure, ApiFaults } from "./faults.ts";
import type { CallLimits } from "./rate-limits.ts";
import { methods } from "./methods/methods.ts";
import { type Params, readInteger, readJsonParam, readParams } from "./state/params.ts";
import { Refusal } from "./state/refusal.ts";
import type { Method, Service } from "./state/service.ts";

/** One call of the Bot API, as the log keeps it. */
export interface ApiCall {
  readonly method: string;
  readonly params: Params;
  readonly at: number;
  /** The status of the answer; `null` while there is none, or for ever when none was given. */
  status: number | null;
  /** The words of a refusal. */
  description: string | null;
}

/** The log keeps at least this many of the newest calls, so that a demo may run for weeks. */
const keptCalls = 20_000;

/** What the API works with. */
interface Api {
  readonly token: string;
  readonly service: Service;
  readonly faults: ApiFaults;
  readonly limits: CallLimits | null;
  /** Each call that comes in is put at its end. */
  readonly calls: ApiCall[];
}

/**
 * The HTTP side of the Bot API, `/bot<token>/<method>` and `/file/bot<token>/<path>`: answers the request, if it is one for the API.
 * @returns whether it was
 */
export function handleApi(api: Api, request: IncomingMessage, response: ServerResponse, url: URL): boolean {
  const [, file, givenToken = "", rest = ""] = /^\/(file\/)?bot([^/]+)\/(.*)$/.exec(url.pathname) ?? [];
  if (givenToken === "") return false;
  const refusal = checkToken(givenToken, api.token);
  if (refusal) {
    request.resume();
    answer(response, refusal);
  } else if (file) {
    sendFile(api, response, rest);
  } else {
    answerCall(api, request, response, rest, url).catch((error: unknown) => answer(response, asRefusal(error)));
  }
  return true;
}

function checkToken(given: string, token: string): Refusal | null {
  if (!/^\d+:[\w-]+$/.test(given)) return new Refusal(404, "Not Found");
  return given === token ? null : new Refusal(401, "Unauthorized");
}

function sendFile({ service }: Api, response: ServerResponse, path: string): void {
  const media = service.media.findByPath(path);
  if (media) response.writeHead(200, { "content-type": media.mimeType }).end(media.bytes);
  else answer(response, new Refusal(404, "Not Found"));
}

async function answerCall(
  api: Api,
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
  url: URL,
): Promise<void> {
  const { service, faults } = api;
  const method = methods.get(name.toLowerCase());
  const params = await readParams(request, url.searchParams);
  const call: ApiCall = { method: method?.name ?? name, params, at: service.now(), status: null, description: null };
  log(api, call);
  const failure = faults.take(call.method, params);
  if (failure === "hang") return;
  if (failure === "drop") {
    request.socket.destroy();
    return;
  }
  const hangUp = new AbortController();
  response.on("close", () => hangUp.abort());
  const outcome = await settle(async () => {
    if (typeof failure === "object") throw failureRefusal(failure);
    if (failure === "html") return null;
    if (!method) throw new Refusal(404, "Not Found: method not found");
    return carryOut(api, method.name, method.call, params, hangUp.signal);
  });
  if (failure === "dropAfter") {
    request.socket.destroy();
  } else if (failure === "html") {
    call.status = 502;
    response.writeHead(502, { "content-type": "text/html" }).end("<html><h1>502 Bad Gateway</h1></html>");
  } else if (failure !== "hangAfter") {
    call.status = outcome instanceof Refusal ? outcome.status : 200;
    call.description = outcome instanceof Refusal ? outcome.message : null;
    answer(response, outcome);
  }
  service.changes.publish({ type: "call", method: call.method });
}

function log({ calls, service }: Api, call: ApiCall): void {
  calls.push(call);
  if (calls.length >= 2 * keptCalls) calls.splice(0, keptCalls);
  service.changes.publish({ type: "call", method: call.method });
}

/** Carries a call out, at Telegram's pace if that is kept: one that is refused for another reason is taken out of it again. */
async function carryOut(
  { service, limits }: Api,
  name: string,
  call: Method,
  params: Params,
  signal: AbortSignal,
): Promise<unknown> {
  const chat = service.chats.all().find((chat) => chat.id === readInteger(params, "chat_id"));
  const isSend = name.startsWith("send") && name !== "sendChatAction";
  const isEdit = name.startsWith("edit");
  if (!limits || !chat || !(isSend || isEdit)) return call(params, service, signal);
  const album = name === "sendMediaGroup" ? readJsonParam(params, "media") : null;
  const count = Array.isArray(album) ? album.length : 1;
  const takeBack = limits({ chatId: chat.id, isGroup: chat.type !== "private", isEdit, count });
  try {
    return await call(params, service, signal);
  } catch (error) {
    takeBack();
    throw error;
  }
}

async function settle(work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    return asRefusal(error);
  }
}

function asRefusal(error: unknown): Refusal {
  return error instanceof Refusal ? error : new Refusal(500, `Internal Server Error: ${String(error)}`);
}

function failureRefusal(failure: Exclude<Failure, string>): Refusal {
  const { status, description, retryAfterSeconds, migrateToChatId } = failure;
  if (retryAfterSeconds !== undefined) return new Refusal(status, description, { retry_after: retryAfterSeconds });
  if (migrateToChatId !== undefined) return new Refusal(status, description, { migrate_to_chat_id: migrateToChatId });
  return new Refusal(status, description);
}

function answer(response: ServerResponse, outcome: unknown): void {
  const isRefused = outcome instanceof Refusal;
  const body = isRefused
    ? { ok: false, error_code: outcome.status, description: outcome.message, parameters: outcome.parameters }
    : { ok: true, result: outcome };
  response.writeHead(isRefused ? outcome.status : 200, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
