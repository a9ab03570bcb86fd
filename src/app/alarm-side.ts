import { acknowledgersOf, type Route } from "../alarms/cards/route.ts";
import type { AlarmRules } from "../alarms/lifecycle/escalation-plan.ts";
import { PACE, readKeptPace } from "../pace/kept-pace.ts";
import { createPace, type Pace } from "../pace/pace.ts";
import { openDutySide, type DutySide } from "./duty-side.ts";
import { createEngine, type Engine } from "../engine/engine.ts";
import type { FormerClock } from "../lib/time/former-clock.ts";
import { readClockHistory, type ClockHistory } from "../store/keeping.ts";
import { openStore, type Store } from "../store/store.ts";
import type { Part } from "../lib/time/teardown.ts";
import { openAudit, type Audit } from "../store/people/audit.ts";
import { openPeople, type People } from "../store/people/people.ts";
import { openRoutes, type Routes } from "../store/people/routes.ts";
import { createComeback } from "../telegram/api/comeback.ts";
import { createApiHealth, type ApiHealth } from "../telegram/api/api-health.ts";
import { Notifier } from "../dispatch/notifier.ts";
import { Recipients } from "../dispatch/recipients.ts";
import type { Ground } from "./ground.ts";
import { createScheduler, type Scheduler } from "../engine/scheduler.ts";

/** What every call to Telegram goes through. */
interface TelegramLine {
  readonly pace: Pace;
  readonly apiHealth: ApiHealth;
  readonly comeback: Part;
}

/** Alarms, those who are told of them, and the link over which they are. */
export interface AlarmSide extends TelegramLine, ClockHistory, DutySide {
  readonly store: Store;
  readonly engine: Engine;
  /** By what events, people and time change alarms. */
  readonly rules: AlarmRules;
  /** The routes of the plants file, and of the chats. */
  readonly allRoutes: () => readonly Route[];
  readonly people: People;
  readonly audit: Audit;
  readonly routes: Routes;
  readonly scheduler: Scheduler;
  readonly recipients: Recipients;
  readonly notifier: Notifier;
  /** Says that cards of these chats may be out of date. */
  readonly wake: (chatIds: readonly number[]) => void;
  /** Whether anything is shown in a chat: it gets alarms, or its person, whose id a private chat has, has a role. */
  readonly isServed: (chatId: number) => boolean;
}

/** Opens the store of alarms and builds what stands around it. */
export async function openAlarmSide(ground: Ground): Promise<AlarmSide> {
  const { config, later, database, teardown, clock, log } = ground;
  const { now } = clock;
  const store = await openStore(database, { timeZone: config.timeZone, now });
  const clockHistory = await readClockHistory(database, now);
  const { formerClock } = clockHistory;
  // Before any number is given out.
  await ground.olderCopy.check();
  teardown.add("what numbers were given out", ground.olderCopy.save);
  const people = await openPeople(database, { ...config.telegram, now });
  const routes = await openRoutes(database, (route, problem) =>
    log.warn({ route, problem }, "a route was not understood"),
  );
  const dutySide = await openDutySide(ground, store, people);
  const { duty } = dutySide;
  const rules = rulesOf(ground, duty);
  const allRoutes = (): readonly Route[] => [...duty.routes(), ...routes.list()];
  const recipients = new Recipients({
    adminIds: people.admins,
    isRemoved: people.isRemoved,
    alarmChatIds: () => [...config.telegram.alarmChatIds, ...store.chats.joined()],
    routes: allRoutes,
    escalations: () => duty.escalations(),
    rota: duty.people,
    drilled: (alarm) => later.get("broker").drill.destinationsOf(alarm),
    currentId: store.chats.currentId,
  });
  const engine = createEngine(store, {
    rules,
    destinationsOf: (alarm) => recipients.destinationsOf(alarm),
    onDuty: duty.onDuty,
    acknowledgersOf: (alarm) => acknowledgersOf(alarm, allRoutes(), duty.escalations()),
    answers: { suffix: config.ackSuffix },
    now,
  });
  const wake = (chatIds: readonly number[]): void => later.get("dispatcher").wake(chatIds);
  const onEnded = (chatId: number): void => later.get("dispatcher").forget(chatId);
  const notifier = new Notifier({ recipients, engine, store, wake, onEnded, now, log });
  later.built("notifier", notifier);
  return {
    store,
    ...clockHistory,
    engine,
    rules,
    allRoutes,
    ...dutySide,
    people,
    audit: openAudit(database, now),
    routes,
    ...(await openLink(ground, store, formerClock)),
    scheduler: createScheduler({ engine, store, rules, secondPath: config.secondPath, wake, clock, formerClock }),
    recipients,
    notifier,
    wake,
    isServed: (chatId) => people.roleOf(chatId) !== null || recipients.chatIds().includes(chatId),
  };
}

/** By what alarms are decided, as it is at each look. */
const rulesOf = ({ config, plants }: Ground, duty: DutySide["duty"]): AlarmRules => ({
  ...config.alarms,
  get escalations() {
    return duty.escalations();
  },
  get single() {
    return plants.alarms;
  },
});

/** Opens what every call to Telegram goes through, with what the last run knew of its pace. */
async function openLink(
  { config, lease, meters, later, clock, log }: Ground,
  { keyValue }: Pick<Store, "keyValue">,
  formerClock: FormerClock,
): Promise<TelegramLine> {
  const past = readKeptPace(await keyValue.read(PACE), formerClock);
  const pace = createPace({ isOn: config.telegram.pace, past, clock });
  const comeback = createComeback({
    probe: (signal) => later.get("chat").probe(signal),
    onBack() {
      apiHealth.pollAnew();
      const telling = later.get("dispatcher").back();
      telling.catch((error: unknown) => log.error({ err: error }, "could not end the waits for Telegram"));
    },
    clock,
  });
  const apiHealth = createApiHealth({ clock, pace, comeback, mayAct: lease.isHeld, onCall: meters.called, log });
  return { pace, apiHealth, comeback };
}
