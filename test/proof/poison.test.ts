import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasMosquitto } from "../support/mosquitto.ts";
import { createProof, type Proof } from "../support/proof.ts";
import { TOPIC } from "../support/alarms.ts";
import { ADMIN } from "../support/world.ts";

/** What no chat may get: controls but line breaks, halves of a character, and what turns the direction of the text. */
const UNSAFE = /[^\P{C}\n]/u;
/** Telegram's limit. */
const MAX_LENGTH = 4_096;
const ON_TIME_MS = 5_000;

const hundredKilobytes = "Pump 9 leaks. ".padEnd(100_000, "x");

/** One message that no plant should send, and what its card has to show. */
const POISONS: readonly { kind: string; payload: string | Uint8Array; shows: string }[] = [
  {
    kind: "bad markup",
    payload: "<b>Hot & <i>bad</b> </u> <script>alert(1)</script> &#0;",
    shows: "<b>Hot & <i>bad</b> </u>",
  },
  {
    kind: "bad markup in JSON",
    payload: '{"message":"</b><a href=\\"x","source":"<code>","unit":"<"}',
    shows: '</b><a href="x',
  },
  { kind: "100 kB of text", payload: hundredKilobytes, shows: "Pump 9 leaks." },
  { kind: "100 kB in JSON", payload: JSON.stringify({ message: hundredKilobytes }), shows: "Pump 9 leaks." },
  { kind: "60 kB of markup", payload: "<b>&amp;".repeat(7_500), shows: "<b>&amp;<b>" },
  // Behind the first NUL stands what an older text left in the buffer.
  { kind: "NUL", payload: "Valve 4 stuck\0 in hall\0", shows: "Valve 4 stuck\n" },
  {
    kind: "NUL in JSON",
    payload: '{"message":"Valve\\u0000 5 stuck","source":"\\u0000","id":"\\u0000"}',
    shows: "Valve  5 stuck",
  },
  {
    kind: "lone surrogates",
    payload: '{"message":"Half \\ud800 of \\udc00 a sign","source":"\\udfff","id":"\\ud83d"}',
    shows: "Half \uFFFD of \uFFFD a sign",
  },
  { kind: "JSON of nothing", payload: "{}", shows: "{}" },
  { kind: "an empty message", payload: '{"message":""}', shows: '{"message":""}' },
  {
    kind: "RTL overrides",
    payload: "Level \u202Ehgih\u202C \u2066ok\u2069 \u200Fhere",
    shows: "Level  hgih   ok   here",
  },
  { kind: "no UTF-8", payload: Buffer.from([0x50, 0x31, 0xff, 0xfe, 0xc0, 0x80]), shows: "P1ÿþÀ€" },
];

describe.skipIf(!hasMosquitto)("poison in the middle of 100", () => {
  let proof: Proof;
  beforeAll(async () => {
    proof = await createProof();
    await proof.start();
  });
  afterAll(() => proof?.remove());

  it.each(POISONS)("$kind: the other 99 are on time, and it is shown safely", async ({ kind, payload, shows }) => {
    const { telegram, warn } = proof;
    const before = telegram.messages(ADMIN).length;
    const shown = () => proof.cards().filter(({ messageId }) => messageId > before);
    const publishedAt = Date.now();
    const good = (i: number) => warn({ id: `${kind} ${i}`, message: `Machine ${i} stopped beside ${kind}.` });
    await Promise.all(Array.from({ length: 100 }, (_, i) => (i === 50 ? warn(payload, `${TOPIC}/poison`) : good(i))));
    await telegram.waitFor(() => shown().length === 100);
    const isGood = (text: string) => text.includes(`beside ${kind}.`);
    const machines = shown().filter(({ text }) => isGood(text));
    expect(new Set(machines.map(({ text }) => /Machine \d+/.exec(text)?.[0])).size).toBe(99);
    for (const { sentAt } of machines) expect(sentAt - publishedAt).toBeLessThan(ON_TIME_MS);

    const poison = shown().find(({ text }) => !isGood(text));
    expect(poison?.text).toContain(shows);
    expect(poison?.text.length).toBeLessThanOrEqual(MAX_LENGTH);
    expect(UNSAFE.exec(poison?.text ?? "")).toBeNull();
  });
});
