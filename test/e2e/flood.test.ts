import { describe, expect, it } from "vitest";
import { HOT, labelsOf, openScene, type Scene, type Shown } from "../support/scene.ts";
import { ADMIN, GROUP, OTHER } from "../support/world.ts";

/** A group where the bot may pin. */
const HALL = -1_000_777;

const open = (floodRate: string): Promise<Scene> =>
  openScene({
    settings: { FLOOD_RATE: floodRate, TELEGRAM_ALARM_CHAT_IDS: String(HALL) },
    prepare: (telegram) =>
      telegram.addGroup({
        id: HALL,
        title: "Hall 7",
        isBotAdmin: true,
        members: [
          { id: ADMIN, firstName: "Aino" },
          { id: OTHER, firstName: "Boris" },
        ],
      }),
  });

const machine = (i: number, severity = i % 3 === 0 ? "error" : "warning") => ({
  ...HOT,
  id: `m${i}`,
  message: `Machine ${i} ${'is <hot> & "loud" '.repeat(20)}`,
  source: `Line ${i % 9}`,
  severity,
});

const numbersOn = ({ text }: Shown): number[] => [...text.matchAll(/\/alarm_(\d+)/g)].map(([, id]) => Number(id));

const isPinned = (s: Scene, { chatId, messageId }: Shown): Promise<unknown> =>
  s.telegram.waitFor(() => s.said(chatId).find((message) => message.messageId === messageId)?.isPinned, 10_000);

/** Turns page after page until there is no further one. */
async function readList(s: Scene, board: Shown): Promise<readonly Shown[]> {
  const pages: Shown[] = [];
  for (let from = 1, label = "List"; ; label = "▶") {
    await s.press(board, label, OTHER);
    const page = await s.seeIn(board, `${from}–`);
    pages.push(page);
    if (!labelsOf(page).includes("▶")) return pages;
    from += 8;
  }
}

describe("a flood", () => {
  it("is one board: first-out, counts, every alarm by paging; critical ones ring; I'm on it takes all that have no card", async () => {
    const s = await open("3/10m");
    for (let i = 1; i <= 30; i++) await s.warn(machine(i, i === 20 ? "critical" : undefined));
    await s.see(HALL, "🔴 CRITICAL");
    const board = await s.see(HALL, "30 alarms: 30 active, 0 came and went", 15_000);
    expect(board.isSilent).toBe(false);
    await isPinned(s, board);
    expect(board.text).toContain("🌊 Alarm flood since");
    expect(board.text).toContain("🔴 1 critical · 🟠 10 error · ⚠️ 19 warning");
    expect(board.text).toMatch(/Line \d 4 · .* · \+3 more sources/);
    expect(board.text).toMatch(/🥇 First: Line 1: Machine 1 /);
    expect(numbersOn(board)[0]).toBe(20);
    // Three cards, the board, the critical one: nobody was rung at thirty times.
    expect(s.said(HALL).length).toBeLessThanOrEqual(6);

    const pages = await readList(s, board);
    expect(new Set(pages.flatMap(numbersOn)).size).toBe(30);
    for (const { text } of [board, ...pages]) expect(text.length).toBeLessThanOrEqual(4_096);
    await s.press(board, "◀", OTHER);
    await s.seeIn(board, "17–24 of 30");
    await s.press(board, "Overview", OTHER);
    await s.seeIn(board, "30 alarms:");
    expect((await s.ask(HALL, "/why 30")).text).toContain("left it to the board, because there was a flood of alarms");

    const answer = await s.press(board, "I'm on it", OTHER);
    const [, done, left] =
      /^(\d+) acknowledged\. Still open: (\d+) with cards of their own\.$/.exec(answer ?? "") ?? [];
    expect(Number(done) + Number(left)).toBe(30);
    const taken = await s.seeIn(board, "👤 Boris");
    expect(labelsOf(taken)).toEqual(["List"]);
    // It rang by itself, and is acknowledged on its card.
    expect((await s.ask(HALL, "/alarm 20")).text).not.toContain("acknowledged by Boris");
    expect((await s.ask(HALL, "/alarm 7")).text).toContain("acknowledged by Boris");
    // An alarm of a board that gets critical rings by itself, and its card is in order.
    await s.warn(machine(5, "critical"));
    const worse = await s.see(HALL, "Machine 5 ");
    expect(worse.isSilent).toBe(false);
    expect(labelsOf(worse)).toContain("Acknowledge");
  });
});

it("without a right to pin, and in a chat of its own pace, the others are as ever", async () => {
  const s = await openScene({ settings: { FLOOD_RATE: "3/10m" } });
  for (let i = 1; i <= 8; i++) await s.warn(machine(i));
  for (const chatId of [ADMIN, GROUP]) {
    const board = await s.see(chatId, "8 alarms: 8 active");
    if (chatId === ADMIN) await isPinned(s, board);
    expect(s.said(chatId).filter(({ text }) => text.includes("Alarm flood"))).toHaveLength(1);
  }
});
