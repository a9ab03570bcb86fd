import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { expect, onTestFinished } from "vitest";
import { startThingSpeak } from "../../src/demo/thingspeak/server.ts";
import type { ThingSpeakServer } from "../../src/demo/thingspeak/server.ts";
import { UpstreamError } from "../../src/lib/errors.ts";
import { createThingSpeak } from "../../src/thingspeak/client.ts";
import type { ThingSpeak, ThingSpeakOptions } from "../../src/thingspeak/client.ts";
import { parseFeed } from "../../src/thingspeak/feed.ts";
import { outgoing } from "../support/outgoing.ts";

export const NOW = Date.UTC(2026, 10, 22, 12);
/** The channel's read key, which no error may show. */
export const KEY = "READKEY1234567890";
export const WEEK = { startAt: NOW - 7 * 86_400_000, endAt: NOW };

/** A stand-in with the private channel 7, fields 1 and 4; closed after the test. */
export async function startServer(): Promise<ThingSpeakServer> {
  const server = await startThingSpeak({ now: () => NOW });
  onTestFinished(() => server.stop());
  server.addChannel({
    id: 7,
    name: "AMB",
    labels: { 1: "Coil temperature", 4: "Rotor speed" },
    readApiKey: KEY,
    writeApiKey: "WRITEKEY",
  });
  return server;
}

/** A client of channel 7 that does not wait between attempts; closed after the test. */
export function connect(url: string, options: Partial<ThingSpeakOptions> = {}): ThingSpeak {
  const client = createThingSpeak({
    url,
    channelId: "7",
    readApiKey: KEY,
    outgoing,
    parse: async (csv) => parseFeed(csv),
    now: () => NOW,
    delay: async () => {},
    ...options,
  });
  onTestFinished(() => client.stop());
  return client;
}

/** Any server that answers every request with `body`. */
export function startFixed(body: string): Promise<string> {
  return startAny((_, response) => response.end(body));
}

/** Any server. */
export async function startAny(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await server[Symbol.asyncDispose]();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** `length` entries that end at `NOW`, whose value is their number, at the seconds that `secondOf` gives. */
export function count(length: number, secondOf: (index: number) => number = (index) => index - length + 1) {
  return {
    times: Array.from({ length }, (_, index) => NOW + secondOf(index) * 1_000),
    columns: { field1: Array.from({ length }, (_, index) => index) },
  };
}

/** Why an attempt failed, after a look for the key in all that the error holds. */
export async function reasonOf(attempt: Promise<unknown>): Promise<string> {
  const error: unknown = await attempt.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof UpstreamError)) throw new Error("no UpstreamError", { cause: error });
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(KEY);
  return error.reason;
}
