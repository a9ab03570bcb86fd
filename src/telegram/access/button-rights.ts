import type { CallbackQuery } from "grammy/types";
import { ACT, DECIDE, LOOK, PLOT_COST, type Right } from "../../people/right.ts";

const plot: Right = { role: "viewer", cost: PLOT_COST };

/**
 * What each button asks of who presses it; a button's data begins with its kind. One that is not in this table works for nobody.
 */
export const BUTTON_RIGHTS: Readonly<Record<string, Right>> = {
  // Cards
  ack: ACT,
  unack: ACT,
  reset: ACT,
  worth: ACT,
  shelve: ACT,
  shelves: ACT,
  unshelve: ACT,
  card: ACT,
  close: ACT,
  reopen: ACT,
  why: plot,
  trend: plot,
  // Lists and boards
  alarms: LOOK,
  shelved: LOOK,
  board: LOOK,
  take: ACT,
  acks: ACT,
  closes: ACT,
  reopens: ACT,
  // Plots, and the dialogue that asks for one
  plot: LOOK,
  // Of presses that follow each other quickly, only the last is drawn.
  v: LOOK,
  vl: LOOK,
  vf: plot,
  vd: plot,
  vn: LOOK,
  vm: LOOK,
  // The way to ThingSpeak
  resend: { role: "admin" },
  columns: { role: "admin" },
  // Devices
  devices: LOOK,
  device: LOOK,
  live: LOOK,
  write: ACT,
  // Duty
  duty: ACT,
  handover: ACT,
  // The quality of alarms
  quality: LOOK,
  qualityfile: plot,
  whatif: plot,
  rule: { role: "admin" },
  ruleyes: { role: "admin" },
  ruleno: { role: "admin" },
  ruleback: { role: "admin" },
  // Help
  help: LOOK,
  // People and chats
  subscribe: LOOK,
  join: { role: "admin" },
  leave: { role: "viewer", roleInGroups: "admin" },
  people: DECIDE,
  person: DECIDE,
  role: DECIDE,
  forget: DECIDE,
};

/**
 * Kinds of which a press rewrites the message that it is below, each with those of which such a message has one. Anybody's client can
 * send any data as pressed below any message of ours, and a plot must not take the place of a card.
 */
const REWRITING: Readonly<Record<string, readonly string[]>> = {
  alarms: ["alarms"],
  shelved: ["shelved"],
  board: ["board"],
  acks: ["acks"],
  closes: ["closes"],
  reopens: ["reopens"],
  shelves: ["shelves"],
  v: ["v"],
  vl: ["v"],
  vm: ["v"],
  duty: ["duty"],
  handover: ["handover"],
  help: ["help"],
  quality: ["quality"],
  whatif: ["quality"],
  ruleyes: ["ruleyes"],
  ruleno: ["ruleyes"],
  ruleback: ["ruleback"],
  devices: ["devices"],
  live: ["live"],
  write: ["write"],
  subscribe: ["subscribe"],
  join: ["join"],
  leave: ["leave"],
  people: ["people", "role"],
  person: ["person"],
  role: ["role"],
  forget: ["forget"],
  resend: ["resend"],
  columns: ["columns"],
};

/** Whether there is such a button, and in such a message; another press may have changed what the others there lead to. */
export function isOurs({ data = "", message }: CallbackQuery): boolean {
  const kind = kindOf(data);
  if (rightOf(kind) === null) return false;
  const kin = REWRITING[kind];
  if (kin === undefined) return true;
  const keyboard = message && "reply_markup" in message ? (message.reply_markup?.inline_keyboard ?? []) : [];
  return keyboard.flat().some((button) => "callback_data" in button && kin.includes(kindOf(button.callback_data)));
}

/** The kind of a button, from its data. */
export const kindOf = (data: string): string => data.split(":", 1)[0] ?? "";

/** What a kind asks; `null`: there is no such kind. */
export const rightOf = (kind: string): Right | null =>
  Object.hasOwn(BUTTON_RIGHTS, kind) ? (BUTTON_RIGHTS[kind] ?? null) : null;
