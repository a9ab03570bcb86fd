import type { Card } from "../../src/alarms/card.ts";
import type { Decision, Gathering } from "../../src/alarms/cards/decide.ts";
import { newCard } from "../../src/alarms/cards/due.ts";
import { advance } from "../../src/alarms/lifecycle/lifecycle.ts";
import type { Alarm, Severity } from "../../src/alarms/types.ts";
import type { Task } from "../../src/dispatch/after-call.ts";
import type { PendingCard } from "../../src/store/alarms/pending.ts";
import { eventOf, NOW } from "../support/alarms.ts";
import { RULES } from "../support/rules.ts";

/** The chat that all cards here are of. */
export const CHAT = 7;

interface About {
  readonly alarmId?: number;
  readonly severity?: Severity;
  readonly receivedAt?: number;
  readonly since?: number;
  readonly attempts?: number;
  readonly card?: Partial<Card>;
}

/** An alarm after its first event; its version is 1. */
function alarmOf({ alarmId = 1, severity = "error", receivedAt = NOW }: About = {}): Alarm {
  const alarm = advance(null, eventOf({ id: "a", severity, state: "active" }, { at: receivedAt }), alarmId, RULES);
  if (!alarm) throw new Error("no event");
  return alarm;
}

/** A card that waits: that of a new alarm, unless a test says otherwise. */
export const pendingOf = (about: About = {}): PendingCard => {
  const alarm = alarmOf(about);
  const { since = NOW, attempts = 0, card } = about;
  const fresh = newCard(alarm.id, { chatId: CHAT, threadId: null }, "first");
  return { alarm, card: { ...fresh, ...card }, attempts, since, rank: 1 };
};

/** What is to be done about it. */
export const taskOf = (
  decision: Decision,
  { gathering = null, ...about }: About & { readonly gathering?: Gathering | null } = {},
): Task => ({ pending: pendingOf(about), decision, gathering });
