import { expect, it } from "vitest";
import type { RegisteredPerson } from "../../../src/store/people/person-table.ts";
import {
  lastPage,
  peopleButtons,
  peopleView,
  personButtons,
  personView,
} from "../../../src/telegram/people/people-views.ts";
import { actorOf } from "../../../src/telegram/access/person.ts";

const NOW = Date.UTC(2026, 10, 24);
const memberOf = (id: number, name: string): RegisteredPerson => ({
  id,
  userId: 1_000 + id,
  name,
  role: id === 1 ? "admin" : "operator",
  joinedAt: NOW - 1_000,
  lastSeenAt: NOW - id * 60_000,
});
const nobody = (): boolean => false;
const isFixed = ({ id }: RegisteredPerson): boolean => id === 1;
const labels = (rows: ReturnType<typeof peopleButtons>): string[] => rows.flat().map(({ text }) => text);

it("a hundred people are shown page by page, each line with its button", () => {
  const members = Array.from({ length: 100 }, (_, i) => memberOf(i + 1, `Person ${i + 1}`));
  const first = peopleView({ members, never: [77], offset: 0 }, isFixed, NOW).html.split("\n");
  expect(first).toHaveLength(10);
  expect(first[0]).toBe("<b>People</b> 1–8 of 100. /invite brings more.");
  expect(first[1]).toBe("<b>1</b> Person 1 · admin (by TELEGRAM_ADMIN_IDS) · seen 1 min ago");
  expect(first[9]).toBe("Admins by TELEGRAM_ADMIN_IDS who never wrote to me: 77");
  expect(labels(peopleButtons(members, isFixed, 0))).toEqual([
    ...Array.from({ length: 7 }, (_, i) => `${i + 2} Person ${i + 2}`),
    "▶",
  ]);
  expect(lastPage(members)).toBe(96);
  expect(labels(peopleButtons(members, isFixed, 96))).toEqual([
    "97 Person 97",
    "98 Person 98",
    "99 Person 99",
    "100 Person 100",
    "◀",
  ]);
  expect([lastPage([]), lastPage(members.slice(0, 8)), lastPage(members.slice(0, 9))]).toEqual([0, 0, 8]);
});

it("any name that Telegram lets through is shown as harmless text, within Telegram's limits", () => {
  const names = ["\u202eevil", "<b>x</b>&", "\n\nAino: done", "🙂".repeat(2_048), "", "a\u0000b", "\ud800"].map(
    (first_name) =>
      actorOf({ from: { id: 9, is_bot: false, first_name }, chatId: 1, update: { update_id: 1 } } as never).name,
  );
  expect(names.filter((name) => name.length > 70 || !name.isWellFormed() || name === "")).toEqual([]);
  const members = names.map((name, i) => memberOf(i + 1, name));
  const { html } = peopleView({ members, never: [], offset: 0 }, nobody, NOW);
  for (const harm of ["\u202e", "<b>x", "\u0000"]) expect(html).not.toContain(harm);
  expect(html.length).toBeLessThan(4_096);
  for (const member of members) {
    expect(personView(member, "UTC").html.length).toBeLessThan(1_024);
    for (const button of personButtons(member).flat())
      expect(Buffer.byteLength("callback_data" in button ? button.callback_data : "")).toBeLessThanOrEqual(64);
  }
});
