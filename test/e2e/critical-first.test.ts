import { expect, it } from "vitest";
import { openScene, type Scene } from "../support/scene.ts";
import { ADMIN } from "../support/world.ts";

const HALL = -1_077;
const PEOPLE = Array.from({ length: 10 }, (_, i) => ({ id: 100 + i, firstName: `Operator ${i}` }));
const WARM = { id: "warm", message: "Coil warm", severity: "warning", state: "active" };
const HOT = { id: "hot", message: "Coil hot", severity: "critical", state: "active" };

/** Telegram's pace is kept to by the program, and asked for by the stand-in. */
const open = (): Promise<Scene> =>
  openScene({
    settings: { TELEGRAM_PACE: "on", TELEGRAM_ALARM_CHAT_IDS: `${ADMIN},${HALL}` },
    telegram: { limits: "on" },
    people: PEOPLE.map(({ id, firstName }) => ({ id, name: firstName, role: "operator" as const })),
    prepare: (telegram) =>
      telegram.addGroup({ id: HALL, title: "Hall 7", members: [...PEOPLE, { id: ADMIN, firstName: "Aino" }] }),
  });

/** Raises it as soon as a chat's pace is used up by so many answers; ms from then to its ring. */
async function ringsAfter(s: Scene, chatId: number, answers: number): Promise<number> {
  await s.telegram.waitFor(() => s.said(chatId).length >= answers, 10_000);
  const raisedAt = Date.now();
  await s.warn(HOT);
  const { sentAt } = await s.see(chatId, "Coil hot");
  expect(s.telegram.calls.filter(({ status }) => status === 429)).toEqual([]);
  return sentAt - raisedAt;
}

it("a critical alarm rings at once in a group in which ten operators have just pressed Why? and Shelve… each", async () => {
  const s = await open();
  await s.warn(WARM);
  const { messageId } = await s.see(HALL, "Coil warm");
  for (const { id: userId } of PEOPLE)
    for (const label of ["Why?", "Shelve…"]) s.telegram.press({ chatId: HALL, userId, messageId, label });
  expect(await ringsAfter(s, HALL, 4)).toBeLessThanOrEqual(5_000);
});

it("a critical alarm rings at once in a private chat in which somebody has just written 21 commands", async () => {
  const s = await open();
  for (let i = 0; i < 21; i++) s.say(ADMIN, "/alarms");
  expect(await ringsAfter(s, ADMIN, 4)).toBeLessThanOrEqual(5_000);
});
