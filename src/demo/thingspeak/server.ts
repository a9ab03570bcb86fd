import { portOf } from "../../lib/port-of.ts";
import type { IncomingMessage, ServerResponse } from "node:http";
import { http } from "../../lib/node-http.ts";
import { COLUMNS } from "../../thingspeak/columns.ts";
import { createChannel } from "./channel.ts";
import type { DemoChannel, NewChannel } from "./channel.ts";
import type { Cell, DemoEntries, NewColumns, NewEntry } from "./entries.ts";
import { createServerFaults, type ServerFault } from "./faults.ts";
import { route } from "./routes.ts";
import type { ChannelRequest } from "./routes.ts";

/** The log of a demo that runs for weeks stays this short. */
const MAX_LOGGED_REQUESTS = 1_000;
/** Far above 960 entries as the plant sends them; ThingSpeak's own bound is not known. */
const MAX_BODY_BYTES = 4_000_000;

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
  fault(fault: ServerFault, times?: number, path?: string): void;
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
  const faults = createServerFaults();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = await readCall(request);
    const query = Object.fromEntries(call.query);
    requests.push({ method: request.method ?? "", path: call.path, query, target: request.url ?? "" });
    if (requests.length > MAX_LOGGED_REQUESTS) requests.shift();

    faults.answer(call.path, response, () => route(channels, call, now()));
  }

  const server = http.createServer((request, response) => {
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
    entriesOf: (channelId) => allOf(channelOf(channelId).entries),
    load: (channelId, columns) => channelOf(channelId).entries.load(columns),
    fault: faults.add,
    stop: () =>
      new Promise((resolve) => {
        faults.stop();
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

function allOf(entries: DemoEntries): Readonly<Record<string, Cell>>[] {
  return entries.times.map((at, i) => ({
    at,
    ...Object.fromEntries(COLUMNS.map((column) => [column, entries.cell(column, i)])),
  }));
}
