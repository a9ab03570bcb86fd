import { portOf } from "../../lib/port-of.ts";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { COLUMNS } from "../../thingspeak/columns.ts";
import { createChannel } from "./channel.ts";
import type { DemoChannel, NewChannel } from "./channel.ts";
import type { Cell, NewColumns, NewEntry } from "./entries.ts";
import { route } from "./routes.ts";
import type { ChannelAnswer, ChannelRequest } from "./routes.ts";

/** The log of a demo that runs for weeks stays this short. */
const MAX_LOGGED_REQUESTS = 1_000;
/** Far above 960 entries as the plant sends them; ThingSpeak's own bound is not known. */
const MAX_BODY_BYTES = 4_000_000;

/** What the next request gets instead of its answer. */
type Fault =
  | { readonly kind: "status"; readonly status: number; readonly retryAfterSeconds?: number }
  /** What a feed answers to who may not read it (FACTS: A5). */
  | { readonly kind: "denied" }
  /** A proxy's page with status 200. */
  | { readonly kind: "html" }
  /** Half of the body that was announced, then the connection is closed. */
  | { readonly kind: "cut" }
  /** The request is carried out, and the connection closed without a word of it. */
  | { readonly kind: "lostAnswer" }
  /** No answer at all. */
  | { readonly kind: "hang" }
  /** The answer, late. */
  | { readonly kind: "slow"; readonly delayMs: number };

/** One request as it came, for tests. */
interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Path and query as on the wire. */
  readonly target: string;
}

/** A stand-in for ThingSpeak on a real socket. */
export interface ThingSpeakServer {
  readonly url: string;
  /** The newest thousand requests, oldest first. */
  readonly requests: readonly LoggedRequest[];
  addChannel(channel: NewChannel): void;
  /** Adds one entry past the interval and the key, as an import does. @returns its id */
  append(channelId: number, entry: NewEntry): number;
  /** The entries of a channel, oldest first, as the feed has them. */
  entriesOf(channelId: number): readonly Readonly<Record<string, Cell>>[];
  /** Adds many entries in order of time. */
  load(channelId: number, columns: NewColumns): void;
  /** Spoils the next `times` requests whose path begins with `path`; faults queue up. */
  fault(fault: Fault, times?: number, path?: string): void;
  stop(): Promise<void>;
}

/**
 * Starts the stand-in on loopback: it answers and refuses as the real service does (FACTS: A1 to A8), for the demo and for tests.
 * @param options `port` 0 picks a free one; `now` is epoch ms
 */
export async function startThingSpeak({
  port = 0,
  now,
}: {
  readonly port?: number;
  readonly now: () => number;
}): Promise<ThingSpeakServer> {
  const channels = new Map<number, DemoChannel>();
  const requests: LoggedRequest[] = [];
  const faults: { readonly fault: Fault; readonly path: string }[] = [];
  const timers = new Set<NodeJS.Timeout>();

  function later(delayMs: number, run: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      run();
    }, delayMs);
    timers.add(timer);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = await readCall(request);
    const query = Object.fromEntries(call.query);
    requests.push({ method: request.method ?? "", path: call.path, query, target: request.url ?? "" });
    if (requests.length > MAX_LOGGED_REQUESTS) requests.shift();

    const next = faults.findIndex(({ path }) => call.path.startsWith(path));
    const fault = next === -1 ? undefined : faults.splice(next, 1)[0]?.fault;
    const send = (): void => sendAnswer(response, route(channels, call, now()));
    if (fault === undefined) send();
    else if (fault.kind === "slow") later(fault.delayMs, send);
    else spoil(response, fault, () => route(channels, call, now()));
  }

  const server = createServer((request, response) => {
    // The other side went away, or sent more than it may: nobody is left to tell.
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });

  function channelOf(id: number): DemoChannel {
    const channel = channels.get(id);
    if (channel === undefined) throw new Error(`no channel ${id}`);
    return channel;
  }

  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    requests,
    addChannel: (channel) => void channels.set(channel.id, createChannel(channel, now())),
    append: (channelId, entry) => channelOf(channelId).entries.append(entry),
    entriesOf(channelId) {
      const { entries } = channelOf(channelId);
      return entries.times.map((at, i) => ({
        at,
        ...Object.fromEntries(COLUMNS.map((column) => [column, entries.cell(column, i)])),
      }));
    },
    load: (channelId, columns) => channelOf(channelId).entries.load(columns),
    fault: (fault, times = 1, path = "/") =>
      void faults.push(...Array.from({ length: times }, () => ({ fault, path }))),
    stop: () =>
      new Promise((resolve) => {
        for (const timer of timers) clearTimeout(timer);
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readCall(request: IncomingMessage): Promise<ChannelRequest> {
  const address = new URL(request.url ?? "/", "http://localhost");
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) {
    body += String(chunk);
    if (body.length > MAX_BODY_BYTES) throw new Error("the request is too large");
  }
  const query = new URLSearchParams([...address.searchParams, ...new URLSearchParams(body)]);
  const header = request.headers["thingspeakapikey"] ?? request.headers["x-thingspeakapikey"];
  return {
    method: request.method ?? "",
    path: address.pathname,
    query,
    key: query.get("api_key") ?? header?.toString() ?? null,
  };
}

function sendAnswer(response: ServerResponse, { status, type, body }: ChannelAnswer): void {
  response.writeHead(status, { "content-type": `${type}; charset=utf-8` }).end(body);
}

function spoil(response: ServerResponse, fault: Exclude<Fault, { kind: "slow" }>, answerOf: () => ChannelAnswer): void {
  switch (fault.kind) {
    case "status": {
      const wait = fault.retryAfterSeconds;
      if (wait !== undefined) response.setHeader("retry-after", String(wait));
      response.writeHead(fault.status).end();
      return;
    }
    case "denied":
      response.writeHead(400).end("-1");
      return;
    case "html":
      response.writeHead(200, { "content-type": "text/html" }).end("<!DOCTYPE html><title>Maintenance</title>");
      return;
    case "cut": {
      const body = Buffer.from(answerOf().body);
      response.writeHead(200, { "content-type": "text/csv", "content-length": body.length });
      response.write(body.subarray(0, body.length / 2), () => response.destroy());
      return;
    }
    case "lostAnswer":
      answerOf();
      response.destroy();
      return;
    case "hang":
      return;
  }
}
