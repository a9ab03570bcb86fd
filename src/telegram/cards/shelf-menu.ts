import { isLatched } from "../../alarms/lifecycle/handling.ts";
import { isForAdmins } from "../../alarms/payloads/own.ts";
import type { Alarm } from "../../alarms/types.ts";
import { seenOf } from "../access/card-buttons.ts";
import { backButton, type CardMenu } from "./card-menus.ts";
import type { ShelfChoice } from "./shelf-end.ts";

/** What opens below a card that is to be shelved. */

const LABELS: Readonly<Record<ShelfChoice, string>> = {
  "30m": "30 min",
  "4h": "4 h",
  clears: "Until it clears",
  shift: "Until the shift ends",
};

/** For how long? */
export const choiceMenu: CardMenu = (alarm) => {
  if (notShelvable(alarm) !== null || alarm.handling.shelf !== null) return null;
  const button = (choice: ShelfChoice) => ({
    text: LABELS[choice],
    callback_data: `shelve:${seenOf(alarm)}:${choice}`,
  });
  return [
    [button("30m"), button("4h")],
    [...(canEnd(alarm, { untilAt: null }) ? [button("clears")] : []), button("shift")],
    [backButton(alarm)],
  ];
};

/** What never says that it is over, or has said so and is held, would be silent for ever. */
export const canEnd = (alarm: Alarm, { untilAt }: { readonly untilAt: number | null }): boolean =>
  untilAt !== null || (alarm.isClearedByPlant && !isLatched(alarm));

/** ISA-18.2 wants an end; longer than a week is no shelving, but a broken sensor. */
const MAX_MS = 7 * 24 * 3_600_000;

/** What is said of an end that is not. */
export const NOT_IN_TIME = "that time is over, or more than a week away";

/** Whether an alarm may be silent until then. */
export const isInTime = (untilAt: number | null, now: number): boolean =>
  untilAt === null || (untilAt > now && untilAt <= now + MAX_MS);

/** Why nobody can put an alarm aside; `null`: somebody can. */
export function notShelvable(alarm: Alarm): string | null {
  if (isForAdmins(alarm)) return `#${alarm.id} is for admins: what they must know cannot be shelved.`;
  return alarm.state === "active" ? null : `#${alarm.id} is over: there is nothing to shelve.`;
}

/** Really, what is critical? In the place of the choice: yes, or back to the card. */
export const yesMenu =
  (choice: ShelfChoice): CardMenu =>
  (alarm) => [
    [
      {
        text: `Yes, silence it: ${LABELS[choice].toLowerCase()}`,
        callback_data: `shelve:${seenOf(alarm)}:${choice}:yes`,
      },
    ],
    [{ ...backButton(alarm), text: "No" }],
  ];
