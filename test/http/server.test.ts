import { once } from "node:events";
import { request, type IncomingMessage, type RequestOptions } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { innerPage, page } from "../../src/http/page.ts";
import { createHttpServer, type HttpServer } from "../../src/http/server.ts";
import { silentLog } from "../support/log.ts";
import { until } from "../support/until.ts";

const TOKEN = "0123456789abcdef";
const content = (body: string) => async () => ({ status: 200, type: "text/plain; charset=utf-8", body }) as const;

let server: HttpServer;
let port: number;
beforeEach(async () => {
  const routes = [
    page("/open", content("öffen\n")),
    innerPage("/inner", TOKEN, content("inside\n")),
    innerPage("/here", null, content("here\n")),
    page("/broken", () => Promise.reject(new Error("disk"))),
  ];
  server = createHttpServer({ host: null, port: 0, log: silentLog });
  server.serve(routes);
  port = await server.start();
});
afterEach(() => server.stop());

/** Not fetch: it sets headers of its own. */
async function ask(path: string, options: RequestOptions = {}) {
  const sent = request({ host: "127.0.0.1", port, path, ...options }).end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

describe("the port", () => {
  it("answers, in bytes of UTF-8, and keeps what is asked for behind a question mark out of it", async () => {
    expect(await ask("/open?a=b")).toMatchObject({ status: 200, body: "öffen\n", headers: { "content-length": "7" } });
    expect(await ask("/open", { method: "HEAD" })).toMatchObject({ status: 200, body: "" });
  });

  it.each([
    ["/", "GET", 404],
    ["/open/", "GET", 404],
    ["/../open", "GET", 404],
    ["/OPEN", "GET", 404],
    ["/open", "POST", 405],
    ["/open", "DELETE", 405],
    ["/broken", "GET", 500],
  ])("answers %s %s with %d and nothing else", async (path, method, status) => {
    const answer = await ask(path, { method });
    expect(answer).toMatchObject({ status, body: "" });
    expect(answer.headers.allow).toBe(status === 405 ? "GET, HEAD" : undefined);
  });

  it.each(["/open", "/nothing", "/inner"])("gives a browser nothing to work with: %s", async (path) => {
    const { headers } = await ask(path);
    expect(headers).toMatchObject({
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "x-content-type-options": "nosniff",
    });
    expect(Object.keys(headers)).not.toContain("server");
    expect(Object.keys(headers)).not.toContain("x-powered-by");
  });

  it("refuses headers without end, and what is no HTTP", async () => {
    expect(await ask("/open", { headers: { cookie: "x".repeat(9_000) } })).toMatchObject({ status: 431 });
    const socket = connect(port, "127.0.0.1").end("\0\0\r\n\r\n");
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
  });

  it("does not wait for whoever does not get on", async () => {
    const socket = connect(port, "127.0.0.1");
    socket.write("GET /open HTTP/1.1\r\n");
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 /);
  });
});

describe("connections", () => {
  it("are fifty at most of one address, which leaves room for the others", async () => {
    const sockets = Array.from({ length: 60 }, () => connect(port, "127.0.0.1"));
    let closed = 0;
    for (const socket of sockets) socket.on("error", () => undefined).once("close", () => (closed += 1));
    await until("ten were hung up on", () => closed === 10);
    const other = request({ host: "::1", port, path: "/open" }).end();
    const [response] = (await once(other, "response")) as [IncomingMessage];
    expect(response.resume().statusCode).toBe(200);
    for (const socket of sockets) socket.destroy();
    await until("there is room again", () =>
      ask("/open").then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
    expect(closed).toBe(60);
  });
});

describe("where it listens", () => {
  const listen = (host: string | null, at: number) => createHttpServer({ host, port: at, log: silentLog });

  it("is one address, if one is named", async () => {
    const here = listen("127.0.0.1", 0);
    const at = await here.start();
    const [error] = (await once(connect(at, "::1"), "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNREFUSED");
    await here.stop();
  });

  it("is told in words, if it may not", async () => {
    await expect(listen(null, port).start()).rejects.toMatchObject({
      name: "ConfigError",
      problems: [`HTTP_PORT: another program listens on port ${port}: end it, or choose another port.`],
    });
    await expect(listen("192.0.2.1", 0).start()).rejects.toMatchObject({
      problems: ["HTTP_HOST: 192.0.2.1 is not an address of this machine."],
    });
  });
});

describe("a page for those who run us", () => {
  it("is open on this machine where there is no token", async () => {
    expect(await ask("/here")).toMatchObject({ status: 200, body: "here\n" });
    expect(await ask("/here", { host: "localhost" })).toMatchObject({ status: 200 });
  });

  it("asks for the token on this machine as well: a proxy here need not say that it hands on", async () => {
    expect(await ask("/inner")).toMatchObject({ status: 401, body: "" });
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect(await ask("/inner", { headers })).toMatchObject({ status: 200, body: "inside\n" });
  });

  it.each([
    ["a proxy on this machine handed on", { "x-forwarded-for": "127.0.0.1" }],
    ["another one did", { forwarded: "for=127.0.0.1" }],
    ["a third one did", { via: "1.1 proxy" }],
    ["a foreign page made", { host: "valvomo.example" }],
  ])("is closed to what %s, unless it has the token", async (_, headers) => {
    const closed = await ask("/inner", { headers });
    expect(closed).toMatchObject({ status: 401, body: "", headers: { "www-authenticate": "Bearer" } });
    expect(await ask("/here", { headers })).toMatchObject({ status: 401 });
    const bearer = (token: string) => ask("/inner", { headers: { ...headers, authorization: `Bearer ${token}` } });
    expect(await bearer(TOKEN)).toMatchObject({ status: 200, body: "inside\n" });
    for (const wrong of [`${TOKEN}0`, TOKEN.slice(1), "", "ü"])
      expect(await bearer(wrong)).toMatchObject({ status: 401 });
    expect(await ask("/inner", { headers: { ...headers, authorization: `Basic ${TOKEN}` } })).toMatchObject({
      status: 401,
    });
    expect(await ask("/here", { headers: { ...headers, authorization: "Bearer null" } })).toMatchObject({
      status: 401,
    });
  });
});
