import { afterEach, expect, it } from "vitest";
import { createHttpServer, type HttpServer } from "../src/http.ts";

let server: HttpServer;
afterEach(() => server.stop());

async function ask(isHealthy: () => Promise<boolean>, path = "/healthz", method = "GET"): Promise<[number, string]> {
  server = createHttpServer({ port: 0, isHealthy });
  const port = await server.start();
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
  return [response.status, await response.text()];
}

it("says up", async () => expect(await ask(async () => true)).toEqual([200, "up\n"]));
it("says down", async () => expect(await ask(async () => false)).toEqual([503, "down\n"]));
it("says down when it cannot know", async () => {
  expect(await ask(() => Promise.reject(new Error("disk")))).toEqual([503, "down\n"]);
});
it("says nothing else", async () => expect(await ask(async () => true, "/")).toEqual([404, ""]));
it("takes GET only", async () => expect(await ask(async () => true, "/healthz", "POST")).toEqual([404, ""]));
