import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline, Readable } from "node:stream";
import { expect, it, onTestFinished } from "vitest";
import { openDutySide } from "../../src/app/duty-side.ts";
import { Notifier } from "../../src/dispatch/notifier.ts";
import { Recipients } from "../../src/dispatch/recipients.ts";
import { parsePlants } from "../../src/plants/parse-plants.ts";
import { openSqlite } from "../../src/store/sqlite/sqlite.ts";
import { silentLog } from "../support/log.ts";
import { outgoing } from "../support/outgoing.ts";
import { openStore } from "../support/store.ts";

const [ADMIN, ANNA] = [11, 21];
const HOUR = 3_600_000;
const GOOD = [
  "BEGIN:VCALENDAR",
  "VERSION:2.0",
  "BEGIN:VEVENT",
  "UID:1",
  "SUMMARY:On call: Anna",
  "DTSTART:20261101T000000Z",
  "DTEND:20261201T000000Z",
  "END:VEVENT",
  "END:VCALENDAR",
  "",
].join("\r\n");
/** A long answer in pieces of a hundred thousand letters, and how many of them were taken. */
const PIECES = 500;
let taken = 0;
function* pieces(): Generator<Buffer> {
  for (taken = 0; taken < PIECES; taken++) yield Buffer.alloc(100_000, "x");
}

/** An address that answers as is said. */
async function serve() {
  const served: { answer: RequestListener } = { answer: (_, to) => to.end(GOOD) };
  const server = createServer((from, to) => served.answer(from, to));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { served, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret/rota.ics` };
}

it("a calendar that cannot be used is an alarm for the admins, which says why; what it said before stays in force until it is right again", async () => {
  const { served, url } = await serve();
  let now = Date.UTC(2026, 10, 2);
  const store = await openStore(openSqlite(":memory:"), {
    destinationsOf: (alarm) => recipients.destinationsOf(alarm),
    now: () => now,
  });
  onTestFinished(() => store.close());
  const plants = parsePlants(
    `chats: { anna: ${ANNA} }\nroutes: [{ to: duty }]\nduty: { calendar: "${url}" }`,
    "p.yaml",
  );
  const nobody = { isRemoved: () => false };
  const ground = { config: { outgoing, timeZone: "UTC" }, plants, clock: { now: () => now }, log: silentLog };
  const { duty, calendar } = await openDutySide(ground, store, nobody);
  const recipients = new Recipients({
    alarmChatIds: () => [],
    adminIds: () => [ADMIN],
    ...nobody,
    routes: duty.routes,
    escalations: duty.escalations,
    rota: duty.people,
    drilled: () => null,
    currentId: (chatId) => chatId,
  });
  const unused = { wake: () => undefined, onEnded: () => undefined };
  const notifier = new Notifier({ recipients, engine: store, store, ...unused, now: () => now, log: silentLog });
  const alarms = async () => (await store.alarms.listActive({ offset: 0, limit: 9 })).alarms;
  const look = async (answer: RequestListener) => {
    served.answer = answer;
    now += HOUR;
    await calendar.look(notifier.tell);
    return alarms();
  };

  expect(await look((_, to) => to.writeHead(404).end("not here"))).toMatchObject([
    { message: expect.stringMatching(/127\.0\.0\.1:\d+: it answered 404\. Nobody is on duty by it/) },
  ]);
  expect([duty.current(), await look((_, to) => to.end(GOOD)), duty.current()?.who.chatId]).toEqual([null, [], ANNA]);
  const faults: readonly (readonly [RequestListener, string])[] = [
    [(_, to) => to.end("<html>Please sign in</html>"), "cannot be read as a calendar"],
    [(_, to) => to.end(), "it is no calendar"],
    [(_, to) => to.writeHead(302, { location: "https://elsewhere.example/" }).end(), "it answered 302"],
    [(_, to) => pipeline(Readable.from(pieces()), to, () => undefined), "it is larger than 1 MB"],
    [(_, to) => to.writeHead(200, { "content-length": 9_999 }).write(GOOD, () => to.destroy()), "aborted"],
  ];
  for (const [answer, why] of faults) {
    const [alarm, ...others] = await look(answer);
    expect([alarm?.message, others]).toEqual([expect.stringContaining(why), []]);
    expect(alarm?.message).toContain("What it said before stays in force");
    // An address may hold a secret.
    expect(alarm?.message).not.toContain("secret");
    expect(alarm && recipients.destinationsOf(alarm).map(({ chatId }) => chatId)).toEqual([ADMIN]);
    expect(duty.current()?.who.chatId).toBe(ANNA);
  }
  // What is far too large is not taken to its end.
  expect(taken).toBeGreaterThan(9);
  expect(taken).toBeLessThan(PIECES / 2);
  expect(await look((_, to) => to.end(GOOD))).toEqual([]);
});
