import type { Route } from "../alarms/cards/route.ts";
import type { Escalation, Escalations } from "../alarms/lifecycle/escalation-plan.ts";
import type { Destination } from "../alarms/types.ts";

/** In the place of a chat: whoever is on duty at that moment. */
export const ON_DUTY = { isOnDuty: true, name: "duty" } as const;

/** Whom the plants file can name. */
export type Addressee = Destination | typeof ON_DUTY;

/** Stands where somebody on duty would, while nobody is: no chat has this id, and the admins get what was for it. */
export const UNMANNED: Destination = { chatId: 0, threadId: null, name: "the admins, as nobody is on duty" };

/** A chat, and for `duty` the one who has it now. */
const named = (to: Addressee, onDuty: Destination): Destination => ("isOnDuty" in to ? onDuty : to);

/** Routes with the names of now. */
export const routesNow = (routes: readonly Route<Addressee>[], onDuty: Destination): readonly Route[] =>
  routes.map((route) => ({ ...route, to: route.to.map((to) => named(to, onDuty)) }));

/** Escalations with the names of now. An alarm keeps whom it was passed on to: of those it is noted that they stand for the duty. */
export function escalationsNow(all: Escalations<Addressee>, onDuty: Destination): Escalations {
  const present = (plan: Escalation<Addressee>): Escalation => ({
    ...plan,
    steps: plan.steps.map(({ afterMs, to }) => ({ afterMs, to: named(to, { ...onDuty, isByDuty: true }) })),
  });
  const { info, warning, error, critical } = all;
  return { info: present(info), warning: present(warning), error: present(error), critical: present(critical) };
}
