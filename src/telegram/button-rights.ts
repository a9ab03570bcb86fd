import { PLOT_COST, type Right } from "../people/right.ts";

const look: Right = { role: "viewer" };
const plot: Right = { role: "viewer", cost: PLOT_COST };
const act: Right = { role: "operator" };
const decide: Right = { role: "admin", isPrivate: true };

/**
 * What each button asks of who presses it; a button's data begins with its kind. One that is not in this table works for nobody.
 */
export const BUTTON_RIGHTS: Readonly<Record<string, Right>> = {
  // Cards
  ack: act,
  shelve: act,
  unshelve: act,
  card: act,
  why: look,
  trend: plot,
  // Lists and boards
  alarms: look,
  shelved: look,
  board: look,
  take: act,
  // Plots, and the dialogue that asks for one
  plot: look,
  v: plot,
  vl: plot,
  vf: plot,
  // People and chats
  subscribe: look,
  join: { role: "admin" },
  people: decide,
  person: decide,
  role: decide,
  forget: decide,
};

/** The kind of a button, from its data. */
export const kindOf = (data: string): string => data.split(":", 1)[0] ?? "";

/** What a kind asks; `null`: there is no such kind. */
export const rightOf = (kind: string): Right | null =>
  Object.hasOwn(BUTTON_RIGHTS, kind) ? (BUTTON_RIGHTS[kind] ?? null) : null;
