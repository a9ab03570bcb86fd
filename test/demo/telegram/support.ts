import { crc32, deflateSync } from "node:zlib";
import { Api, GrammyError } from "grammy";
import { onTestFinished } from "vitest";
import { startTelegram, type Telegram, type TelegramOptions } from "../../../src/demo/telegram/server.ts";
import { clientOf } from "../../../src/telegram/api/client.ts";
import { outgoing } from "../../support/outgoing.ts";

export const token = "123456:test-token";
export const annaId = 1001;
export const groupId = -5001;

/** A stand-in with Anna's private chat and a group, and an API client on its socket; stopped at the end of the test. */
export async function setUp(options: Partial<TelegramOptions> = {}): Promise<{ telegram: Telegram; api: Api }> {
  const telegram = await startTelegram({ token, ...options });
  onTestFinished(() => telegram.stop());
  telegram.addPrivateChat({ id: annaId, firstName: "Anna" });
  telegram.addGroup({
    id: groupId,
    title: "AMB alarms",
    members: [
      { id: annaId, firstName: "Anna" },
      { id: 1002, firstName: "Ben" },
    ],
  });
  return { telegram, api: new Api(token, clientOf(telegram.url, outgoing)) };
}

/** What Telegram says to a call that it refuses. @throws {Error} when it does not refuse it. */
export async function refusal(call: Promise<unknown>): Promise<GrammyError> {
  const outcome = await call.then(
    () => new Error("The call was not refused"),
    (error: unknown) => error,
  );
  if (outcome instanceof GrammyError) return outcome;
  throw outcome;
}

/** The words of a refusal. */
export async function refusedWith(call: Promise<unknown>): Promise<string> {
  return (await refusal(call)).description;
}

/** A grey PNG of this size. */
export function png(width: number, height: number): Uint8Array<ArrayBuffer> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0], 8);
  const rows = deflateSync(
    Buffer.alloc((width + 1) * height, 0x99).map((byte, at) => (at % (width + 1) === 0 ? 0 : byte)),
  );
  const signature = Buffer.from("89504e470d0a1a0a", "hex");
  const chunks = [chunk("IHDR", header), chunk("IDAT", rows), chunk("IEND", Buffer.alloc(0))];
  return new Uint8Array(Buffer.concat([signature, ...chunks]));
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const frame = Buffer.alloc(8 + body.length);
  frame.writeUInt32BE(data.length, 0);
  frame.set(body, 4);
  frame.writeUInt32BE(crc32(body), 4 + body.length);
  return frame;
}
