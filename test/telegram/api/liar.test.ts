import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { Api } from "grammy";
import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/lib/time/clock.ts";
import { createPace } from "../../../src/pace/pace.ts";
import { clientOf } from "../../../src/telegram/api/client.ts";
import { createApiHealth } from "../../../src/telegram/api/api-health.ts";
import { silentLog } from "../../support/log.ts";
import { outgoing } from "../../support/outgoing.ts";
import { createPki } from "../../support/pki.ts";
import { startTlsFront } from "../../support/tls-front.ts";

const TOKEN = "123456:token-of-a-liar";

const opened: { remove(): unknown }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).toReversed()) await thing.remove();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  opened.push({ remove: () => server[Symbol.asyncDispose]() }, { remove: () => server.closeAllConnections() });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Sends a message as the bot does; gives what the link says then. */
async function send(apiRoot: string): Promise<{ reason: string | null; error: unknown }> {
  const apiHealth = createApiHealth({
    clock: systemClock,
    pace: createPace({ isOn: false, clock: systemClock }),
    comeback: { note: () => undefined },
    log: silentLog,
  });
  const api = new Api(TOKEN, clientOf(apiRoot, outgoing));
  api.config.use(apiHealth.transformer);
  const error: unknown = await api.sendMessage(11, "secret of the plant").catch((thrown: unknown) => thrown);
  return { reason: apiHealth.status().error, error };
}

describe("a Telegram that lies", () => {
  it.each([
    ["a page", 200, "<html><h1>Log in to the guest network</h1></html>"],
    ["a page of a front end", 502, "<html><h1>502 Bad Gateway</h1></html>"],
    ["nothing", 200, ""],
    ["half of an answer", 200, '{"ok":true,"result":{'],
  ])("with %s is told in words", async (_, status, body) => {
    const root = await serve((_request, response) => response.writeHead(status).end(body));
    expect((await send(root)).reason).toBe(
      "the answer is not Telegram's: is something on the way, such as a proxy with a page of its own?",
    );
  });

  it("with an answer that does not end is left after 16 MB", async () => {
    let sent = 0;
    const root = await serve((_, response) => {
      const more = Buffer.alloc(1_000_000, " ");
      const pour = (): void => {
        while (!response.destroyed && response.write(more)) sent += more.length;
      };
      response.writeHead(200, { "content-type": "application/json" }).on("drain", pour);
      pour();
    });
    expect((await send(root)).reason).toBe("the answer does not end");
    expect(sent).toBeLessThan(40_000_000);
  });

  it.each([301, 302, 303, 307, 308])(
    "that leads elsewhere (%d) is not followed: nothing goes along",
    async (status) => {
      let calls = 0;
      const elsewhere = await serve((_, response) => {
        calls += 1;
        response.end();
      });
      const root = await serve((_, response) => response.writeHead(status, { location: `${elsewhere}/x` }).end());
      expect((await send(root)).reason).toBe("it redirects elsewhere, which we do not follow");
      expect(calls).toBe(0);
    },
  );

  it("that is somebody else's server gets nothing, and is told", async () => {
    const pki = createPki();
    opened.push(pki);
    let calls = 0;
    const behind = await serve((_, response) => response.end(String((calls += 1))));
    const front = await startTlsFront(Number(new URL(behind).port), pki.server);
    opened.push(front);
    expect((await send(`https://localhost:${front.port}`)).reason).toMatch(/^its certificate is not from an authority/);
    expect(calls).toBe(0);
  });

  it("never gets its token into an error's text", async () => {
    const root = await serve((request) => request.socket.destroy());
    const { reason, error } = await send(root);
    expect(reason).toBe("ECONNRESET");
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).not.toContain(TOKEN);
    expect(inspect(error, { depth: 0 })).not.toContain(TOKEN);
  });
});
