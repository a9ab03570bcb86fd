import { expect, it } from "vitest";
import { acknowledge } from "../../../src/alarms/lifecycle/handling.ts";
import { advance } from "../../../src/alarms/lifecycle/lifecycle.ts";
import { whichScreen } from "../../../src/telegram/cards/closing-views.ts";
import { toPlain } from "../../../src/telegram/api/render.ts";
import { eventOf, NOW } from "../../support/alarms.ts";
import { RULES } from "../../support/rules.ts";

it("names on buttons what the message has room to show, and nothing else", () => {
  const by = { userId: 11, name: "N".repeat(128), chatId: 11 };
  const alarms = Array.from({ length: 8 }, (_, i) => {
    const event = eventOf(`ERROR: ${"&".repeat(400)} ${String.fromCharCode(65 + i)}`, {
      topic: `a/${"t".repeat(300)}`,
    });
    return acknowledge(advance(null, event, 1_000 + i, RULES), by, NOW);
  });
  const where = { offset: 0, reason: "repaired", moment: { timeZone: "Europe/Helsinki", now: NOW } } as const;
  const { text, keyboard } = whichScreen(alarms, where);
  expect(toPlain(text).length).toBeLessThanOrEqual(4_096);
  const shown = [...toPlain(text).matchAll(/\/alarm_(\d+)/g)].map(([, id]) => `Close #${id}`);
  const named = keyboard
    .flat()
    .map((button) => button.text)
    .filter((label) => label.startsWith("Close #"));
  expect(named).toEqual(shown);
  expect(shown.length).toBeGreaterThan(4);
  expect(keyboard.flat().every((button) => !("callback_data" in button) || button.callback_data.length <= 64)).toBe(
    true,
  );
});
