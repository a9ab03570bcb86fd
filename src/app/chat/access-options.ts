import { z } from "zod";
import type { Api } from "grammy";
import type { Notifier } from "../../dispatch/notifier.ts";
import type { Recipients } from "../../dispatch/recipients.ts";
import type { Clock } from "../../lib/time/clock.ts";
import type { FormerClock } from "../../lib/time/former-clock.ts";
import type { Config } from "../../config/config.ts";
import type { Exchanges } from "../../duty/exchanges.ts";
import type { Handover } from "../../duty/handover.ts";
import type { Rota } from "../../duty/rota.ts";
import type { Dropped } from "../../health/dropped.ts";
import type { Logger } from "../../lib/log.ts";
import type { KeptBudgets } from "../../people/budget.ts";
import type { WrongCode } from "../../people/join-guard.ts";
import type { SecondFactor } from "../../people/second-factor.ts";
import type { Plants } from "../../plants/plants.ts";
import type { QualityReports } from "../../reports/quality-reports.ts";
import type { ReportStore } from "../../reports/report-store.ts";
import type { Audit } from "../../store/people/audit.ts";
import type { People } from "../../store/people/people.ts";
import type { Routes } from "../../store/people/routes.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Store } from "../../store/store.ts";
import type { Command } from "../../telegram/access/command.ts";

/** The budgets of an earlier run. */
export interface PastBudgets {
  readonly each: KeptBudgets;
  readonly inGroups: KeptBudgets;
}

/** Their name in the store. */
export const BUDGETS = "budgets";
export const NO_BUDGETS: PastBudgets = { each: [], inGroups: [] };

const keptForm = z.array(z.tuple([z.number(), z.number()]));
const pastForm = z.object({ each: keptForm, inGroups: keptForm });

/** The budgets that an earlier run kept. What is not understood is nothing to hold against anybody: all are full. */
export function pastBudgetsOf(kept: unknown, { ends }: Pick<FormerClock, "ends">): PastBudgets {
  const { each, inGroups } = pastForm.safeParse(kept).data ?? NO_BUDGETS;
  const present = (budgets: KeptBudgets): KeptBudgets => budgets.map(([userId, fullAt]) => [userId, ends(fullAt)]);
  return { each: present(each), inGroups: present(inGroups) };
}

/** What the gate, and all that stands around it, is made from. */
export interface ChatAccessOptions {
  readonly config: Config;
  readonly people: People;
  readonly audit: Audit;
  /** The wrong codes of the last hour. */
  readonly wrongCodes: readonly WrongCode[];
  readonly secondFactor: SecondFactor;
  readonly past: PastBudgets;
  readonly plants: Plants;
  readonly duty: Rota;
  readonly exchanges: Exchanges;
  readonly handover: Handover;
  readonly routes: Routes;
  readonly store: Store;
  readonly engine: Engine;
  readonly recipients: Recipients;
  readonly notifier: Notifier;
  readonly reportStore: ReportStore;
  readonly quality: Pick<QualityReports, "isKept">;
  readonly api: Api;
  /** All commands, also these. */
  readonly allCommands: () => readonly Command[];
  /** Ends what goes on by itself in a chat. */
  readonly stopIn: (chatId: number) => void;
  /** Cards of these chats may be out of date. */
  readonly onChange: (chatIds: readonly number[]) => void;
  readonly dropped: Pick<Dropped, "add">;
  readonly clock: Clock;
  readonly log: Logger;
}
