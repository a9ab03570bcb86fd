import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Api, InputFile } from "grammy";
import { expect, it, onTestFinished } from "vitest";
import { startTelegram } from "../../../src/demo/telegram/server.ts";
import { clientOf } from "../../../src/telegram/api/client.ts";
import { outcomeOf } from "../../../src/telegram/api/failure.ts";
import { outgoing } from "../../support/outgoing.ts";

const TOKEN = "417:token-of-the-stand-in";

async function open(deadlines: Parameters<typeof clientOf>[2]) {
  const telegram = await startTelegram({ token: TOKEN });
  onTestFinished(() => telegram.stop());
  telegram.addPrivateChat({ id: 7, firstName: "Aino" });
  return { telegram, api: new Api(TOKEN, clientOf(telegram.url, outgoing, deadlines)) };
}
const NO_ANSWER = { kind: "unavailable", detail: "no answer in time" };
const outcome = (call: Promise<unknown>) => call.then(() => null).catch((error: unknown) => outcomeOf(error, null));

it("a call that is not answered is given up after its time, a poll and a picture after theirs", async () => {
  const { telegram, api } = await open({ callMs: 50, pollMs: 60_000, uploadMs: 60_000 });
  telegram.fault({ method: "*", failure: "hang", times: 2 });
  expect(await outcome(api.sendMessage(7, "words"))).toEqual(NO_ANSWER);
  expect(await outcome(api.getMe())).toEqual(NO_ANSWER);
  // Telegram answers a poll when there is something, or after this long.
  expect(await api.getUpdates({ timeout: 1 })).toEqual([]);
  const file = { raw: new Promise<Uint8Array>((resolve) => void setTimeout(resolve, 300, Buffer.from("file"))) };
  const slowly = async function* () {
    yield await file.raw;
  };
  expect((await api.sendDocument(7, new InputFile(slowly(), "slow.csv"))).document.file_name).toBe("slow.csv");
  const hasty = await open({ callMs: 60_000, pollMs: 50, uploadMs: 50 });
  hasty.telegram.fault({ method: "*", failure: "hang", times: Infinity });
  expect(await outcome(hasty.api.getUpdates({ timeout: 1 }))).toEqual(NO_ANSWER);
  expect(await outcome(hasty.api.sendDocument(7, new InputFile(Buffer.from("file"), "a.csv")))).toEqual(NO_ANSWER);
});

it("an answer that stops in its middle is given up after the same time", async () => {
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "application/json" }).write('{"ok":');
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    await server[Symbol.asyncDispose]();
  });
  const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const api = new Api(TOKEN, clientOf(root, outgoing, { callMs: 100, pollMs: 60_000, uploadMs: 60_000 }));
  expect(await outcome(api.sendMessage(7, "words"))).toEqual(NO_ANSWER);
});

it("a call that is taken back ends at once", async () => {
  const { telegram, api } = await open({ callMs: 60_000, pollMs: 60_000, uploadMs: 60_000 });
  telegram.fault({ method: "*", failure: "hang", times: Infinity });
  const stop = new AbortController();
  const call = api.getMe(stop.signal as Parameters<Api["getMe"]>[0]);
  await telegram.waitFor(() => telegram.calls.length === 1, 5_000);
  stop.abort();
  await expect(call).rejects.toThrow("getMe");
});
