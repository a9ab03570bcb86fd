import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { createServer as createTlsServer } from "node:https";
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { isSafeUrl } from "../../src/lib/outgoing.ts";
import { createUrlSender } from "../../src/outbox/url-sender.ts";
import { outgoing } from "../support/outgoing.ts";
import { createPki } from "../support/pki.ts";

const opened: { remove(): Promise<void> | void }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.remove();
});

async function serve(handle: (...exchange: Parameters<RequestListener>) => unknown): Promise<string> {
  const server = createServer((...exchange) => void handle(...exchange)).listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.push({
    remove: async () => {
      server.closeAllConnections();
      await server[Symbol.asyncDispose]();
    },
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/alarms?token=secret`;
}

/** Posts once; resolves with why it never will be taken, `null` if it was. */
function post(url: string, options: { deadlineMs?: number; signal?: AbortSignal } = {}): Promise<string | null> {
  const { deadlineMs = 5_000, signal = new AbortController().signal } = options;
  const webhook = createUrlSender({ url, outgoing, deadlineMs });
  return webhook({ target: "", payload: '{"text":"Räume 82 °C"}', isRetained: false }, signal);
}

describe("webhook", () => {
  it("posts the payload as JSON, and takes any 2xx for success", async () => {
    const requests: { request: IncomingMessage; body: string }[] = [];
    let status = 200;
    const url = await serve(async (request, response) => {
      requests.push({ request, body: await text(request) });
      response.writeHead(status).end("thank you");
    });
    for (status of [200, 202, 204]) expect(await post(url)).toBeNull();
    expect(requests).toHaveLength(3);
    const [first] = requests;
    expect(first?.body).toBe('{"text":"Räume 82 °C"}');
    expect(first?.request).toMatchObject({ method: "POST", url: "/alarms?token=secret" });
    expect(first?.request.headers["content-type"]).toBe("application/json");
  });

  it.each([400, 413, 422])(
    "is done with what is refused for what it says (%d), and tells no secret",
    async (status) => {
      const url = await serve((_, response) => void response.writeHead(status).end());
      expect(await post(url)).toBe(`${new URL(url).host} answered ${status}`);
    },
  );

  it.each([302, 401, 403, 404, 408, 410, 429, 500, 503])(
    "rejects after %d, to be tried again when it is mended",
    async (status) => {
      let calls = 0;
      const url = await serve((_, response) => {
        calls += 1;
        response.writeHead(status, { location: "/elsewhere" }).end();
      });
      await expect(post(url)).rejects.toThrow(`${new URL(url).host} answered ${status}`);
      expect(calls).toBe(1);
    },
  );

  it("rejects if there is no server, no answer in time, or the program stops", async () => {
    await expect(post("http://127.0.0.1:9/?token=secret")).rejects.toThrow(/^127\.0\.0\.1:9: .*ECONNREFUSED/);
    const url = await serve(() => undefined);
    await expect(post(url, { deadlineMs: 20 })).rejects.toThrow(`${new URL(url).host}: no answer within 20 ms`);
    await expect(post(url, { signal: AbortSignal.abort() })).rejects.toThrow("aborted");
    const broken = await serve((request) => void request.socket.destroy());
    await expect(post(broken)).rejects.toThrow("socket hang up");
  });

  it("goes by the status of an answer whose body never ends", async () => {
    const url = await serve((_, response) => void response.writeHead(200).write("…"));
    expect(await post(url, { deadlineMs: 50 })).toBeNull();
  });

  it("posts to no server whose certificate it cannot check", async () => {
    const pki = createPki();
    opened.push({ remove: () => pki.remove() });
    let calls = 0;
    const server = createTlsServer(
      { cert: readFileSync(pki.server.cert), key: readFileSync(pki.server.key) },
      (_, response) => {
        calls += 1;
        response.end();
      },
    ).listen(0, "127.0.0.1");
    await once(server, "listening");
    opened.push({ remove: () => server[Symbol.asyncDispose]() });
    const { port } = server.address() as AddressInfo;
    await expect(post(`https://localhost:${port}/`)).rejects.toThrow(/certificate/);
    expect(calls).toBe(0);
  });

  it.each(["http://hooks.example/x", "ftp://127.0.0.1/", "no URL", "http://127.0.0.1.example/"])(
    "never goes to %s",
    (target) => expect(isSafeUrl(target)).toBe(false),
  );

  it.each(["https://hooks.example/x", "http://localhost:8000/", "http://127.0.0.1/", "http://[::1]:8000/x"])(
    "may go to %s",
    (target) => expect(isSafeUrl(target)).toBe(true),
  );
});
