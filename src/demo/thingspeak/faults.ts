import type { ServerResponse } from "node:http";
import type { ChannelAnswer } from "./routes.ts";

/** What the next request gets instead of its answer. */
export type ServerFault =
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

/** What goes wrong with the next requests. */
interface ServerFaults {
  /** Spoils the next `times` requests whose path begins with `path`; faults queue up. */
  readonly add: (fault: ServerFault, times?: number, path?: string) => void;
  /** Answers a request, or does what goes wrong with it instead; the fault is used up by that. */
  answer(path: string, response: ServerResponse, answerOf: () => ChannelAnswer): void;
  /** Forgets the answers that are late. */
  stop(): void;
}

/** Nothing goes wrong at first. */
export function createServerFaults(): ServerFaults {
  const queue: { readonly fault: ServerFault; readonly path: string }[] = [];
  const timers = new Set<NodeJS.Timeout>();

  function later(delayMs: number, run: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      run();
    }, delayMs);
    timers.add(timer);
  }

  return {
    add: (fault, times = 1, path = "/") => void queue.push(...Array.from({ length: times }, () => ({ fault, path }))),
    answer(path, response, answerOf) {
      const next = queue.findIndex((entry) => path.startsWith(entry.path));
      const fault = next === -1 ? undefined : queue.splice(next, 1)[0]?.fault;
      const send = (): void => sendAnswer(response, answerOf());
      if (fault === undefined) send();
      else if (fault.kind === "slow") later(fault.delayMs, send);
      else spoil(response, fault, answerOf);
    },
    stop() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

function sendAnswer(response: ServerResponse, { status, type, body }: ChannelAnswer): void {
  response.writeHead(status, { "content-type": `${type}; charset=utf-8` }).end(body);
}

function spoil(
  response: ServerResponse,
  fault: Exclude<ServerFault, { kind: "slow" }>,
  answerOf: () => ChannelAnswer,
): void {
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
